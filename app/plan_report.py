"""What `crowdhook setup` says before it does anything: objects, changes, costs, and what is unwise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from app.examples import LeftOut
from handlers.pipeline import Items, Pipeline
from handlers.provisioning import Change, Planned

MOST_LINES = 20  # of what was left out


@dataclass(frozen=True, slots=True)
class Plan:
    """What a set-up would do."""

    pipeline: Pipeline
    run: str
    objects: Sequence[Planned]
    settings: Sequence[Change]  # that differ from those the run was set up with
    new_items: Items  # that the run was not given yet
    notes: Sequence[str] = ()  # what the items need
    left_out: Sequence[LeftOut] = ()  # of the data

    @property
    def changed(self) -> bool:
        """Say whether anything that stands is declared otherwise now."""
        return bool(self.settings) or any(each.changes for each in self.objects)


def show(console: Console, plan: Plan, settings: object, balance: float, fee: float) -> None:
    """Print a plan; `balance` in dollars, `fee` the platform's share on top of rewards."""
    table = Table(title=f"{plan.pipeline.name}, run {plan.run}")
    for column in ("what", "name", "id", ""):
        table.add_column(column)
    for each in plan.objects:
        table.add_row(each.role, each.name, each.object_id or "", _standing(each))
    console.print(table)
    for line in (*_changes(plan), *_left_out(plan), *_costs(plan, settings, balance, fee)):
        console.print(line, highlight=False, soft_wrap=True)
    for warning in (*plan.notes, *plan.pipeline.warnings(settings)):
        console.print(f"Note: {warning}", highlight=False, soft_wrap=True)


def _standing(planned: Planned) -> str:
    if planned.object_id is None:
        return "will be created"
    known = "is there" if planned.bound else "will be adopted"
    return f"{known}{f', {planned.status.lower()}' if planned.status else ''}"


def _changes(plan: Plan) -> Iterator[str]:
    for of, changes in (("setting", plan.settings), *((each.role, each.changes) for each in plan.objects)):
        for change in changes:
            yield f"Differs: {of} {change.field}: is {change.found}, declared {change.declared}"


def _left_out(plan: Plan) -> Iterator[str]:
    for each in plan.left_out[:MOST_LINES]:
        yield f"Left out: {each.key}: {each.reason}"
    if len(plan.left_out) > MOST_LINES:
        yield f"Left out: {len(plan.left_out) - MOST_LINES} more (--left-out FILE writes all of them)"


def _costs(plan: Plan, settings: object, balance: float, fee: float) -> Iterator[str]:
    real = sum(each.get("for", "main") == "main" for each in plan.new_items)
    known = f", {real} of them to be done, the others known" if real < len(plan.new_items) else ""
    yield f"New items: {len(plan.new_items)}{known}. Balance: ${balance:.2f}."
    if plan.pipeline.estimate is None or not plan.new_items:
        return
    costs = plan.pipeline.estimate(settings, plan.new_items)
    best, expected, worst = ((1 + fee) * each for each in (costs.best, costs.expected, costs.worst))
    yield (
        f"They cost ${best:.2f} at best, about ${expected:.2f} as expected, ${worst:.2f} at worst"
        f" ({fee:.0%} fee included); --cap decides what they may cost."
    )
    for assumption in costs.assumptions:
        yield f"  {assumption}"
    if balance < expected:
        yield f"Note: the balance does not cover what is expected; ${expected - balance:.2f} are missing."
