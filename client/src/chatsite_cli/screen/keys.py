"""The keys of the screen, as its help and the man page tell them."""

KEYS = {
    "Enter": "send",
    "Alt+Enter, Ctrl+J": "begin another line",
    "Tab": "complete a name (@ann), a room (#lobby), an emoji (:thum) or a command (/topic)",
    "Up, Down": "what you said before",
    "Ctrl+K": "jump to a room: some of its letters, in any order",
    "Alt+Up, Alt+Down": "the room before, the next one",
    "Alt+A": "the next room with something new",
    "Page Up, Page Down": "scroll, and fetch older words",
    "Ctrl+Home, Ctrl+End": "go to the beginning, the end of what is here",
    "Ctrl+Up": "choose a message; then Up and Down choose another one",
    "   c": "copy it, also over SSH (OSC 52)",
    "   o": "open its link in a browser",
    "   g": "save its file",
    "   r": "report it",
    "Esc": "back to writing",
    "F2, F3": "show or hide the rooms, the people",
    "F1, or ? on an empty line": "all keys and commands",
    "Ctrl+Q": "quit; what was not sent is kept",
}
