"""What happened to somebody's account, sent on commit (but for ``deleting``), so that the other apps can act."""

from django.dispatch import Signal

# A session ended by logging out. Gives ``session_key``: the key that it had.
signed_out = Signal()

# Somebody's account was turned off. Gives ``user``.
suspended = Signal()

# The same, INSIDE the transaction that does it, so that what follows from it is done with it, or not at all.
suspending = Signal()

# Somebody's account was turned on again, INSIDE the transaction that does it. Gives ``user``.
reactivating = Signal()

# Who is blocked by ``user`` (given) has changed.
blocks_changed = Signal()

# Somebody's password is another one, so all their sessions but the one that changed it have ended. Gives ``user``.
password_changed = Signal()

# Somebody's display name, username or picture is another one. Gives ``user``.
renamed = Signal()

# Somebody's account is about to be closed for good. Gives ``user``. Sent INSIDE the transaction that does it, so that
# what the other apps end for the person ends with the account, or not at all.
deleting = Signal()
