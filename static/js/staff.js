// Entry of the staff pages.
import "./forms.js";
