// A room's files in one list. The scripts add the viewer, and saving where the browser can ask for a place.

import { connectDialogButtons } from "../dialogs/dialog_buttons.js";
import { handleFileClicks } from "../files/file_clicks.js";
import { targetsOf } from "../lib/dom.js";
import { showLocalTimes } from "../lib/local_times.js";

const targets = targetsOf(document);
showLocalTimes(document);
connectDialogButtons();
if (targets.files) handleFileClicks(targets.files, { targets });
