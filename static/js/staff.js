// Entry of the staff pages. Modules look for their own marks on the page and talk through DOM events; live.js comes last,
// when everyone listens.
import "./forms.js";
import "./requests.js";
import "./dialog.js";
import "./copy.js";
import "./sync.js";
import "./ticking.js";
import "./panels.js";
import "./queue.js";
import "./preview.js";
import "./picker.js";
import "./revoked.js";
import "./chat.js";
import "./keys.js";
import "./still-here.js";
import "./live.js";
