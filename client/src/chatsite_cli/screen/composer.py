"""Where one writes: several lines, what was written before, and the completion of names, rooms and commands."""

from collections.abc import Callable

from chatsite_client import safe
from rich.text import Text
from textual import events
from textual.message import Message
from textual.widgets import Static, TextArea

from chatsite_cli.screen.matching import completions

NEW_LINE_KEYS = {"shift+enter", "alt+enter", "ctrl+enter", "ctrl+j"}
MOST_KEPT = 200
MOST_SHOWN = 8


class Composer(TextArea):
    """Says ``Said`` when a line is entered, and ``Typed`` while one writes."""

    class Said(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Typed(Message):
        pass

    class Asked(Message):
        """What can one do here?"""

    def __init__(self, words: Callable[[], dict[str, list[str]]], hints: Static) -> None:
        """``words`` are the names, rooms and commands that can be completed."""
        super().__init__(
            id="composer", soft_wrap=True, show_line_numbers=False, tab_behavior="focus", compact=True,
            highlight_cursor_line=False, placeholder="Write here. Enter sends, Alt+Enter begins another line.",
        )  # fmt: skip
        self.cursor_blink = False
        self._words, self._hints = words, hints
        self._said: list[str] = []
        # Which of those is shown; None: what is being written.
        self._shown: int | None = None
        self._begun = ""
        self._offers: list[str] = []
        self._offer = -1

    def write(self, text: str) -> None:
        """Put words in, with the cursor after them."""
        self.text = text
        self.move_cursor(self.document.end)

    async def on_key(self, event: events.Key) -> None:
        if self._takes(event.key):
            event.prevent_default()
            event.stop()
        elif event.character and event.is_printable:
            self.post_message(self.Typed())

    def _takes(self, key: str) -> bool:
        """Do what a key does here and nowhere else. False: it is an ordinary one."""
        match key:
            case "enter":
                self._send()
            case "question_mark" if not self.text:
                self.post_message(self.Asked())
            case _ if key in NEW_LINE_KEYS:
                self.insert("\n")
            case "tab" if self.text:
                self._complete(1)
            case "shift+tab" if self._offers:
                self._complete(-1)
            case "up":
                return self.cursor_at_first_line and self._recall(-1)
            case "down":
                return self.cursor_at_last_line and self._recall(1)
            case _:
                return False
        return True

    async def _on_paste(self, event: events.Paste) -> None:
        """What is pasted may hold what a terminal obeys."""
        event.prevent_default()
        event.stop()
        self.insert(safe.text(event.text.replace("\r\n", "\n").replace("\r", "\n")))

    def on_text_area_changed(self, _: TextArea.Changed) -> None:
        if self._offer < 0 or self.text != self._offers[self._offer]:
            self._forget_offers()

    def _send(self) -> None:
        text = self.text.rstrip()
        if not text.strip():
            return
        if not self._said or self._said[-1] != text:
            self._said = [*self._said, text][-MOST_KEPT:]
        self._shown, self._begun = None, ""
        self.text = ""
        self.post_message(self.Said(text))

    def _recall(self, step: int) -> bool:
        """Show what was said before or after. False: there is nothing more that way."""
        place = len(self._said) if self._shown is None else self._shown
        if not 0 <= place + step <= len(self._said):
            return False
        if self._shown is None:
            self._begun = self.text
        place += step
        self._shown = place if place < len(self._said) else None
        self.write(self._begun if self._shown is None else self._said[place])
        return True

    def _complete(self, step: int) -> None:
        if not self._offers:
            self._offers = completions(self.text, **self._words())
        if not self._offers:
            return
        self._offer = (self._offer + step) % len(self._offers) if self._offer >= 0 else 0
        self.write(self._offers[self._offer])
        if len(self._offers) > 1:
            shown = Text(no_wrap=True, overflow="ellipsis")
            first = max(0, self._offer - MOST_SHOWN + 1)
            for number, offer in enumerate(self._offers[first : first + MOST_SHOWN], first):
                word = safe.line(offer.strip().rpartition(" ")[2])
                shown.append(f" {word} ", "reverse" if number == self._offer else "")
            self._hints.update(shown)
        else:
            self._forget_offers()

    def _forget_offers(self) -> None:
        if self._offers:
            self._hints.update("")
        self._offers, self._offer = [], -1
