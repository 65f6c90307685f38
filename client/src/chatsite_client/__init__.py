"""Chatsite for programs: rooms, transcripts, files and live talk of a site, without a browser.

``Api`` asks, ``Live`` hears, ``Sender`` says (by an ``Outbox`` on the disk); ``Site`` is all of it for programs without
``async``. client/README.md has examples.
"""

from chatsite_client.accounts import (
    Entrance,
    NotYet,
    enter_as_guest,
    sign_in,
    sign_out,
    sign_out_elsewhere,
    sign_up,
)
from chatsite_client.api import Api
from chatsite_client.errors import (
    BadCertificate,
    ChatsiteError,
    NotASite,
    NotFound,
    NotVerified,
    Refused,
    SignedOut,
    Unreachable,
)
from chatsite_client.feed import Cursor
from chatsite_client.live import Live
from chatsite_client.news import Connected, Disconnected, Ended, News, Reset, Rows, Told
from chatsite_client.outbox import Entry, Outbox
from chatsite_client.sender import Sender
from chatsite_client.shapes import Attachment, Me, Member, Message, Page, Person, Room
from chatsite_client.sync import Site, follow
from chatsite_client.transcripts import save, verify
from chatsite_client.uploads import Damaged, download, upload

__version__ = "0.1.0"

__all__ = [
    "Api", "Attachment", "BadCertificate", "ChatsiteError", "Connected", "Cursor", "Damaged", "Disconnected", "Ended",
    "Entrance", "Entry", "Live", "Me", "Member", "Message", "News", "NotASite", "NotFound", "NotVerified", "NotYet",
    "Outbox", "Page", "Person", "Refused", "Reset", "Room", "Rows", "Sender", "SignedOut", "Site", "Told",
    "Unreachable", "download", "enter_as_guest", "follow", "save", "sign_in", "sign_out", "sign_out_elsewhere",
    "sign_up", "upload", "verify",
]  # fmt: skip
