"""How the world stands, for people to look at: projects, pools, people and money."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from simulator.account import money, requester
from simulator.offering import overlap
from simulator.records.state import Assignment, Json, Person, Pool, Project, State

RECENT = 40


@dataclass(frozen=True, slots=True)
class Purse:
    """The requester's money in dollars, the fee included: `balance` is without what is blocked, `free` nor in work."""

    balance: float
    blocked: float
    in_work: float
    free: float
    spent: float
    fee: float


@dataclass(frozen=True, slots=True)
class PoolLine:
    """One pool: `done` of its `wanted` tasks have all their answers, `pages` are counted by status; dollars."""

    id: str
    name: str
    kind: str
    status: str
    close_reason: str | None
    price: float
    known: int
    wanted: int
    done: int
    pages: Counter[str]
    spent: float


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One project with its pools, oldest first."""

    id: str
    name: str
    status: str
    pools: tuple[PoolLine, ...]


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One performer: where he is, what became of his pages, what he `earned` in dollars with bonuses, and his bans."""

    id: str
    kind: str
    country: str
    languages: tuple[str, ...]
    pool: str | None
    pages: Counter[str]
    earned: float
    skills: tuple[tuple[str, float], ...]
    bans: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page shows; `people` are those who took part, busiest first, of `inhabitants` in all."""

    now: float
    purse: Purse
    projects: tuple[ProjectLine, ...]
    people: tuple[PersonLine, ...]
    inhabitants: int
    recent: tuple[Json, ...]


def overview(state: State) -> Overview:
    """The world as it stands now."""
    bans = Counter(ban.user_id for ban in state.restrictions.values() if ban.until is None or ban.until > state.now)
    took_part = (each for each in state.people.values() if each.assignment_ids or bans[each.performer.id])
    gifts: dict[str, float] = defaultdict(float)
    for bonus in state.bonuses.values():
        gifts[bonus.body["user_id"]] += bonus.body["amount"]
    lines = [_person(state, each, bans[each.performer.id], gifts[each.performer.id]) for each in took_part]
    return Overview(
        now=state.now,
        purse=_purse(state),
        projects=tuple(_project(state, each) for each in state.projects.values()),
        people=tuple(sorted(lines, key=lambda line: (-line.pages.total(), line.id))),
        inhabitants=len(state.people),
        recent=tuple(reversed(state.history.recent(RECENT))),
    )


def _purse(state: State) -> Purse:
    return Purse(
        balance=requester.balance(state),
        blocked=state.reserved / money.UNIT,
        in_work=state.at_work / money.UNIT,
        free=money.available(state) / money.UNIT,
        spent=state.spent.total() / money.UNIT,
        fee=state.fee,
    )


def _project(state: State, project: Project) -> ProjectLine:
    pools = (pool for pool in state.pools.values() if pool.project_id == project.id)
    lines = tuple(_pool(state, pool) for pool in pools)
    return ProjectLine(project.id, str(project.body["public_name"]), project.status, lines)


def _pool(state: State, pool: Pool) -> PoolLine:
    tasks = [state.tasks[identity] for identity in pool.task_ids]
    kinds = Counter(task.kind for task in tasks)
    return PoolLine(
        id=pool.id,
        name=str(pool.body["private_name"]),
        kind=str(pool.body.get("type") or "REGULAR"),
        status=pool.status,
        close_reason=pool.close_reason if pool.status != "OPEN" else None,
        price=float(pool.body["reward_per_assignment"]),
        known=kinds["golden"] + kinds["training"],
        wanted=kinds["real"],
        done=sum(overlap.fulfilled(state, task) for task in tasks if task.kind == "real"),
        pages=_by_status(state.assignments[identity] for identity in pool.assignment_ids),
        spent=state.spent[pool.id] / money.UNIT,
    )


def _by_status(pages: Iterable[Assignment]) -> Counter[str]:
    return Counter(page.status for page in pages)


def _person(state: State, person: Person, bans: int, gifts: float) -> PersonLine:
    me = person.performer
    pages = [state.assignments[identity] for identity in person.assignment_ids]
    return PersonLine(
        id=me.id,
        kind=me.kind,
        country=me.profile.country,
        languages=me.profile.languages,
        pool=state.assignments[person.busy].pool_id if person.busy else None,
        pages=_by_status(pages),
        earned=gifts + sum(page.reward for page in pages if page.status == "ACCEPTED"),
        skills=tuple(
            (str(skill.body["name"]), held.value)
            for skill in state.skills.values()
            if (held := state.user_skills.get((skill.id, me.id)))
        ),
        bans=bans,
    )
