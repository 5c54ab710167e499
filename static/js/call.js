// Entry of the window of a call; live.js comes last, when everyone listens.
import "./forms.js";
import "./call-page.js";
import "./live.js";
