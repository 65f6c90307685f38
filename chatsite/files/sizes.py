"""The size of a file in words."""

import re

from django.template.defaultfilters import filesizeformat

# "30.0" is "30", as scripts say it.
EMPTY_FRACTION = re.compile(r"[.,]0\b")


def size_in_words(size: int) -> str:
    """Return "3.4 kB" or "30 MB", in the language of the request: as js/files/sizes.js says the same file's size."""
    return EMPTY_FRACTION.sub("", filesizeformat(size)).replace("KB", "kB")
