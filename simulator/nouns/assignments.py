"""A page's life: issued, then submitted, skipped or expired, then accepted or rejected."""

import logging
from collections.abc import Sequence

from simulator.account import money
from simulator.account.subscriptions import announce
from simulator.elements.errors import missing, wrong_status
from simulator.nouns import leaving
from simulator.nouns.answering import AnswerRaised, InvalidAnswer, answer
from simulator.offering import overlap
from simulator.offering.lifecycle import relieve
from simulator.offering.mixing import is_full
from simulator.quality import checkpoints
from simulator.records.state import SUITE, Assignment, Person, Place, Pool, State, Suite

logger = logging.getLogger(__name__)
STATUSES = ("ACTIVE", "SUBMITTED", "ACCEPTED", "REJECTED", "SKIPPED", "EXPIRED")
"""What pages can be, in the order in which they come to be it."""
DAY = 86_400.0
REVIEWABLE = {"ACCEPTED": ("SUBMITTED", "REJECTED"), "REJECTED": ("SUBMITTED",)}


def get(state: State, identity: str) -> Assignment:
    """The assignment with this id, or DOES_NOT_EXIST."""
    if identity not in state.assignments:
        raise missing("assignment", identity)
    return state.assignments[identity]


def issue(state: State, pool: Pool, person: Person, places: Sequence[Place]) -> Assignment:
    """Give these tasks, in this order, or the one suite, to this person as a new ACTIVE assignment."""
    suite = places[0] if isinstance(places[0], Suite) else _mixed(state, pool, person, places)
    user_id = person.performer.id
    identity = state.identify("assignment", pool.id, _content(state, user_id, suite.task_ids))
    reward, price = float(pool.body["reward_per_assignment"]), money.price(state, pool)
    new = Assignment(identity, suite.id, pool.id, user_id, suite.task_ids, reward, price, created=state.now)
    state.assignments[identity] = new
    pool.assignment_ids.append(identity)
    pool.pages.enter(new, "id", "created")
    pool.active += 1
    if is_full(pool, places):
        pool.quiet_since = state.now
    money.set_aside(state, new)
    person.busy = identity
    person.assignment_ids.append(identity)
    person.had[pool.id].update(place.id for place in places)
    person.inside.add(pool.id)
    for each in (suite, *(state.tasks[task_id] for task_id in suite.task_ids)):
        each.assignment_ids.append(identity)
    for place in places:
        overlap.take(state, place)
    checkpoints.set_up(state, pool, person, places)
    relieve(state, pool)
    _happened(state, new, "CREATED", user_id=user_id, tasks=list(suite.task_ids))
    return new


def _mixed(state: State, pool: Pool, person: Person, tasks: Sequence[Place]) -> Suite:
    """A suite of these tasks for this person, who has it alone."""
    task_ids = tuple(task.id for task in tasks)
    identity = state.identify("suite", pool.id, _content(state, person.performer.id, task_ids))
    made = Suite(identity, pool.id, {}, state.now, SUITE, overlap=1, issued=1, task_ids=task_ids, mixed=True)
    state.suites[identity] = made
    pool.suites.enter(made, "id", "created")
    return made


def _content(state: State, user_id: str, task_ids: Sequence[str]) -> list[str]:
    tasks = (state.tasks[identity] for identity in task_ids)
    return [user_id, *(task.id for task in sorted(tasks, key=lambda task: (task.created, task.id)))]


def submit(state: State, page: Assignment) -> None:
    """The performer sends the page in; accepted at once where the pool accepts by itself.

    Who has no answer that the project allows skips the page; so nobody is asked for the same answer twice.
    """
    try:
        answer(state, page)
    except InvalidAnswer as error:
        _spoil(state, page, error)
        return
    pool = _leave(state, page)
    page.status, page.submitted = "SUBMITTED", state.now
    state.pools[page.pool_id].pages.enter(page, "submitted")
    _tally(state, page)
    attempts = {"first_declined_solution_attempt": page.attempts} if page.attempts else {}
    accepts = pool.body.get("auto_accept_solutions", True)
    state.record("ASSIGNMENT_SUBMITTED", page.id, pool_id=page.pool_id, solutions=page.solutions, **attempts)
    if state.submitted_in_auto_accept or not accepts:
        _tell(state, page, "SUBMITTED")
    if accepts:
        _accept(state, page)
    else:
        money.block(state, page)
        state.deadlines.put(state.now + pool.body["auto_accept_period_day"] * DAY, "accept", page.id)
    state.touched.add((pool.id, page.user_id, "submit"))
    overlap.complete(state, (state.tasks[identity] for identity in page.task_ids))


def _spoil(state: State, page: Assignment, error: InvalidAnswer) -> None:
    said = {"task_id": error.task_id, "project_id": error.project_id, "flaw": error.flaw}
    why = "the answers function raised" if isinstance(error, AnswerRaised) else "an answer is not allowed"
    logger.warning("a page is skipped: %s", why, extra={"assignment_id": page.id} | said)
    state.record("INVALID_ANSWER", page.id, pool_id=page.pool_id, user_id=page.user_id, **said)
    state.pools[page.pool_id].flawed += 1
    state.people[page.user_id].flawed.update(place.id for place in overlap.held(state, page))
    skip(state, page)


def _tally(state: State, page: Assignment) -> None:
    state.tallies["submitted", page.pool_id, page.user_id].put(state.now, page.id, state.now - page.created)
    for mark in page.marks:
        tally = state.tallies[mark.kind, page.pool_id, page.user_id]
        tally.put(state.now, f"{page.id}/{mark.place:03}", mark.credit)


def skip(state: State, page: Assignment) -> None:
    """The performer does not want this page and will not get its tasks again."""
    pool = _leave(state, page)
    page.status, page.skipped = "SKIPPED", state.now
    state.pools[page.pool_id].pages.enter(page, "skipped")
    _happened(state, page, "SKIPPED")
    _give_back(state, page)
    state.touched.add((pool.id, page.user_id, "skip"))


def expire(state: State, page: Assignment) -> None:
    """The time for the page ran out; the performer may get its tasks again."""
    pool = _leave(state, page)
    page.status, page.expired = "EXPIRED", state.now
    state.pools[page.pool_id].pages.enter(page, "expired")
    _happened(state, page, "EXPIRED")
    state.people[page.user_id].had[pool.id].difference_update(place.id for place in overlap.held(state, page))
    _give_back(state, page)


def _leave(state: State, page: Assignment) -> Pool:
    pool = state.pools[page.pool_id]
    pool.active -= 1
    money.put_back(state, page)
    state.people[page.user_id].busy = None
    if pool.body.get("speed_quality_balance"):
        state.supplied.add(pool.id)
    return pool


def _give_back(state: State, page: Assignment) -> None:
    for place in overlap.held(state, page):
        overlap.give_back(state, place)


def review(state: State, page: Assignment, verdict: str, comment: str | None) -> str:
    """Accept or reject a page and return the assessment event; 409 when that cannot be done, or not be paid."""
    again = page.status == "REJECTED"
    _check_review(state, page, verdict)
    page.comment = comment
    state.deadlines.cancel("accept", page.id)
    if verdict == "ACCEPTED":
        _accept(state, page)
    else:
        _reject(state, page)
    state.touched.add((page.pool_id, page.user_id, "review"))
    if verdict == "REJECTED":
        return "REJECT"
    return "ACCEPT_AFTER_REJECT" if again else "ACCEPT"


def _check_review(state: State, page: Assignment, verdict: str) -> None:
    if page.status not in REVIEWABLE[verdict]:
        raise wrong_status(f"assignment is {page.status}", *REVIEWABLE[verdict])
    if state.pools[page.pool_id].status == "ARCHIVED":
        raise wrong_status("the pool is archived", "OPEN", "CLOSED")
    if page.status == "REJECTED" and not money.affordable(state, page.price):
        raise money.shortage("the page")


def _accept(state: State, page: Assignment) -> None:
    page.status, page.accepted = "ACCEPTED", state.now
    state.pools[page.pool_id].pages.enter(page, "accepted")
    state.tallies["reviewed", page.pool_id, page.user_id].put(state.now, page.id, 1.0)
    money.charge(state, page)
    _happened(state, page, "APPROVED", comment=page.comment)


def _reject(state: State, page: Assignment) -> None:
    page.status, page.rejected = "REJECTED", state.now
    state.pools[page.pool_id].pages.enter(page, "rejected")
    state.tallies["reviewed", page.pool_id, page.user_id].put(state.now, page.id, 0.0)
    money.release(state, page)
    _happened(state, page, "REJECTED", comment=page.comment)
    leaving.consider(state, page.user_id, "refusal", page.id)


def _happened(state: State, page: Assignment, what: str, **content: object) -> None:
    state.record(f"ASSIGNMENT_{what}", page.id, pool_id=page.pool_id, **content)
    _tell(state, page, what)


def _tell(state: State, page: Assignment, what: str) -> None:
    state.pools[page.pool_id].used = state.now
    suite = {"task_suite_id": page.suite_id, "assignment_id": page.id}
    announce(state, f"ASSIGNMENT_{what}", page.pool_id, page.id, **suite)
