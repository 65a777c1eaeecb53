"""What people do: hear of new work, look for a page, work on it, take breaks, go away and come back."""

from simulator.account import money
from simulator.crowd.performers import Performer
from simulator.elements.clock import exact
from simulator.elements.draws import waiting
from simulator.nouns import assignments
from simulator.offering import admission, lifecycle, mixing, offers, speed_quality
from simulator.records.state import Assignment, Person, Pool, State

WAKING = 120.0
"""Mean seconds until somebody who heard of work looks for it."""
BREAK = 8.0
OUTLINING_FACTOR = 4.0
OUTLINING_SECONDS = (20.0, 120.0)
CAREFUL_SECONDS = 21.0


def hear(state: State) -> None:
    """Wake those for whom there is something new: supply of a pool, or a skill or a ban that changed."""
    supplied, state.supplied = sorted(state.supplied), set()
    for pool_id in supplied:
        call(state, state.pools[pool_id])
    freed, state.freed = sorted(state.freed), set()
    for user_id in freed:
        person = state.people[user_id]
        if not _rests(state, person):
            continue
        if any(
            mixing.attracts(state, pool, person) and speed_quality.lets_in(state, pool, person)
            for pool in _open_pools(state)
        ):
            wake(state, person)
        else:
            _listen(state, person)


def call(state: State, pool: Pool) -> None:
    """Wake those who can take something of this pool, and set the moment from which it issues short pages."""
    if pool.status != "OPEN" or not offers.stocked(pool):
        return
    _await_quiet(state, pool)
    listening = admission.likers(state, pool) if pool.listening is None else pool.listening
    resting = [person for user_id in sorted(listening) if _rests(state, person := state.people[user_id])]
    best = speed_quality.best(state, pool)
    for person in resting:
        if (best is None or person.performer.id in best) and mixing.attracts(state, pool, person):
            wake(state, person)
    pool.listening = {person.performer.id for person in resting if _listens(state, pool, person)}


def _rests(state: State, person: Person) -> bool:
    return person.busy is None and not state.doings.has("look", person.performer.id)


def _listens(state: State, pool: Pool, person: Person) -> bool:
    """Whether news of this pool may move this person: he may come in, or what others do may let him."""
    by_others = pool.training is not None or pool.body.get("speed_quality_balance")
    return _rests(state, person) and (bool(by_others) or admission.admits(state, pool, person))


def _listen(state: State, person: Person) -> None:
    """Somebody comes to rest, or may do more than before: he hears of all that he likes."""
    for pool in _open_pools(state):
        if pool.listening is not None and person.performer.id in admission.likers(state, pool):
            pool.listening.add(person.performer.id)


def _open_pools(state: State) -> list[Pool]:
    return [pool for pool in state.pools.values() if pool.status == "OPEN"]


def _await_quiet(state: State, pool: Pool) -> None:
    moment = mixing.short_page_at(pool)
    if state.now < moment < float("inf") and not state.doings.has("quiet", pool.id):
        state.doings.put(exact(moment), "quiet", pool.id)


def quiet(state: State, pool: Pool) -> None:
    """The moment for short pages has come, or has moved on meanwhile."""
    call(state, pool)


def wake(state: State, person: Person) -> None:
    """Tell somebody who is not at work of it; he will look for a page soon."""
    if _rests(state, person):
        person.pages_left = 5 + int(person.performer.draw("stays", state.now) * 20)
        _look_in(state, person, waiting(WAKING, person.performer.draw("wakes", state.now)))


def _look_in(state: State, person: Person, seconds: float) -> None:
    hours, moment = person.performer.conduct.hours, state.now + seconds
    state.doings.put(exact(hours.next(moment) if hours else moment), "look", person.performer.id)


def look(state: State, person: Person) -> None:
    """Take a page where there is one; otherwise rest until new work is heard of."""
    draw = person.performer.draw
    for pool in sorted(_open_pools(state), key=lambda pool: draw("prefers", pool.id, state.now)):
        places = mixing.page(state, pool, person)
        if places and len(pool.assignment_ids) >= state.limits.assignments:
            lifecycle.close_pool(state, pool, "ASSIGNMENTS_LIMIT_EXCEEDED")
        elif places and not money.affordable(state, money.price(state, pool)):
            lifecycle.close_pool(state, pool, "NOT_ENOUGH_BALANCE")
        elif places:
            _begin(state, person, assignments.issue(state, pool, person, places))
            _await_quiet(state, pool)
            return
    _listen(state, person)


def _begin(state: State, person: Person, page: Assignment) -> None:
    conduct, draw = person.performer.conduct, person.performer.draw
    duration = float(state.pools[page.pool_id].body["assignment_max_duration_seconds"])
    chance = draw("outcome", page.id)
    if chance < conduct.skip:
        kind, seconds = "skip", 3 + 12 * draw("skips", page.id)
    elif chance < conduct.skip + conduct.expire:
        kind, seconds = "expire", duration
    else:
        kind, seconds = "submit", working_seconds(state, person, page)
    state.doings.put(exact(state.now + min(seconds, duration)), kind, page.id)


def working_seconds(state: State, person: Person, page: Assignment) -> float:
    """How long this person works on this page; at most nine tenths of the time that there is for it."""
    pool, performer = state.pools[page.pool_id], person.performer
    if performer.conduct.page_seconds:
        low, high = performer.conduct.page_seconds
        seconds = low + (high - low) * performer.draw("hurries", page.id)
    else:
        drawn = _seconds_per_task(state, performer, pool, page)
        inputs = (state.tasks[identity].body["input_values"] for identity in page.task_ids)
        told = [state.crowd.seconds(performer, each) for each in inputs]
        seconds = drawn * told.count(None) + sum(each for each in told if each is not None)
    return min(seconds, 0.9 * float(pool.body["assignment_max_duration_seconds"]))


def _seconds_per_task(state: State, performer: Performer, pool: Pool, page: Assignment) -> float:
    """As fast as was said of him; else outlining takes longer, and nobody careful is done in 20 s with it."""
    project, conduct = state.project_of(pool).body, performer.conduct
    speed = conduct.speed_in.get(project["public_name"], conduct.speed)
    if speed:
        return speed.at(performer.draw("works", page.id))
    fields = project["task_spec"]["output_spec"].values()
    seconds = conduct.seconds_per_task * performer.pace * (0.6 + 0.8 * performer.draw("works", page.id))
    if any(field["type"].endswith("json") for field in fields):
        low, high = OUTLINING_SECONDS
        seconds = min(high, max(low, seconds * OUTLINING_FACTOR))
        if performer.kind == "careful":
            seconds = max(CAREFUL_SECONDS, seconds)
    return seconds


def rest(state: State, person: Person) -> None:
    """After a page: a short break, or after enough pages a long one."""
    draw = person.performer.draw
    person.pages_left -= 1
    if person.pages_left > 0:
        _look_in(state, person, 2 + waiting(BREAK, draw("rests", state.now)))
    else:
        person.pages_left = 5 + int(draw("stays", state.now) * 20)
        _look_in(state, person, 1200 + 2400 * draw("leaves", state.now))
