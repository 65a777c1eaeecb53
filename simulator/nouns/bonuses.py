"""User bonuses: dollars given to a performer beside the price of a page, charged when they are issued."""

from simulator.account import money, quotas
from simulator.elements.clock import iso
from simulator.elements.errors import Refused, conflict, invalid, missing, required
from simulator.nouns import messages
from simulator.nouns.batches import Batch, Wording
from simulator.nouns.bonus_forms import FIELDS, flaws, only_twice
from simulator.records.dealings import Bonus
from simulator.records.state import Assignment, Json, State

WORDING = Wording("USER_BONUS_PERSIST", "USER_BONUS_VALIDATE", "user_bonus_id")
MOST_AT_ONCE = 100
MOST_LATER = 10_000


def issue(state: State, items: list[Json], *, skip_invalid_items: bool, later: bool) -> Batch:
    """Issue the good bonuses of a request, or none when one is bad and `skip_invalid_items` is not set.

    Raises VALIDATION_ERROR for an empty request, ENTITY_TOO_LARGE, NOT_ENOUGH_BALANCE when not all can be paid, and
    unless `later` ENTITY_CONFLICT for the same bonus twice.
    """
    _check_size(items, MOST_LATER if later else MOST_AT_ONCE)
    quotas.count(state, "bonus")
    flawed = flaws(state, items)
    if flawed and not skip_invalid_items:
        if not later and only_twice(flawed.values()):
            payload = {str(index): wrong for index, wrong in flawed.items()}
            raise conflict("ENTITY_CONFLICT", "the same bonus is there twice", payload)
        return Batch(WORDING, items, {}, flawed)
    good = {index: item for index, item in enumerate(items) if index not in flawed}
    if not money.affordable(state, sum(money.with_fee(state, item["amount"]) for item in good.values())):
        raise money.shortage("the bonuses")
    return Batch(WORDING, items, {index: _issue(state, item).id for index, item in good.items()}, flawed)


def _check_size(items: list[Json], most: int) -> None:
    if not items:
        raise invalid({"": required()})
    if len(items) > most:
        raise Refused(413, "ENTITY_TOO_LARGE", f"at most {most} bonuses in a request")


def _issue(state: State, item: Json) -> Bonus:
    body = {name: item[name] for name in FIELDS if item.get(name) is not None}
    page = state.assignments[body["assignment_id"]] if "assignment_id" in body else None
    new = Bonus(state.number("bonus", body), body, money.with_fee(state, body["amount"]), state.now)
    state.bonuses[new.id] = new
    if page is not None:
        page.bonus_ids += (new.id,)
    state.record("USER_BONUS", new.id, **body)
    money.grant(state, new, page.pool_id if page else None)
    if not body.get("without_message"):
        messages.tell(state, body["user_id"], body["public_title"], body["public_message"], _meta(state, page))
    return new


def _meta(state: State, page: Assignment | None) -> dict[str, str]:
    """What a bonus is for, as its message tells it."""
    if page is None:
        return {}
    return {"assignment_id": page.id, "pool_id": page.pool_id, "project_id": state.pools[page.pool_id].project_id}


def get(state: State, identity: str) -> Bonus:
    """The bonus with this id, or DOES_NOT_EXIST."""
    if identity not in state.bonuses:
        raise missing("user bonus", identity)
    return state.bonuses[identity]


def view(bonus: Bonus) -> Json:
    """A bonus as the API shows it."""
    told = {"without_message": False} | bonus.body | {"amount": float(bonus.body["amount"])}
    return told | {"id": bonus.id, "created": iso(bonus.created)}
