// Entry of the residents' pages. Modules look for their own marks on the page and talk through DOM events; live.js comes
// last, when everyone listens.
import "./forms.js";
import "./choices.js";
import "./requests.js";
import "./dialog.js";
import "./upload.js";
import "./sync.js";
import "./panels.js";
import "./case-state.js";
import "./chat.js";
import "./live.js";
