"""Refuse an unsafe or broken set-up, and say what to set."""
