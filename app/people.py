"""What a person may decide about a page, and the event that tells the worker so."""

from collections.abc import Collection, Sequence

from app.acts import DECIDED, Act, Entry, What, acts_of, date, own_event, pending
from app.deadlines import deadline
from app.held import held, tasks, votes_on, waiting
from app.verdicts import turned_down, verdict_on
from handlers.reasons import LONGEST_COMMENT, WHAT_IS_WRONG, refusal, told
from handlers.routing import Running
from store.contract import Store
from store.errors import CrowdhookError
from store.records import Decision, DecisionState, Event, Page

__all__ = [
    "AlreadyDecided",
    "BadAct",
    "NoComment",
    "UnknownPage",
    "decide",
    "held",
    "page_of",
    "prepare",
    "record",
    "worded",
]
WORDS = {"accept": "accepted", "appeal": "accepted", "reject": "refused"}
DONE = {"ACCEPTED": "accepted", "REJECTED": "refused"}


class UnknownPage(CrowdhookError):
    """There is no such page to be decided:"""


class AlreadyDecided(CrowdhookError):
    """This page is decided already:"""


class NoComment(CrowdhookError):
    """A refusal must tell its performer why: give a reason, for no vote and no proposal gives one."""


class BadAct(CrowdhookError):
    """This cannot be decided so:"""


def decide(
    store: Store,
    running: Running,
    assignment_id: str,
    act: str,
    *,
    who: str,
    why: str,
    comment: str = "",
    wrong: Collection[int] = (),
    truth: bool = False,
    now: float,
) -> Event:
    """Write a person's act (accept, reject, ask-more) into the log, at platform time `now`; the worker carries it out.

    `wrong` are numbers of tasks, from 1 on. Accepted, they are paid for but no results and are asked anew; refused, the
    comment names them. `truth` says that the person looked at every task, so that its verifiers learn from it. Without
    a comment, a refusal tells what the proposal or the votes say. Accepting a refused page is an appeal. Raises
    UnknownPage, AlreadyDecided, NoComment, BadAct.
    """
    entry = prepare(
        store, running, assignment_id, act, who=who, why=why, comment=comment, wrong=wrong, truth=truth, now=now
    )
    return record(store, [entry])[0]


def prepare(
    store: Store,
    running: Running,
    assignment_id: str,
    act: str,
    *,
    who: str,
    why: str,
    comment: str = "",
    wrong: Collection[int] = (),
    truth: bool = False,
    now: float,
) -> Entry:
    """Check an act as `decide` does, and return what is to be written; nothing is."""
    what = _act(act)
    page = page_of(store, running, assignment_id)
    before = acts_of(store, page.pool_id).get(assignment_id, [])
    done = _already(store, running, page, what, before)
    if done:
        raise AlreadyDecided(f"{assignment_id} {done}.")
    _check_numbers(page, what, wrong)
    if what is What.REJECT:
        comment = _checked(comment or _found(store, running, page, wrong))
    said = {"act": str(what), "who": who, "why": why, "comment": comment, "wrong": sorted(set(wrong)), "truth": truth}
    return own_event(running, DECIDED, assignment_id, now, f"{DECIDED}:{assignment_id}:{len(before)}", said)


def record(store: Store, entries: Sequence[Entry]) -> list[Event]:
    """Write prepared acts into the log, in one transaction; raises AlreadyDecided if somebody was quicker."""
    new = store.append(entries)
    late = [event.assignment_id for (_, [event]), [fresh] in zip(entries, new, strict=True) if not fresh]
    if late:
        raise AlreadyDecided(f"somebody decided at the same moment about {', '.join(map(str, late))}; look again.")
    return [event for _, [event] in entries]


def page_of(store: Store, running: Running, assignment_id: str) -> Page:
    """Return a page of a run that was handed in; raises UnknownPage."""
    page = store.pages([assignment_id]).get(assignment_id)
    if page is None or page.pool_id != running.pool_ids["outlining"]:
        raise UnknownPage(f"{assignment_id} is no page of outlines of the run {running.run}.")
    if page.status != "SUBMITTED" and page.status not in DONE:
        raise UnknownPage(f"{assignment_id} was not handed in (it is {page.status}).")
    return page


def worded(running: Running, page: Page, wrong: Collection[int], reason: str) -> str:
    """Return the comment for a reason in the performers' language; a reason that is no known word is the comment.

    Raises BadAct when a known word says nothing of which pictures it is about, NoText.
    """
    if reason not in WHAT_IS_WRONG:
        return reason
    numbers = sorted(set(wrong)) or ([1] if len(page.answers) == 1 else [])
    if not numbers:
        raise BadAct(f"{page.assignment_id} has {len(page.answers)} pictures: say which are wrong.")
    return told(running.settings.language, [(number, reason) for number in numbers])


def _act(act: str) -> What:
    try:
        return What(act)
    except ValueError as error:
        raise BadAct(f"{act!r} is not one of {', '.join(What)}.") from error


def _already(store: Store, running: Running, page: Page, what: What, before: Sequence[Act]) -> str:
    """Say what was decided, by whom and when; "" when this act is still possible."""
    if before and pending(store, before[-1]):
        return f"– {before[-1]}, and the worker has not carried it out yet"
    verdict, appeal = verdict_on(store, page.assignment_id), _appeal(store, page)
    if appeal is not None:
        return _decided(appeal)
    refused = page.status == "REJECTED" or (page.status == "SUBMITTED" and verdict and verdict.kind == "reject")
    if (what is What.ACCEPT and refused) or (page.status == "SUBMITTED" and verdict is None):
        return ""
    ours = verdict is not None and DONE.get(page.status, WORDS[verdict.kind]) == WORDS[verdict.kind]
    return _decided(verdict) if verdict is not None and ours else _elsewhere(running, page)


def _appeal(store: Store, page: Page) -> Decision | None:
    """Return the appeal of a page that stands, if there is one."""
    appeals = [each for each in store.decisions(kind="appeal") if each.assignment_id == page.assignment_id]
    return next((each for each in reversed(appeals) if not turned_down(each)), None)


def _decided(verdict: Decision) -> str:
    unsent = verdict.kind == "reject" and verdict.state is DecisionState.PLANNED
    who = verdict.payload.get("by") or "the rule"
    said = f"was {WORDS[verdict.kind]} by {who} on {date(verdict.decided_at)}"
    return said + (", which is not sent yet: accept takes it back" if unsent else "")


def _elsewhere(running: Running, page: Page) -> str:
    """Say that a page was reviewed by a hand on the site, or by the platform when its time was over."""
    over = page.status == "ACCEPTED" and page.reviewed is not None and page.reviewed >= deadline(page, running)
    who = "the platform, its review period being over," if over else "somebody on the site"
    when = f" on {date(page.reviewed)}" if page.reviewed is not None else ""
    return f"was {DONE[page.status]} by {who}{when}"


def _check_numbers(page: Page, what: What, wrong: Collection[int]) -> None:
    beyond = sorted(number for number in set(wrong) if not 1 <= number <= len(page.answers))
    if beyond:
        raise BadAct(f"{page.assignment_id} has no picture {beyond[0]}, it has {len(page.answers)}.")
    if wrong and what is What.ASK_MORE:
        raise BadAct(f"{page.assignment_id}: asking on says nothing about which pictures are wrong.")


def _found(store: Store, running: Running, page: Page, wrong: Collection[int]) -> str:
    """Return the comment that the proposal or the votes give: about the named tasks, else about those most found wrong.

    "" when neither gives one: a proposal is about the whole page, and a task that nobody found wrong has no reason.
    """
    numbered = tasks(page, votes_on(store, [page.assignment_id]))
    named = [task for task in numbered if task.number in wrong] or [
        task for task in numbered if 2 * len(task.bad) > len(task.votes)
    ]
    proposal = _proposal(store, running, page) if len(set(wrong)) in (0, len(numbered)) else ""
    if proposal or not all(task.bad for task in named):
        return proposal
    lines = [(task.number, len(task.bad), len(task.votes), task.reasons) for task in named]
    return refusal(running.settings.language, lines)


def _proposal(store: Store, running: Running, page: Page) -> str:
    about = (each for each in waiting(store, running) if each.page.assignment_id == page.assignment_id)
    return next((each.proposal for each in about), "")


def _checked(comment: str) -> str:
    if not comment.strip():
        raise NoComment
    if len(comment) > LONGEST_COMMENT:
        raise BadAct(f"the comment has {len(comment)} characters, and Toloka takes {LONGEST_COMMENT}.")
    return comment
