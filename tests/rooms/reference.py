"""What a client of its own making would do: keep a room up to date by nothing but the rows that it is sent.

Written from docs/protocol.md, not from the actions: where the two differ, one of them is wrong.
"""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

Json = dict[str, Any]


class Replica:
    """A room as somebody knows it who read it once, and all its rows since."""

    def __init__(self, snapshot: Json) -> None:
        self.state = deepcopy(snapshot)

    def apply(self, rows: Iterable[Json]) -> None:
        for row in rows:
            assert row["seq"] == self.state["head"] + 1, "a gap"
            self.state["head"] = row["seq"]
            self.state["messages"].append(row)
            if row["talk"] is not None:
                self.state["talk_count"] += 1
                assert row["talk"] == self.state["talk_count"]
            getattr(self, f"on_{row['kind']}", self.ignore)(row)

    def ignore(self, row: Json) -> None:
        """Talk, and what changes nothing but the transcript."""

    def let_in(self, person: Json, role: str) -> None:
        self.state["members"][person["id"]] = role

    def on_opened(self, row: Json) -> None:
        self.let_in(row["author"], "admin")
        self.state["name"] = row["body"]

    def on_joined(self, row: Json) -> None:
        self.let_in(row["author"], "member")

    def on_added(self, row: Json) -> None:
        self.let_in(row["subject"], "member")

    def on_left(self, row: Json) -> None:
        del self.state["members"][row["subject"]["id"]]

    on_removed = on_left

    def on_admin_granted(self, row: Json) -> None:
        self.state["members"][row["subject"]["id"]] = "admin"

    def on_admin_revoked(self, row: Json) -> None:
        self.state["members"][row["subject"]["id"]] = "member"

    def on_renamed(self, row: Json) -> None:
        self.state["name"] = row["body"]

    def on_topic_changed(self, row: Json) -> None:
        self.state["topic"] = row["body"]

    def on_kind_changed(self, row: Json) -> None:
        self.state["kind"] = row["body"]

    def on_deleted(self, row: Json) -> None:
        self.state["deleted"] = True

    def on_restored(self, row: Json) -> None:
        self.state["deleted"] = False

    def on_redacted(self, row: Json) -> None:
        # Rows of before targets have it as their body.
        stone = self.message_at(row["target_seq"] or int(row["body"]))
        stone["body"], stone["redacted"] = "", True
        self.let_go(stone["seq"])

    def on_pinned(self, row: Json) -> None:
        self.message_at(row["target_seq"])["pinned"] = True
        self.state["pins"][row["target_seq"]] = row["seq"]

    def on_unpinned(self, row: Json) -> None:
        self.let_go(row["target_seq"])

    def let_go(self, seq: int) -> None:
        self.message_at(seq)["pinned"] = False
        self.state["pins"].pop(seq, None)

    def message_at(self, seq: int) -> Json:
        row: Json = self.state["messages"][seq - 1]
        assert row["seq"] == seq
        return row
