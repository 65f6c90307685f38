"""All that can go wrong, by name."""

from tests.faults import lines, processes, services, sqlite
from tests.faults.fault import FAULTS, Fault

__all__ = ["FAULTS", "Fault", "lines", "processes", "services", "sqlite"]
