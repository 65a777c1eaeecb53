"""Verification in numbers: votes per question, full pages, and how often verifiers agree with what was decided."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.reading import HANDED_IN, Dossier, PageState, Reading
from handlers.controls import PREFIX
from store.records import Answer, Decision, Page

Subject = tuple[str, str]  # assignment id and task id of what a question is about


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions of one sort, and the votes on them so far."""

    asked: int
    votes: int
    per_question: float | None  # None: none was asked
    right: int | None = None  # votes that tell the truth, where only we know it; None for ordinary questions


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many votes said what was decided in the end."""

    user_id: str  # "" for all verifiers together
    votes: int  # on outlines that are decided
    agreed: int
    share: float | None  # in 0..1; None without votes


def questions(reading: Reading) -> tuple[Questions, Questions]:
    """Count ordinary questions and control questions."""
    truths = {_subject_of_ask(each): bool(each.payload["truth"]) for each in _asked(reading, controls=True)}
    votes = [answer for _, answer in _votes(reading) if not _is_control(answer)]
    checked = [answer for _, answer in _votes(reading) if _is_control(answer)]
    right = sum(_ok(answer) == truths.get(_subject(answer)) for answer in checked)
    asked = len(_asked(reading, controls=False))
    return (
        Questions(asked, len(votes), share(len(votes), asked)),
        Questions(len(truths), len(checked), share(len(checked), len(truths)), right),
    )


def fill(pages: Sequence[Page], places: int) -> float | None:
    """Return how full pages were, in 0..1, of so many places each; None without pages."""
    return share(sum(len(page.answers) for page in pages), places * len(pages))


def share(part: float, whole: float) -> float | None:
    """Return a part of a whole, to four places; None of nothing."""
    return round(part / whole, 4) if whole else None


def agreement(reading: Reading) -> tuple[Agreement, list[Agreement]]:
    """Compare votes with the final verdict on their task: of all verifiers, and of each, those who agree least first.

    An outline of a paid page is right if it is a result, else wrong; the only one of a refused page is wrong, and those
    of a longer refused page are what most of their votes say. A tie, and what is not decided, counts for nobody.
    """
    said = _by_subject(reading)
    verdicts = dict(_verdicts(reading.outlining, said))
    votes, agreed = Counter[str](), Counter[str]()
    for subject, verdict in verdicts.items():
        for user_id, ok in said[subject]:
            votes[user_id] += 1
            agreed[user_id] += ok == verdict
    each = [_agreement(user_id, votes[user_id], agreed[user_id]) for user_id in votes]
    each.sort(key=lambda one: (one.agreed / one.votes, -one.votes, one.user_id))
    return _agreement("", votes.total(), agreed.total()), each


def _agreement(user_id: str, votes: int, agreed: int) -> Agreement:
    return Agreement(user_id, votes, agreed, share(agreed, votes))


def _verdicts(
    dossiers: Iterable[Dossier], said: Mapping[Subject, Sequence[tuple[str, bool]]]
) -> Iterator[tuple[Subject, bool]]:
    for dossier in dossiers:
        page = dossier.page
        for answer in page.answers:
            subject = (page.assignment_id, answer.task_id)
            verdict = _verdict(dossier, answer.task_id, [ok for _, ok in said.get(subject, ())])
            if verdict is not None and subject in said:
                yield subject, verdict


def _verdict(dossier: Dossier, task_id: str, votes: Sequence[bool]) -> bool | None:
    """Whether an outline was found right in the end; None: not decided, or nobody can say."""
    match dossier.state:
        case PageState.ACCEPTED:
            return task_id not in dossier.anew
        case PageState.REFUSED if len(dossier.page.answers) == 1:
            return False
        case PageState.REFUSED:
            return None if 2 * sum(votes) == len(votes) else 2 * sum(votes) > len(votes)
        case _:
            return None


def _by_subject(reading: Reading) -> dict[Subject, list[tuple[str, bool]]]:
    said: dict[Subject, list[tuple[str, bool]]] = defaultdict(list)
    for page, answer in _votes(reading):
        said[_subject(answer)].append((page.user_id, _ok(answer)))
    return said


def _votes(reading: Reading) -> Iterator[tuple[Page, Answer]]:
    counting = (page for page in reading.checking if page.status in HANDED_IN - {"REJECTED"})
    return ((page, answer) for page in counting for answer in page.answers if answer.subject_assignment_id)


def _asked(reading: Reading, *, controls: bool) -> list[Decision]:
    return [each for each in reading.asked("checking") if (each.payload.get("truth") is not None) is controls]


def _is_control(answer: Answer) -> bool:
    return (answer.subject_assignment_id or "").startswith(PREFIX)


def _subject(answer: Answer) -> Subject:
    return answer.subject_assignment_id or "", answer.subject_task_id or ""


def _subject_of_ask(ask: Decision) -> Subject:
    return ask.assignment_id or "", ask.task_id or ""


def _ok(answer: Answer) -> bool:
    return (answer.output or {}).get("verdict") == "OK"
