"""The JSON API, version 1 (design §6). Each operation reads the request, calls one action and shapes the answer."""

from rooms.api import (
    blocks,
    bodies,
    directs,
    files,
    invitations,
    members,
    messages,
    people,
    problems,
    rooms,
    transcripts,
    uploads,
)
from rooms.api.auth import Cookie, Token
from rooms.api.document import DocumentedAPI

api = DocumentedAPI(
    title="Chatsite",
    version="1",
    description="Rooms, their members and their transcripts. Every refusal is one object `{code, detail}`.",
    auth=[Token(), Cookie()],
    docs_url="docs",
)
bodies.install(api)
problems.install(api)
api.add_router("", people.router)
api.add_router("", blocks.router)
api.add_router("", invitations.router)
api.add_router("files", files.router)
api.add_router("directs", directs.router)
api.add_router("rooms", rooms.router)
api.add_router("rooms", members.router)
api.add_router("rooms", messages.router)
api.add_router("rooms", uploads.router)
api.add_router("rooms", transcripts.router)
