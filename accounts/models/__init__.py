"""Who people are, what the site asks of them, and what was done by whom."""

from accounts.models.audit import AuditEntry
from accounts.models.blocks import Block
from accounts.models.pending import PendingSignup
from accounts.models.pictures import Picture
from accounts.models.site import Invitation, SiteSettings, in_a_week, new_code
from accounts.models.users import (
    DELETED_PREFIX,
    DISPLAY_NAME_MAX_LENGTH,
    EMAIL_TAKEN,
    GUEST_PREFIX,
    SHOWN,
    USERNAME_ALIKE,
    USERNAME_MAX_LENGTH,
    USERNAME_TAKEN,
    User,
    UserManager,
    skeleton_of,
    validate_display_name,
    validate_username,
)

__all__ = [
    "DELETED_PREFIX",
    "DISPLAY_NAME_MAX_LENGTH",
    "EMAIL_TAKEN",
    "GUEST_PREFIX",
    "SHOWN",
    "USERNAME_ALIKE",
    "USERNAME_MAX_LENGTH",
    "USERNAME_TAKEN",
    "AuditEntry",
    "Block",
    "Invitation",
    "PendingSignup",
    "Picture",
    "SiteSettings",
    "User",
    "UserManager",
    "in_a_week",
    "new_code",
    "skeleton_of",
    "validate_display_name",
    "validate_username",
]
