// On each page for who is signed in; the room's page does the same.

import { askAgainWhenRestored } from "../lib/restored.js";

askAgainWhenRestored();
