"""What test_generators.py runs beside a client that openapi-python-client has made: a person's way through the API."""

# mypy: ignore-errors
# The client is made anew each time: ruff and mypy know nothing of it.
import io
import json
import sys
import urllib.request
from uuid import uuid4

from chatsite_client import AuthenticatedClient, Client
from chatsite_client.api.files import finish_upload, get_file, send_chunk, start_upload
from chatsite_client.api.messages import list_messages, poll, post_message
from chatsite_client.api.people import get_me
from chatsite_client.api.rooms import list_rooms, open_room
from chatsite_client.api.signing_in import sign_in
from chatsite_client.models import (
    FileIn,
    KnownRoom,
    ListRoomsScope,
    PollIn,
    PostIn,
    Problem,
    ProblemCode,
    RoomIn,
    SignIn,
)
from chatsite_client.types import File

site = sys.argv[1]
password = "correct horse battery"
account = {"username": "generated", "email": "generated@example.org", "password": password}
signing_up = urllib.request.Request(
    f"{site}/_allauth/app/v1/auth/signup", json.dumps(account).encode(), {"Content-Type": "application/json"}
)
urllib.request.urlopen(signing_up).close()

signed_in = sign_in.sync(client=Client(base_url=site), body=SignIn(username="generated", password=password))
client = AuthenticatedClient(base_url=site, token=signed_in.meta.session_token)
assert get_me.sync(client=client).username == "generated"
refused = get_me.sync(client=AuthenticatedClient(base_url=site, token="none"))
assert isinstance(refused, Problem)
assert refused.code is ProblemCode.SIGNED_OUT

key = str(uuid4())
room, same = (open_room.sync(client=client, body=RoomIn(name="Lobby"), idempotency_key=key) for _ in range(2))
assert room.id == same.id
rooms = list_rooms.sync(client=client, scope=ListRoomsScope.MINE)
assert [one.id for one in rooms.rooms] == [room.id]
assert rooms.next_ is None

posted = [
    post_message.sync(room.id, client=client, body=PostIn(client_id=str(uuid4()), body=f"Message {number}"))
    for number in range(5)
]
newest = list_messages.sync(room.id, client=client, limit=2)
assert [row.seq for row in newest.messages] == [posted[3].seq, posted[4].seq]
assert newest.more
before = list_messages.sync(room.id, client=client, limit=2, before=newest.messages[0].seq)
assert [row.body for row in before.messages] == ["Message 1", "Message 2"]

read_so_far = KnownRoom(room=room.id, after=posted[2].seq, hash_=posted[2].hash_)
(news,) = poll.sync(client=client, body=PollIn(rooms=[read_so_far])).rooms
assert [row.body for row in news.messages] == ["Message 3", "Message 4"]

data = bytes(range(256)) * 10
upload = start_upload.sync(room.id, client=client, body=FileIn(name="data.bin", size=len(data)))
sent = send_chunk.sync_detailed(room.id, upload.id, client=client, body=File(payload=io.BytesIO(data)), upload_offset=0)
assert sent.headers["Upload-Offset"] == str(len(data))
finished = finish_upload.sync(room.id, upload.id, client=client)
shown = post_message.sync(room.id, client=client, body=PostIn(client_id=str(uuid4()), attachment=finished.id))
assert get_file.sync(shown.attachment.id, client=client).payload.read() == data
print("signed in, opened, posted, paged, uploaded, downloaded")
