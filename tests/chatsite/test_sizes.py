"""A file has one size, whether a script says it or the server."""

from django.utils import translation

from chatsite.files.sizes import size_in_words

MB = 1024**2
# The scripts say the same: tests/js/files.test.mjs.
SIZES = {
    0: "0 bytes", 1: "1 byte", 1023: "1023 bytes", 1024: "1 kB", int(3.46 * MB): "3.5 MB",
    int(28.6 * MB): "28.6 MB", 30 * MB: "30 MB",
}  # fmt: skip


def test_a_size_has_a_fraction_only_where_there_is_one() -> None:
    assert [size_in_words(size).replace("\xa0", " ") for size in SIZES] == list(SIZES.values())


def test_it_is_said_in_the_language_of_the_request() -> None:
    with translation.override("de"):
        assert [size_in_words(size).replace("\xa0", " ") for size in (3500, 30 * MB)] == ["3,4 kB", "30 MB"]
