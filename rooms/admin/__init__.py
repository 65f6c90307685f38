"""Rooms in the Django admin: what there is may be looked at, and every change goes through the actions."""

from rooms.admin import audit, invitations, memberships, messages, reports, rooms

__all__ = ["audit", "invitations", "memberships", "messages", "reports", "rooms"]
