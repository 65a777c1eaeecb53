"""Which quality rules a pool's work is under, its own and its project's, and whether their conditions hold."""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.offering.filters import COMPARISONS
from simulator.records.counting import Metrics
from simulator.records.state import Json, Pool, State


class Rule(NamedTuple):
    """One rule: its name, its collector, conditions and action, and whether it is one of the `whole` project."""

    name: str
    collector: Json
    conditions: list[Json]
    action: Json
    whole: bool


def rules_of(state: State, pool: Pool, *collectors: str) -> Iterator[Rule]:
    """The rules of these collectors about work in a pool, the pool's own first; a project's are not about trainings."""
    yield from _named(pool.id, pool.body, collectors, whole=False)
    if pool.training is None:
        yield from _named(f"project/{pool.project_id}", state.project_of(pool).body, collectors, whole=True)


def _named(owner: str, body: Json, collectors: tuple[str, ...], *, whole: bool) -> Iterator[Rule]:
    for number, config in enumerate((body.get("quality_control") or {}).get("configs") or []):
        if config["collector_config"]["type"] in collectors:
            for rank, rule in enumerate(config["rules"]):
                name = f"{owner}/{number}/{rank}"
                yield Rule(name, config["collector_config"], rule["conditions"], rule["action"], whole)


def holds(rule: Rule, metrics: Metrics) -> bool:
    """Whether all conditions are true; one about an undefined metric is false."""
    return all(
        condition["key"] in metrics
        and COMPARISONS[condition["operator"]](metrics[condition["key"]], condition["value"])
        for condition in rule.conditions
    )
