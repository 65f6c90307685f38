"""What happened to somebody's account, sent on commit, so that whoever holds their connections can act."""

from django.dispatch import Signal

# A session ended by logging out. Gives ``session_key``: the key that it had.
signed_out = Signal()

# Somebody's account was turned off. Gives ``user``.
suspended = Signal()

# Somebody's password is another one, so all their sessions but the one that changed it have ended. Gives ``user``.
password_changed = Signal()
