"""What one can do beside talking: lines that begin with a slash, in plain mode and on the screen."""

from chatsite_cli.commands.base import Quit, Talk
from chatsite_cli.commands.table import Commands

__all__ = ["Commands", "Quit", "Talk"]
