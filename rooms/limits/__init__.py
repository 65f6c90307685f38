"""How much a user may do at once and in the long run: generous to people who are quick, a stop to floods.

All limits of users and their sockets stand here; what strangers may try stands in accounts/limits.py, and how long or
how many something may be beside its model.
"""

from rooms.limits.counting import EXCHANGE_EVERY, FORGET_EVERY, Tally, tally
from rooms.limits.limit import Frames, Limit, watched

__all__ = ["EXCHANGE_EVERY", "FORGET_EVERY", "Frames", "Limit", "Tally", "tally", "watched"]

# A page that sends what somebody has pasted sends about 30 a second; 300 of those pass, then the page waits by itself.
POSTING = Limit("posting", burst=150, per_second=15)
# A page asks each second for each room that it shows, and once more for each message that it has posted; a person may
# have several, and scroll.
READING = Limit("reading", burst=600, per_second=30)
# A request for each 4 MiB, and a few more for each file; what a fast line sends is some 30 a second.
UPLOADING = Limit("uploading", burst=300, per_second=30)
# Putting a file together, and making its picture small, is work.
FINISHING = Limit("finishing", burst=60, per_second=1)
# A page shows 100 pictures at once, and a player asks for many parts.
FETCHING = Limit("fetching", burst=1_000, per_second=50)
# A server that restarts has all pages of somebody come back at once, and a second one may restart behind it.
ENTERING = Limit("entering", burst=100, per_second=1)
JOINING = Limit("joining", burst=60, per_second=0.5)
OPENING_DIRECTS = Limit("opening directs", burst=30, per_second=1 / 10)
EXPORTING = Limit("exporting", burst=10, per_second=1 / 60)
INVITING = Limit("inviting", burst=30, per_second=1 / 30)
# Each is a row that nobody sees: all of a room's pins can be changed at once.
PINNING = Limit("pinning", burst=100, per_second=1 / 2)
REPORTING = Limit("reporting", burst=20, per_second=1 / 60)
# While one types a name, suggestions are asked for at each pause.
SUGGESTING = Limit("suggesting", burst=60, per_second=3)
OPENING_ROOMS = Limit("opening rooms", burst=30, per_second=1 / 30)

# Sockets that one user may have in one process: more tabs, on more devices, than anybody looks at. A page beyond them
# polls, so it works all the same; to close the oldest socket instead would have the pages close each other for ever.
MAX_SOCKETS = 20
# Seconds after which a page that polls for that reason may ask for a socket again.
TOO_MANY_SOCKETS_SECONDS = 60.0
# Rooms that one socket may have entered, and one poll may ask for: more than anybody shows at once.
MAX_ROOMS_SHOWN = 20
# Tabs that poll, remembered for one user: nobody has more, and a script may not fill the memory with names.
MAX_POLLING_TABS = 50
