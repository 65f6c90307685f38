#!/usr/bin/env python
"""Django's command line."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    from django.core.management import execute_from_command_line

    from chatsite import startup, version

    if sys.argv[1:] in (["version"], ["--version"]):
        # Django would say its own, and let no command of that name do better.
        print(version.sentence())
        return
    with startup.in_plain_words():
        startup.require_settings_of_the_site()
        startup.load_settings()
        startup.do_without_pool()
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
