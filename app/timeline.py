"""A run over platform time: when each image came to stand where, and when money was spent, on what."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.reading import TURNED_DOWN, Dossier, Reading
from app.results import ImageStatus
from handlers.controls import PREFIX
from store.records import Decision, Page


class Stand(StrEnum):
    """Where an image stands; the order is that of the picture, from the ground up."""

    ACCEPTED = "accepted"
    HELD = "held"
    WRONG = "refused or wrong so far"  # to be outlined anew, or out of rounds
    VERIFYING = "in verification"
    WAITING = "not yet outlined"


MEANS = {
    Stand.ACCEPTED: ImageStatus.ACCEPTED,
    Stand.HELD: ImageStatus.HELD,
    Stand.WRONG: ImageStatus.PENDING,  # as long as there are rounds left
    Stand.VERIFYING: ImageStatus.PENDING,
    Stand.WAITING: ImageStatus.PENDING,
}
# What a decision about a page means for its images, as long as the platform shows the page as submitted
TURNS = {"hold": Stand.HELD, "votes": Stand.VERIFYING, "accept": Stand.VERIFYING, "reject": Stand.VERIFYING}


class Purpose(StrEnum):
    """What money is spent on."""

    OUTLINING = "outlining"
    CHECKING = "checking"
    CONTROLS = "control questions"


@dataclass(frozen=True, slots=True, order=True)
class Move:
    """An image came to stand somewhere, at a platform time."""

    at: float
    key: str
    stand: Stand


@dataclass(frozen=True, slots=True, order=True)
class Payment:
    """Dollars, without the platform's fee, spent at a platform time."""

    at: float
    purpose: Purpose
    amount: float


def moves(reading: Reading) -> list[Move]:
    """Return every change of an image's stand, oldest first; what was accepted stays so."""
    asked = sorted((each.decided_at, str(each.payload["input"]["item"])) for each in _outlining_asks(reading))
    first = {key: at for at, key in reversed(asked)}
    found = [Move(at, key, Stand.WAITING) for key, at in first.items()]
    for dossier in reading.outlining:
        found += _moves_of(dossier)
    return list(_real(sorted(found, key=lambda move: move.at)))


def image_counts(reading: Reading, moved: Iterable[Move]) -> dict[str, int]:
    """Count images by ImageStatus, given their moves; the same as `app.outcomes.image_results` says one by one."""
    rounds: Counter[str] = Counter()
    for ask in _outlining_asks(reading):
        shown = ask.payload["input"]
        rounds[str(shown["item"])] = max(rounds[str(shown["item"])], int(shown["round"]))
    stands = {move.key: move.stand for move in moved}
    counts = dict.fromkeys(map(str, ImageStatus), 0)
    for key, stand in stands.items():
        out_of_rounds = stand is Stand.WRONG and rounds[key] >= reading.running.settings.max_rounds
        counts[ImageStatus.UNRESOLVED if out_of_rounds else MEANS[stand]] += 1
    return counts


def payments(reading: Reading) -> list[Payment]:
    """Return every payment, oldest first: a page of outlines when it is accepted, a page of votes when handed in.

    A page of votes is shared out by its questions: those that are control questions, and the others.
    """
    paid = [
        Payment(each.page.reviewed, Purpose.OUTLINING, each.page.reward)
        for each in reading.outlining
        if each.page.status == "ACCEPTED" and each.page.reviewed is not None
    ]
    for page in reading.checking:
        paid += _shared_out(page)
    return sorted(paid)


def _outlining_asks(reading: Reading) -> Iterator[Decision]:
    lane = reading.running.pool_ids["outlining"]
    return (each for each in reading.of_kind("ask") if each.lane == lane)


def _moves_of(dossier: Dossier) -> Iterator[Move]:
    anew = dossier.anew
    for at, stand in _turns(dossier):
        for answer in dossier.page.answers:
            fits = stand is not Stand.ACCEPTED or answer.task_id not in anew
            yield Move(at, str(answer.input["item"]), stand if fits else Stand.WRONG)


def _turns(dossier: Dossier) -> Iterator[tuple[float, Stand]]:
    page = dossier.page
    reviewed = page.reviewed if page.status != "SUBMITTED" else None
    yield page.submitted or page.created, Stand.VERIFYING
    for each in dossier.history:
        if each.kind in TURNS and (reviewed is None or each.decided_at < reviewed):
            yield each.decided_at, Stand.HELD if each.state in TURNED_DOWN else TURNS[each.kind]
    if reviewed is not None:
        yield reviewed, Stand.ACCEPTED if page.status == "ACCEPTED" else Stand.WRONG


def _real(ordered: Iterable[Move]) -> Iterator[Move]:
    """Leave out moves to where an image stands already, and moves of accepted ones."""
    stands: dict[str, Stand] = {}
    for move in ordered:
        if stands.get(move.key) not in (move.stand, Stand.ACCEPTED):
            stands[move.key] = move.stand
            yield move


def _shared_out(page: Page) -> Iterator[Payment]:
    if page.submitted is None or not page.answers:
        return
    controls = sum((answer.subject_assignment_id or "").startswith(PREFIX) for answer in page.answers)
    each = page.reward / len(page.answers)
    yield Payment(page.submitted, Purpose.CHECKING, each * (len(page.answers) - controls))
    yield Payment(page.submitted, Purpose.CONTROLS, each * controls)
