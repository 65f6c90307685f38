"""The blocks of commands in docs/deploy.md, and which trial has each of them."""

import re
from typing import NamedTuple

from tests import servers

PAGE = servers.PROJECT / "docs" / "deploy.md"
# The word after `sh` in a block's fence. Without one it is followed by tests.deploy.docs, in order.
TRIALS = {
    "": "tests.deploy.docs",
    "caddy": "tests.deploy.docs, in the end and in place of nginx",
    "install": "tests.deploy.install",
    "containers": "tests.deploy.containers",
    "example": "none: it needs what only its reader has",
}
FENCE = re.compile(r"^(?P<indent> *)```(?P<words>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    language: str
    trial: str
    section: str
    line: int
    text: str


def blocks() -> list[Block]:
    """Return every fenced block of the page, in order, as it is shown there: without a list's indentation."""
    page = PAGE.read_text()
    found = []
    for match in FENCE.finditer(page):
        language, _space, trial = match["words"].partition(" ")
        before = page[: match.start()]
        section = re.findall(r"^#{2,3} (.+)$", before, re.MULTILINE)[-1]
        text = re.sub(f"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
        found.append(Block(language, trial, section, before.count("\n") + 1, text))
    return found


def commands(trial: str = "", section: str = "") -> list[Block]:
    """Return the blocks of commands of this trial, of this section where one is named."""
    return [
        block for block in blocks()
        if (block.language, block.trial) == ("sh", trial) and section in ("", block.section)
    ]  # fmt: skip


def count(block: Block) -> int:
    """Return how many commands somebody types who follows the block; a text up to END is one with its line."""
    text = re.sub(r"(<<END\n).*?^END$", r"\1", block.text, flags=re.MULTILINE | re.DOTALL)
    return sum(len(line.split(" && ")) for line in text.splitlines() if line)
