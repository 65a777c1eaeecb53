"""What a person should look at first in a run's status, and what to do about it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from app.reading import PageState
from app.results import ImageStatus
from app.run_status import RunStatus
from app.status import Status


class Weight(IntEnum):
    """How much a worry weighs."""

    STOPS = 0  # something does not go on, or money goes where nobody wanted it to
    WAITS = 1  # a person is waited for


@dataclass(frozen=True, slots=True, order=True)
class Worry:
    """One thing to look at, in a sentence."""

    weight: Weight
    text: str


def worries(status: Status) -> list[Worry]:
    """Return what is worrying about a segmentation, the worst first."""
    found = [*of_any_run(status), *_refused(status), *_undecided(status), *_people(status)]
    return sorted(found, key=lambda worry: worry.weight)


def of_any_run(status: RunStatus) -> Iterator[Worry]:
    """Yield what is worrying about a run, whatever its pipeline."""
    yield from _money(status)
    yield from _stopped(status)


def moment(at: float) -> str:
    """Return a platform time as people write it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def many(count: int, noun: str, plural: str = "") -> str:
    """Return "1 page", "2 pages"."""
    return f"{count} {noun}" if count == 1 else f"{count} {plural or f'{noun}s'}"


def _money(status: RunStatus) -> Iterator[Worry]:
    """Tell why nothing more is asked, when it is for money or for a person's word."""
    spending = status.spending
    waiting = many(spending.waiting, "question or task waits", "questions and tasks wait")
    start = f"crowdhook start {status.pipeline} --run {status.run} --cap"
    match spending.held_back:
        case "cap":
            text = f"the cap of ${spending.cap:.2f} is reached: {waiting}; {start} with more lets them go"
            yield Worry(Weight.STOPS, text)
        case "daily cap":
            yield Worry(
                Weight.WAITS, f"the cap of ${spending.daily_cap:.2f} a day is reached: {waiting} for midnight UTC"
            )
        case "ready":
            yield Worry(Weight.WAITS, f"not started yet: {waiting}; {start} DOLLARS")
        case "paused" | "stopped":
            yield Worry(Weight.WAITS, f"{spending.held_back}: {waiting}; crowdhook resume {status.pipeline}")


def _stopped(status: RunStatus) -> Iterator[Worry]:
    if status.astray:
        counts = Counter(each.state for each in status.astray)
        states = ", ".join(f"{count} {state}" for state, count in counts.items())
        yield Worry(Weight.STOPS, f"{many(len(status.astray), 'decision')} did not come to what was decided: {states}")
    for pool in status.pools:
        if pool.advice:
            yield Worry(Weight.STOPS, f"pool {pool.role} ({pool.pool_id}): {pool.advice}")
    told = {f"pool {pool.role}: status" for pool in status.pools if pool.advice}
    changed = [each for each in status.drift if each.what not in told]
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        yield Worry(Weight.STOPS, f"changed on the platform: {changed[0].what}{more}")
    if status.workload.parked:
        text = f"parked because a handler failed: {many(status.workload.parked, 'event')} (event log, state parked)"
        yield Worry(Weight.STOPS, text)


def _refused(status: Status) -> Iterator[Worry]:
    if status.refusals.tripped:
        yield Worry(Weight.STOPS, "too many of the last pages would be refused: all refusals are held for a person")
    elif status.refusals.warned:
        yield Worry(Weight.WAITS, "many of the last pages were refused; the platform marks requesters who refuse more")


def _undecided(status: Status) -> Iterator[Worry]:
    ahead = status.deadlines
    if ahead.nearly_over and ahead.next_at is not None:
        first = f"the platform pays the first by itself on {moment(ahead.next_at)}"
        yield Worry(Weight.STOPS, f"nearly out of time: {many(ahead.nearly_over, 'page')}; {first}")
    if ahead.half_over > ahead.nearly_over:
        more = ahead.half_over - ahead.nearly_over
        yield Worry(Weight.WAITS, f"half of the review period is over: {many(more, 'page')}")
    elsewhere = status.pages[PageState.ELSEWHERE]
    if elsewhere:
        yield Worry(Weight.WAITS, f"decided on the platform, not by this run: {many(elsewhere, 'page')}")
    if status.pace.left and status.pace.hours_left is None:
        text = f"no image was finished in the last {status.pace.hours:g} h; under way: {status.pace.left}"
        yield Worry(Weight.WAITS, text)


def _people(status: Status) -> Iterator[Worry]:
    held = status.pages[PageState.HELD]
    if held:
        proposed = f", {many(status.proposed, 'proposed refusal')} among them" if status.proposed else ""
        yield Worry(
            Weight.WAITS, f"for a person to decide: {many(held, 'page')}{proposed} (crowdhook held {status.pipeline})"
        )
    if status.below_bar:
        names = ", ".join(each.user_id for each in status.below_bar[:3])
        more = f" and {len(status.below_bar) - 3} more" if len(status.below_bar) > 3 else ""
        yield Worry(Weight.WAITS, f"verifiers below the bar: {names}{more}")
    unresolved = status.images[ImageStatus.UNRESOLVED]
    if unresolved:
        yield Worry(Weight.WAITS, f"not right after all their rounds: {many(unresolved, 'image')}")
