"""Which part of a file a Range header asks for."""

import pytest
from hypothesis import given, strategies as st

from chatsite.files.ranges import Part, UnsatisfiableError, asked_for

SIZES = st.integers(0, 10**6)


@given(st.text(alphabet="bytes=-, 0123456789\u0665", max_size=40) | st.text(max_size=20), SIZES)
def test_whatever_is_asked_the_answer_lies_within_the_file(header: str, size: int) -> None:
    try:
        part = asked_for(header, size)
    except UnsatisfiableError:
        return
    assert part is None or 0 <= part.start < part.stop <= size


@given(SIZES, st.data())
def test_a_part_within_the_file_is_given_as_asked(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, max(size - 1, 0)))
    last = data.draw(st.integers(first, size + 10))
    if size == 0:
        with pytest.raises(UnsatisfiableError):
            asked_for(f"bytes={first}-{last}", size)
    else:
        assert asked_for(f"bytes={first}-{last}", size) == Part(first, min(last + 1, size), size)
        assert asked_for(f"bytes={first}-", size) == Part(first, size, size)


@given(st.integers(1, 10**6), st.integers(1, 10**7))
def test_so_many_bytes_from_the_end(size: int, count: int) -> None:
    assert asked_for(f"bytes=-{count}", size) == Part(max(size - count, 0), size, size)


@pytest.mark.parametrize("header", [None, "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-2,4-5", "bytes=5-1"])
def test_a_malformed_range_asks_for_the_whole_file(header: str | None) -> None:
    assert asked_for(header, 10) is None
