// Entry of pages without menu: signing in and errors.
import "./forms.js";
