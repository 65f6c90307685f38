"""That no library gets in, or stays for long, at which nobody has looked (``dependencies.py``)."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.security import dependencies
from tests.security.dependencies import LOOK_AGAIN, TOO_LONG_AGO, Look, Review, judge

pytestmark = pytest.mark.security

TODAY = date(2026, 11, 28)
DAY = timedelta(days=1)


def seen(library: str, ago: timedelta = timedelta(0)) -> Review:
    return Review({library: Look(TODAY - ago, "newest")})


def test_somebody_has_looked_at_all_that_is_in_use() -> None:
    review = dependencies.read()
    used = dependencies.libraries()
    # Whatever the day is on which this runs: that is what `make check` looks at.
    latest = max(look.day for look in review.looks.values())
    assert judge(used, review, latest) == ([], [])
    assert {"pypi:django", "pypi:pytest", "npm:dompurify", "npm:axe-core"} <= {pin.partition("==")[0] for pin in used}


@pytest.mark.parametrize("pin", ["pypi:django==9.9", "npm:dompurify==9.9.9"])
def test_a_new_version_has_to_be_looked_at(pin: str) -> None:
    wrong, _soon = judge([pin], dependencies.read(), TODAY)
    assert len(wrong) == 1
    assert pin in wrong[0]


def test_a_look_grows_old_first_with_a_warning_then_with_a_failure() -> None:
    library = "pypi:django==5.2.19"
    for ago, expected in ((LOOK_AGAIN, (0, 0)), (LOOK_AGAIN + DAY, (0, 1)), (TOO_LONG_AGO, (0, 1))):
        assert tuple(map(len, judge([library], seen(library, ago), TODAY))) == expected
    wrong, soon = judge([library], seen(library, TOO_LONG_AGO + DAY), TODAY)
    assert (len(wrong), len(soon)) == (1, 0)


def test_a_version_with_a_known_hole_is_refused_however_new_the_look() -> None:
    for version, expected in (("3.4.6", 1), ("3.4.7", 0), ("3.5.0rc1", 0)):
        library = f"npm:dompurify=={version}"
        review = seen(library)
        review.holes.append(("npm", Requirement("dompurify<3.4.7"), "CVE-2026-49978"))
        assert len(judge([library], review, TODAY)[0]) == expected
        # Another registry's library of the same name is another one.
        assert judge([library.replace("npm", "pypi")], seen(library.replace("npm", "pypi")), TODAY) == ([], [])


def test_a_look_is_written_down_with_how_it_was_done(tmp_path: Path) -> None:
    for path in (*dependencies.PINS, *dependencies.KEPT):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    (tmp_path / "requirements.txt").write_text(
        "django==5.2.19 \\\n    --hash=sha256:aa\nredis[x]==7.4.1 ; python_version > '3'\n"
    )
    (tmp_path / dependencies.LIST).write_text(
        "# Why\nhole  pypi:django<5.2.12  CVE\n\n"
        "2026-01-01  pypi:redis==7.4.1  newest\n2026-01-01  pypi:gone==1  newest\n"
    )
    dependencies.note("advisories", ["django"], dependencies.read(tmp_path), TODAY, tmp_path)
    assert (tmp_path / dependencies.LIST).read_text().splitlines() == [
        "# Why",
        "hole  pypi:django<5.2.12  CVE",
        "",
        "2026-11-28  pypi:django==5.2.19  advisories",
        "2026-01-01  pypi:redis==7.4.1    newest",
    ]
    with pytest.raises(SystemExit, match="djagno"):
        dependencies.note("newest", ["djagno"], dependencies.read(tmp_path), TODAY, tmp_path)


def test_what_is_kept_here_is_the_version_that_its_table_says() -> None:
    found = 0
    for table in dependencies.KEPT:
        text = (dependencies.ROOT / table).read_text()
        for version, name in dependencies.ROW.findall(text):
            folder = (dependencies.ROOT / table).parent / name
            scripts = [path for path in folder.iterdir() if path.suffix in (".js", ".css")]
            assert scripts
            for path in scripts:
                # markdown-it does not say which version it is.
                banner = re.search(r"(?:v|DOMPurify )(\d+\.\d+\.\d+)", path.read_text()[:300])
                assert name == "markdown-it" or (banner and banner[1] == version), path
                found += 1
        assert len(dependencies.ROW.findall(text)) == sum(line.startswith("| `") for line in text.splitlines())
    assert found == 5
