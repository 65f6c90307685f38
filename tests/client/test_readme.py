"""The examples of client/README.md, run as they stand."""

import re
from pathlib import Path

from tests import servers
from tests.client.people import Person

README = servers.PROJECT / "client" / "README.md"


def test_the_examples_run(ann: Person, tmp_path: Path) -> None:
    examples = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(examples) == 2
    given = {"SITE": ann.url, "NAME": ann.name, "PASSWORD": ann.password, "FOLDER": str(tmp_path)}
    for example in examples:
        exec(compile(example, str(README), "exec"), {"__name__": "example", **given})
