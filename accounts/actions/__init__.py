"""What is done to accounts beyond what allauth does: each rule is a function here, which every door calls."""

from accounts.actions.access import reactivate, set_access, sign_out_everywhere, suspend
from accounts.actions.blocks import block_user, unblock_user
from accounts.actions.deletion import delete_account
from accounts.actions.first_admin import (
    create_first_admin,
    first_admin_link,
    needs_first_admin,
    require_setup_token,
    vouch_for_email,
)
from accounts.actions.guests import (
    GUEST_AGE,
    PENDING_AGE,
    become_full,
    come_in_as_guest,
    keep_account,
    locked_guest,
    retire,
    sweep_guests,
    takes_guests,
)
from accounts.actions.profiles import clean_display_name, remove_picture, set_display_name, set_picture

__all__ = [
    "GUEST_AGE",
    "PENDING_AGE",
    "become_full",
    "block_user",
    "clean_display_name",
    "come_in_as_guest",
    "create_first_admin",
    "delete_account",
    "first_admin_link",
    "keep_account",
    "locked_guest",
    "needs_first_admin",
    "reactivate",
    "remove_picture",
    "require_setup_token",
    "retire",
    "set_access",
    "set_display_name",
    "set_picture",
    "sign_out_everywhere",
    "suspend",
    "sweep_guests",
    "takes_guests",
    "unblock_user",
    "vouch_for_email",
]
