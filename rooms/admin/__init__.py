"""Rooms in the Django admin: what there is may be looked at, and every change goes through the actions."""

from rooms.admin import audit, files, invitations, memberships, messages, overview, reports, rooms

__all__ = ["audit", "files", "invitations", "memberships", "messages", "overview", "reports", "rooms"]
