"""``manage.py doctor``: looks at what the site stands on, and says in words what is wrong and what to do about it.

It says so in messages of Django's check framework: an ``Info`` is well, a ``Warning`` doubtful, an ``Error`` broken.
"""

from chatsite.ops.doctor import configuration, database, machine, services
from chatsite.ops.doctor.registry import examine

__all__ = ["configuration", "database", "examine", "machine", "services"]
