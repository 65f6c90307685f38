// A room's files in one list: the scripts add the viewer, and saving where the browser asks where to.

import { partsOf } from "../lib/dom.js";
import { watchFiles } from "../files/file_clicks.js";
import { wireDialogs } from "../sidebar/panel.js";

const parts = partsOf(document);
wireDialogs();
if (parts.files) watchFiles(parts.files, parts);
