"""Can it end, and what will it cost: control tasks, performers and dollars, before anything is asked."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handlers.classification_settings import BadSettings, Settings
from handlers.pipeline import Estimate, Items
from handlers.platform_aggregation import DAWID_SKENE

COME = 5  # so many times the fewest performers should come: exam and bans take half, few do all their pages


@dataclass(frozen=True, slots=True)
class Supply:
    """How many tasks there are of each kind, and of which classes the known ones are."""

    real: int
    training: int
    exam: int
    controls: int
    classes: Mapping[str, int]  # control tasks by class
    overlaps: Mapping[int, int] = field(default_factory=dict)  # real tasks that bring their own, by how many performers

    @property
    def known(self) -> int:
        """Count the tasks whose class is known."""
        return self.training + self.exam + self.controls

    def pages(self, chosen: Settings) -> int:
        """Count the pages, each as full as can be."""
        wanted = self._wanted(chosen)
        up_to = range(1, max(wanted, default=0) + 1)
        return sum(math.ceil(sum(wanted[each] for each in wanted if each >= at) / chosen.real_tasks) for at in up_to)

    def overlap(self, chosen: Settings) -> int:
        """Return the most performers that a real task needs."""
        return max(self._wanted(chosen))

    def _wanted(self, chosen: Settings) -> Counter[int]:
        usual = self.real - sum(self.overlaps.values())
        return Counter(self.overlaps) + Counter({chosen.overlap: usual})


def supply_of(items: Sequence[Mapping[str, Any]]) -> Supply:
    """Count items by what they are for."""
    kinds = Counter(str(item.get("for", "main")) for item in items)
    controls = Counter(str(item["label"]) for item in items if item.get("for") == "control")
    overlaps = Counter(int(item["overlap"]) for item in items if "overlap" in item)
    return Supply(kinds["main"], kinds["training"], kinds["exam"], kinds["control"], controls, overlaps)


def warnings(chosen: Settings) -> list[str]:
    """Say what a requester should hear before he starts."""
    if chosen.examined:
        return []
    return ["examined is false: whoever sees the project labels and is paid, and nobody is watched"]


def check_items(chosen: Settings, items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say in numbers what the work needs; raises BadSettings when it can never end, WrongMethod for its method."""
    from handlers.aggregators import Method  # crowd-kit takes seconds to import, which the receiver does not have

    if chosen.method != DAWID_SKENE:
        Method.read(chosen.method)
    return feasible(chosen, supply_of(items))


def feasible(chosen: Settings, supply: Supply) -> list[str]:
    """Return notes about people and control tasks; raises BadSettings when the work cannot end."""
    if supply.real < 1:
        raise BadSettings("there is nothing to label.")
    return _with_exam(chosen, supply) if chosen.examined else _without_exam(chosen, supply)


def _without_exam(chosen: Settings, supply: Supply) -> list[str]:
    if supply.known:
        raise BadSettings(f"nobody is examined: leave out the {supply.known} tasks whose class is known.")
    return [f"about {supply.pages(chosen)} pages by at least {supply.overlap(chosen)} performers, whom nobody examines"]


def _with_exam(chosen: Settings, supply: Supply) -> list[str]:
    pages_each = supply.controls // chosen.control_tasks
    for enough, complaint in (
        (supply.training > 0, "there are no training tasks: give images whose class is known."),
        (
            supply.exam >= chosen.exam_page,
            f"the exam has {supply.exam} tasks and needs {chosen.exam_page} for its page: give more known images.",
        ),
        (
            pages_each >= 1,
            f"{supply.controls} control tasks are fewer than the {chosen.control_tasks} of a page: nobody could work.",
        ),
    ):
        if not enough:
            raise BadSettings(complaint)
    pages = supply.pages(chosen)
    people = max(supply.overlap(chosen), math.ceil(pages / pages_each))
    by_class = ", ".join(f"{each.value} {supply.classes.get(each.value, 0)}" for each in chosen.classes)
    notes = [
        f"a performer does at most {pages_each} pages: {supply.controls} control tasks, {chosen.control_tasks} a page,"
        f" each once",
        f"{pages} pages by at least {people} performers; {COME * people} should come, for exam and bans take about half"
        f" of them, and few do all their pages",
        f"control tasks by class: {by_class}",
    ]
    missing = [each.value for each in chosen.classes if not supply.classes.get(each.value)]
    if missing:
        notes.append(f"no control task is {', '.join(missing)}: nobody is watched there")
    return notes


def estimate(chosen: Settings, items: Items) -> Estimate:
    """Return what these images cost: every page is paid, training and exam are not."""
    answers = sum(each.get("overlap", chosen.overlap) for each in items if each.get("for", "main") == "main")
    full = supply_of(items).pages(chosen) * chosen.reward
    worst = answers * chosen.reward
    return Estimate(
        best=full,
        expected=full * 1.05,
        worst=worst,
        assumptions=(
            f"best: full pages of {chosen.real_tasks}; {answers} answers",
            "expected: one page in twenty is not full",
            "worst: each answer comes on a page of its own",
        ),
    )
