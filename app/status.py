"""How a run stands while it runs: from the store alone, nothing is asked of the platform."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields

from app.deadlines import DAY, HALF_OVER, NEARLY_OVER, SHARES, deadline
from app.reading import PageState, Reading, read
from app.results import ImageStatus
from app.run_status import HOUR, LAST_HOURS, RunStatus, run_status
from app.timeline import Move, Purpose, Stand, image_counts, moves, payments
from app.voting import Agreement, Questions, agreement, fill, questions, share
from handlers.buffering import VERDICTS_SINCE, refusal_waits
from handlers.record import KINDS, LENGTH, Record
from handlers.routing import Running
from handlers.verifiers import below_bar
from store.contract import Store
from store.records import DecisionState, Standing


@dataclass(frozen=True, slots=True)
class Round:
    """What became of the outlines of one round."""

    round: int
    handed_in: int
    accepted: int  # as results
    wrong: int  # refused, or paid for without being a result
    share: float | None  # accepted of those that are decided, 0..1


@dataclass(frozen=True, slots=True)
class Money:
    """Dollars by purpose, fee included."""

    outlining: float  # paid
    checking: float  # of ordinary questions
    controls: float  # the share of control questions in pages of votes
    total: float
    reserved: float  # would be paid if every submitted page were accepted; not part of the total


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast images are finished (accepted, or left to a person), in hours of platform time."""

    finished: int  # within the last `hours`
    hours: float
    left: int  # images still under way; held ones wait for people, not for time
    hours_left: float | None  # None: nothing was finished lately, so nobody can say


@dataclass(frozen=True, slots=True)
class Refusals:
    """Whether refusals may be sent without a person, and those that wait to be sent."""

    mode: str  # earned, proposed, always
    live: bool
    gate: str  # why, in words
    tripped: bool  # the breaker holds all refusals
    warned: bool  # more refused than the platform likes
    overturned: int  # of the last refusals, by people
    pending: int  # decided, kept back so that they can be recalled
    verdicts_to_go: int | None  # until the first of them is sent; None: none is pending
    quiet_until: float | None  # platform time at which it is sent if no verdict comes
    bad_paid: str


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Pages that nobody decided and that the platform will pay by itself."""

    waiting: int
    half_over: int  # half of their review period is over, the nearly over ones among them
    nearly_over: int  # four fifths are
    next_at: float | None  # platform time of the first such payment
    next_page: str  # its assignment id; "" when nothing waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(RunStatus):
    """How a run of a segmentation stands at the platform time `now`; shares are in 0..1, money in dollars."""

    started: float | None  # platform time of the first ask
    images: dict[str, int]  # by ImageStatus
    pages: dict[str, int]  # by PageState
    proposed: int  # of the held pages: those held as proposed refusals
    questions: Questions
    controls: Questions
    checking_fill: float | None
    outlining_fill: float | None
    agreement: Agreement
    agreement_by_verifier: tuple[Agreement, ...]  # who agrees least first
    rounds: tuple[Round, ...]
    money: Money
    pace: Pace
    refusals: Refusals
    below_bar: tuple[Standing, ...]
    deadlines: Deadlines


def status(store: Store, running: Running, now: float, *, fee: float = 0.0) -> Status:
    """Return how a run stands at platform time `now`; `fee` is the platform's share on top of rewards (0.3: 30 %)."""
    reading = read(store, running)
    standings = store.verifiers(running.pool_ids["checking"])
    moved = moves(reading)
    images = image_counts(reading, moved)
    pages = Counter(str(each.state) for each in reading.outlining)
    ordinary, controls = questions(reading)
    together, by_verifier = agreement(reading)
    known = {"outlining": [each.page for each in reading.outlining], "checking": reading.checking}
    shared = run_status(store, running, reading.decisions, known, now)
    buffer = running.pipeline.pools["checking"].buffer
    return Status(
        **{each.name: getattr(shared, each.name) for each in fields(shared)},
        started=moved[0].at if moved else None,
        images=images,
        pages={str(each): pages[each] for each in PageState},
        proposed=sum(each.proposal for each in reading.outlining),
        questions=ordinary,
        controls=controls,
        checking_fill=fill(reading.checking, buffer.size),
        outlining_fill=fill([each.page for each in reading.outlining], running.settings.tasks_per_page),
        agreement=together,
        agreement_by_verifier=tuple(by_verifier),
        rounds=_rounds(reading),
        money=_money(reading, 1 + fee),
        pace=_pace(moved, images[ImageStatus.PENDING], now),
        refusals=_refusals(store, reading, standings, now),
        below_bar=tuple(each for each in standings if below_bar(each)),
        deadlines=_deadlines(reading, now),
    )


def _rounds(reading: Reading) -> tuple[Round, ...]:
    handed_in, accepted, wrong = Counter[int](), Counter[int](), Counter[int]()
    for each in reading.outlining:
        for answer in each.page.answers:
            at = int(answer.input["round"])
            paid = each.page.status == "ACCEPTED"
            handed_in[at] += 1
            accepted[at] += paid and answer.task_id not in each.anew
            wrong[at] += each.page.status == "REJECTED" or (paid and answer.task_id in each.anew)
    return tuple(
        Round(at, handed_in[at], accepted[at], wrong[at], share(accepted[at], accepted[at] + wrong[at]))
        for at in sorted(handed_in)
    )


def _money(reading: Reading, times: float) -> Money:
    spent = dict.fromkeys(Purpose, 0.0)
    for each in payments(reading):
        spent[each.purpose] += each.amount * times
    reserved = sum(each.page.reward * times for each in reading.outlining if each.page.status == "SUBMITTED")
    return Money(
        outlining=round(spent[Purpose.OUTLINING], 4),
        checking=round(spent[Purpose.CHECKING], 4),
        controls=round(spent[Purpose.CONTROLS], 4),
        total=round(sum(spent.values()), 4),
        reserved=round(reserved, 4),
    )


def _pace(moved: Sequence[Move], left: int, now: float) -> Pace:
    hours = min(LAST_HOURS, (now - moved[0].at) / HOUR) if moved else 0.0
    finished = {
        move.key for move in moved if move.stand in {Stand.ACCEPTED, Stand.HELD} and move.at > now - hours * HOUR
    }
    rate = share(len(finished), hours)
    hours_left = 0.0 if moved and not left else (round(left / rate, 2) if rate else None)
    return Pace(len(finished), round(hours, 2), left, hours_left)


def _refusals(store: Store, reading: Reading, standings: Sequence[Standing], now: float) -> Refusals:
    running = reading.running
    record = Record.of(store.recent(running.pipeline.name, running.run, KINDS, LENGTH), standings)
    mode, n_tasks = running.settings.refuse, running.settings.tasks_per_page
    waiting = [each for each in reading.of_kind("reject") if each.state is DecisionState.PLANNED and each.buffer]
    since, last = store.verdicts_after(waiting[0]) if waiting else (0, None)
    return Refusals(
        mode=mode,
        live=record.live(mode, n_tasks),
        gate=record.gate(mode, n_tasks),
        tripped=record.tripped,
        warned=record.warned,
        overturned=record.overturned,
        pending=len(waiting),
        verdicts_to_go=max(0, VERDICTS_SINCE - since) if waiting else None,
        quiet_until=refusal_waits(waiting[0], since, last, now) if waiting else None,
        bad_paid=record.bad_paid,
    )


def _deadlines(reading: Reading, now: float) -> Deadlines:
    running = reading.running
    undecided = (each.page for each in reading.outlining if each.page.status == "SUBMITTED" and each.verdict is None)
    waiting = sorted((deadline(page, running), page.assignment_id) for page in undecided)
    period = running.settings.review_days * DAY
    over = Counter(kind for at, _ in waiting for kind, share in SHARES.items() if at - (1 - share) * period <= now)
    first_at, first_page = waiting[0] if waiting else (None, "")
    return Deadlines(len(waiting), over[HALF_OVER], over[NEARLY_OVER], first_at, first_page)
