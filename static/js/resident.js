// Entry of the residents' pages.
import "./forms.js";
