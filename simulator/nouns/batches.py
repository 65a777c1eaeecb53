"""Creating many things by one request: which were created, which are flawed, and the log that clients read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.elements.errors import Flaw
from simulator.records.state import Json


class Wording(NamedTuple):
    """How the log of an operation names things of one kind: created, flawed, and where the new id is."""

    created: str
    flawed: str
    id: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of a request's items, by their index: the ids of those created, the flaws of those that are not good.

    `more` are entries of the log about something else that was done.
    """

    wording: Wording
    items: list[Json]
    created: Mapping[int, str]
    flawed: Mapping[int, dict[str, Flaw]]
    more: list[Json] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether nothing was created because of flaws."""
        return bool(self.flawed) and not self.created

    def log(self) -> list[Json]:
        """The operation log's entries; nothing is said of a good item that was not created."""
        said = (index for index in range(len(self.items)) if index in self.created or index in self.flawed)
        return [self._entry(index) for index in said] + self.more

    def _entry(self, index: int) -> Json:
        item, good = self.items[index], index in self.created
        output = {self.wording.id: self.created[index]} if good else self.flawed[index]
        kind = self.wording.created if good else self.wording.flawed
        return {"type": kind, "success": good, "input": item, "output": output}

    def counts(self) -> Json:
        """The operation's details."""
        total, bad = len(self.items), len(self.flawed)
        return {
            "items_count": total,
            "total_count": total,
            "valid_count": total - bad,
            "not_valid_count": bad,
            "success_count": len(self.created),
            "failed_count": total - len(self.created),
        }
