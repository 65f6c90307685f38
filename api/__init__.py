"""The JSON API, version 1 (docs/api.md). Each operation reads the request, calls one action and shapes the answer."""

from api import (
    blocks,
    bodies,
    directs,
    files,
    invitations,
    manners,
    members,
    messages,
    people,
    pins,
    poll,
    problems,
    rooms,
    transcripts,
    uploads,
)
from api.auth import Bearer, Cookie, Token
from api.document import DocumentedAPI

api = DocumentedAPI(
    title="Chatsite",
    version="1",
    description=(
        "Rooms, their members and their transcripts. Every refusal is one object `{code, detail}`. What is live comes "
        "over a socket, which `asyncapi.json` beside this document describes."
    ),
    auth=[Token(), Bearer(), Cookie()],
    docs_url="docs",
    openapi_extra={"info": {"license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"}}},
)
bodies.install(api)
manners.install(api)
problems.install(api)
api.add_router("", people.router)
api.add_router("", blocks.router)
api.add_router("", invitations.router)
api.add_router("files", files.router)
api.add_router("directs", directs.router)
api.add_router("poll", poll.router)
api.add_router("rooms", rooms.router)
api.add_router("rooms", members.router)
api.add_router("rooms", messages.router)
api.add_router("rooms", pins.router)
api.add_router("rooms", uploads.router)
api.add_router("rooms", transcripts.router)
