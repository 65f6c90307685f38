"""What stands above the screen for a moment: the keys, and the way to another room."""

from chatsite_client import Room, drawing
from rich.table import Table
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chatsite_cli.commands import Commands
from chatsite_cli.screen.keys import KEYS
from chatsite_cli.screen.matching import best


class Help(ModalScreen[None]):
    """All keys and commands."""

    BINDINGS = [Binding("escape,q,f1,question_mark,enter", "dismiss", "Close", show=False)]

    def compose(self) -> ComposeResult:
        table = Table.grid(padding=(0, 2))
        for key, does in KEYS.items():
            table.add_row(Text(key, "bold"), Text(does))
        table.add_row()
        for name, does in Commands.table().items():
            table.add_row(Text(f"/{name}", "bold"), Text(does))
        with VerticalScroll(id="help") as scroll:
            scroll.border_title = "Keys and commands"
            scroll.border_subtitle = "Esc closes"
            yield Static(table)

    def scroll_by_page(self, step: int) -> None:
        (
            self.query_one(VerticalScroll).scroll_page_down
            if step > 0
            else self.query_one(VerticalScroll).scroll_page_up
        )()


class Jump(ModalScreen[str | None]):
    """Choose a room by some of its letters; ends with its id."""

    BINDINGS = [Binding("escape,ctrl+k", "dismiss(None)", "Close", show=False)]

    def __init__(self, rooms: list[Room]) -> None:
        super().__init__()
        self._rooms = rooms

    def compose(self) -> ComposeResult:
        with Vertical(id="jump") as box:
            box.border_title = "Jump to a room"
            yield Input(placeholder="some letters of its name")
            found = OptionList(markup=False)
            found.can_focus = False
            yield found

    def on_mount(self) -> None:
        self._find("")

    def on_input_changed(self, event: Input.Changed) -> None:
        self._find(event.value)

    def on_input_submitted(self) -> None:
        chosen = self.query_one(OptionList).highlighted_option
        self.dismiss(chosen.id if chosen else None)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)

    def on_key(self, event: events.Key) -> None:
        found = self.query_one(OptionList)
        if event.key == "down":
            found.action_cursor_down()
        elif event.key == "up":
            found.action_cursor_up()

    def _find(self, letters: str) -> None:
        # Those with something new first.
        rooms = sorted(self._rooms, key=lambda room: not room["unread"])
        found = self.query_one(OptionList)
        found.clear_options()
        for room in best(letters, [(drawing.room_name(room), room) for room in rooms]):
            unread = f"  {room['unread']} new" if room["unread"] else ""
            found.add_option(Option(Text(f"{drawing.room_name(room)}{unread}", no_wrap=True), id=room["id"]))
        found.highlighted = 0 if found.option_count else None
