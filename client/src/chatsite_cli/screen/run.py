"""The screen's beginning and end."""

import sys

from chatsite_client import Live, Outbox, Sender

from chatsite_cli.run import Session
from chatsite_cli.screen.app import ChatApp


async def show(session: Session, room: str | None) -> None:
    """Open the screen, at once, also where the site is away. Raises what ended it."""
    account = session.account()
    async with session.api() as api:
        with Outbox(session.outbox()) as box:
            async with Live(api) as live:
                app = ChatApp(api, live, box, session.settings, room=room, me=account.user_id if account else "")
                async with Sender(api, box, app.heard_of) as app.sender:
                    ended = await app.run_async(mouse=session.settings.is_on("mouse"))
    if ended:
        raise ended
    if app.return_code:
        sys.exit(app.return_code)
