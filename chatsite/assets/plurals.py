"""The plural forms of the site's languages, so that a template can write each of them out for a script.

A script picks one by Intl.PluralRules, whose categories (Unicode CLDR) have names; gettext's forms have none, and are
asked for by a number. So here is, for each category of a language, a number that belongs to it.

Ours, with templates/rooms/_strings.html and js/lib/strings.js, because Django's JavaScript catalogue is a script for
each language, and so one more request (750 bytes, compressed, before its first sentence) that a first visit waits for;
these sentences come with the page.
"""

from django.utils.translation import get_language

SAMPLES = {
    "ar": {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100},
    "de": {"one": 1, "other": 2},
    "en": {"one": 1, "other": 2},
}


def plural_samples() -> list[tuple[str, int]]:
    """Return (category, number) for each plural form of the active language."""
    return list(SAMPLES.get(get_language() or "en", SAMPLES["en"]).items())
