"""Speed or quality: of those who may come into a pool only the best do.

Best is who is likeliest to be right, as the platform may foresee it from all that people do elsewhere: here the crowd's
own word for their accuracy, careful people's before others'. Between equals it is chance.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from simulator.crowd.performers import KINDS_OF_PEOPLE, Performer
from simulator.elements.errors import Flaw, not_allowed
from simulator.elements.shapes import closed, fields, number, one_of
from simulator.offering.admission import admits, likers
from simulator.offering.offers import another_page
from simulator.records.state import Person, Pool, State

BY_SHARE, BY_COUNT = "TOP_PERCENTAGE_BY_QUALITY", "BEST_CONCURRENT_USERS_BY_QUALITY"
FORM = {"type": one_of(BY_SHARE, BY_COUNT), "percent": number(10, 100, whole=True), "count": number(0, 100, whole=True)}
NEEDED = {BY_SHARE: "percent", BY_COUNT: "count"}


def shape(value: Any, path: str) -> dict[str, Flaw]:
    """A balance of speed and quality: its type, and the percentage (in tens) or the number that this type needs."""
    found = closed(FORM, "type")(value, path)
    if found:
        return found
    needed = NEEDED[value["type"]]
    for other in {*NEEDED.values()} - {needed}:
        if value.get(other) is not None:
            found[f"{path}.{other}"] = not_allowed(f"{value['type']} has no {other}")
    if (value.get("percent") or 0) % 10:
        found[f"{path}.percent"] = not_allowed("must be a multiple of 10")
    return found | fields({}, needed)(value, path)


def best(state: State, pool: Pool) -> set[str] | None:
    """Ids of those who may come into a pool now because they are its best; None where everybody may."""
    balance = pool.body.get("speed_quality_balance")
    if not balance:
        return None
    able = [person for person in _ranked(state, pool) if admits(state, pool, person)]
    if balance["type"] == BY_SHARE:
        return _ids(able[: -(-len(able) * balance["percent"] // 100)])
    here = (person for person in able if _works_in(state, pool, person) or another_page(state, pool, person))
    return _ids(islice(here, balance["count"]))


def _ids(people: Iterable[Person]) -> set[str]:
    return {person.performer.id for person in people}


def lets_in(state: State, pool: Pool, person: Person) -> bool:
    """Whether somebody whom the pool admits is among its best now."""
    among = best(state, pool)
    return among is None or person.performer.id in among


def _ranked(state: State, pool: Pool) -> list[Person]:
    """Those who like the pool's project, the best first."""
    people = (state.people[user_id] for user_id in likers(state, pool))
    return sorted(people, key=lambda person: (-forecast(person.performer), person.performer.draw("forecast")))


def forecast(performer: Performer) -> float:
    """How likely (0..1) this person is expected to be right: nothing is expected of those who are not careful."""
    return 0.0 if performer.kind in KINDS_OF_PEOPLE else performer.accuracy


def _works_in(state: State, pool: Pool, person: Person) -> bool:
    return person.busy is not None and state.assignments[person.busy].pool_id == pool.id
