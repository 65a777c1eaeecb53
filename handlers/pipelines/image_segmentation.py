"""Outlines: one performer draws boxes, others say whether they are right, and that decides the pay.

What the pools look like (interfaces, prices, filters, rules) is in `handlers/segmentation_pools.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from handlers.actions import Accept, Action, Appeal, Hold, Learn, Recall, Reject
from handlers.context import Asked, Context, Subject
from handlers.controls import Control, each_due
from handlers.pipeline import Buffer, Pipeline
from handlers.reasons import WHAT_IS_WRONG, refusal
from handlers.record import Record
from handlers.segmentation_budget import estimate
from handlers.segmentation_pools import (
    QUESTIONS_A_PAGE,
    UNGUARDED,
    Settings,
    check_live,
    checking_pool,
    checking_project,
    outlining_pool,
    outlining_project,
    settings,
    warnings,
)
from handlers.verdict import Learned, Outcome, PageVerdict, Policy, TaskState, TaskVotes, Vote, judge, learn
from handlers.verifiers import below_bar
from store.records import Answer, Lesson, Page

DAY = 86400.0
HEADROOM = 6 * 3600.0  # a refusal that waits is sent so long before the platform would pay by itself

pipeline = Pipeline(
    "image-segmentation",
    settings,
    skills={"outlining": "Outlines objects", "checking": "Checks outlines"},
    warnings=warnings,
    check_live=check_live,
    from_data=("known",),
    estimate=estimate,
)
outlining = pipeline.pool("outlining", project=outlining_project, pool=outlining_pool)
checking = pipeline.pool("checking", project=checking_project, pool=checking_pool, buffer=Buffer(QUESTIONS_A_PAGE, 600))


@outlining.on_added
def ask_for_outlines(ctx: Context) -> Iterator[Action]:
    """Ask one performer to outline each image that was given."""
    for item in ctx.payload["items"]:
        yield outlining.ask(key=item["key"], image=item["url"], item=item["key"], round=1)


@outlining.on_submitted
def have_it_checked(ctx: Context) -> Iterator[Action]:
    """Show every outline to performers who did not draw it, and now and then one whose truth is known."""
    page, chosen = ctx.assignment, ctx.settings
    if page is None or page.status != "SUBMITTED":  # reviewed on the site meanwhile: nothing is asked
        return
    votes = chosen.policy.votes_first(len(page.answers))
    for answer in page.answers:
        yield checking.ask(about=answer, author=page.user_id, overlap=votes, **_shown(answer))
    questions = [f"{answer.assignment_id}:{answer.task_id}" for answer in page.answers]
    for control in each_due(chosen.known, questions, chosen.controls):
        yield checking.ask(control=control, overlap=votes, **_shown_control(control))


@checking.on_answered
def settle(ctx: Context) -> Iterator[Action]:
    """Pay the page whose outlines its checkers confirm; ask on, hold, or refuse the others."""
    if ctx.assignment is not None and ctx.truths:
        yield Learn(tuple(_control_lessons(ctx.assignment, ctx.truths)))
    record = ctx.record
    for subject in ctx.subjects:
        if not subject.decided:
            actions = list(settled(subject, ctx.settings, record))
            record = record.after(actions)
            yield from actions


@checking.on_found
def settle_what_was_answered(ctx: Context) -> Iterator[Action]:
    """Judge a page whose questions were asked before a backup was put back: their votes may have come long ago."""
    if ctx.subject is not None and not ctx.subject.decided:
        yield from settled(ctx.subject, ctx.settings, ctx.record)


@outlining.on_reviewed
def ask_anew(ctx: Context) -> Iterator[Action]:
    """Ask once more for what was refused, and for what was paid for without being right."""
    subject = ctx.subject
    if subject is None:
        return
    for answer in _unusable(subject):
        generation = int(answer.input["round"]) + 1
        if generation <= ctx.settings.max_rounds:
            yield outlining.ask(
                key=f"{answer.assignment_id}:{answer.task_id}",
                generation=generation,
                author=subject.page.user_id,
                unavailable_for=answer.unavailable_for,
                image=answer.input["image"],
                item=answer.input["item"],
                round=generation,
            )


@outlining.on_person
def do_as_told(ctx: Context) -> Iterator[Action]:
    """Do what a person decided about a page: pay it, refuse it, take a refusal back, or ask more people."""
    subject, said = ctx.subject, ctx.payload
    if subject is None:
        return
    page, who, why = subject.page, str(said["who"]), str(said.get("why") or "")
    wrong = [answer.task_id for at, answer in enumerate(page.answers, 1) if at in said.get("wrong", ())]
    unsent = page.assignment_id in ctx.record.unsent
    if said["act"] == "ask-more":
        yield from _ask_more(subject, why)
        return
    if unsent and said["act"] == "accept":
        yield Recall(page.assignment_id, f"{who}: {why}", subject.votes)
    if page.status == "REJECTED" and said["act"] == "accept":
        yield Appeal(page.assignment_id, by=who, reason=why)
    elif said["act"] == "accept":
        yield Accept(page.assignment_id, why, tuple(wrong), by=who)
    elif not unsent:
        yield Reject(page.assignment_id, str(said["comment"]), why, by=who)
    if said.get("truth"):
        truth = {answer.task_id: answer.task_id not in wrong for answer in page.answers}
        tasks = [_votes(asked, ctx.settings.policy) for asked in subject.asked]
        yield Learn(_lessons(page.assignment_id, learn(tasks, ctx.settings.policy, truth), ":person"))


@checking.on_failed
def hold_what_cannot_be_asked(ctx: Context) -> Iterator[Action]:
    """Leave a page to a person when the platform refuses a question about it."""
    if ctx.subject is not None and not ctx.subject.decided:
        yield Hold(ctx.subject.page.assignment_id, ctx.subject.votes, f"not asked: {ctx.payload['error']}")


@checking.on_closed
def hold_what_nobody_answers(ctx: Context) -> Iterator[Action]:
    """Leave pages to a person whose questions were withdrawn on the site before all their votes were in."""
    if ctx.pool is None or (ctx.pool.status, ctx.pool.close_reason) != ("CLOSED", "COMPLETED"):
        return
    for subject in ctx.unfinished:
        if any(asked.abandoned for asked in subject.asked):
            yield Hold(subject.page.assignment_id, subject.votes, "a question was withdrawn on the site")


@outlining.on_closed
def publish_results(ctx: Context) -> Iterator[Action]:
    """Write the results as they stand when the outlining closes."""
    if ctx.pool is not None and ctx.pool.status == "CLOSED":
        yield outlining.publish(occasion=str(ctx.pool.last_started))


def settled(subject: Subject, chosen: Settings, record: Record) -> Iterator[Action]:
    """Say what the votes on a page mean: its verdict and what that teaches of its verifiers, or what to ask on."""
    tasks = [_votes(asked, chosen.policy) for asked in subject.asked]
    verdict = judge(tasks, chosen.policy)
    page_id = subject.page.assignment_id
    reason = _tally(verdict)
    match verdict.outcome:
        case Outcome.PAY:
            anew = tuple(view.task_id for view in verdict.tasks if view.state is not TaskState.OK)
            yield Accept(page_id, reason, anew)
            yield Learn(_lessons(page_id, learn(tasks, chosen.policy)))
        case Outcome.REFUSE:
            refused = list(_refuse(subject, verdict, chosen, record))
            yield from refused
            if any(isinstance(action, Reject) for action in refused):
                yield Learn(_lessons(page_id, learn(tasks, chosen.policy)))
        case Outcome.HOLD:
            yield Hold(page_id, subject.votes, reason)
        case Outcome.MORE:
            for asked in subject.asked:
                if asked.answer.task_id in verdict.more and asked.question:
                    yield checking.more_votes(asked.question, reason)


def _refuse(subject: Subject, verdict: PageVerdict, chosen: Settings, record: Record) -> Iterator[Action]:
    """Refuse, late, so that it can be recalled; or propose to, where the rule may not refuse (any more)."""
    page, reason = subject.page, _tally(verdict)
    comment = _comment(subject, verdict, chosen.language)
    proposal = Hold(page.assignment_id, subject.votes, reason, comment)
    if chosen.refuse == UNGUARDED:
        yield Reject(page.assignment_id, comment, reason)
    elif record.proposed(page.assignment_id) or not record.live(chosen.refuse, len(page.answers)):
        yield proposal
    elif record.after([proposal]).tripped:
        for judged in record.pages:
            if judged.unsent:
                yield Recall(judged.assignment_id, "too many of the last pages were refused")
                yield Hold(judged.assignment_id, -len(record.said), "recalled by the breaker", judged.comment)
        yield proposal
    else:
        deadline = (page.submitted or 0.0) + chosen.review_days * DAY - HEADROOM
        yield Reject(page.assignment_id, comment, reason, late=deadline)


def _ask_more(subject: Subject, why: str) -> Iterator[Action]:
    """Show every question of a page, whose votes are in, to one more performer."""
    for asked in subject.asked:
        if asked.complete and asked.question:
            yield checking.more_votes(asked.question, why)


def _control_lessons(page: Page, truths: Mapping[str, bool]) -> Iterator[Lesson]:
    """Compare answers to control questions with the truth, which counts in full."""
    for answer in page.answers:
        truth = truths.get(answer.subject_task_id or "")
        if truth is not None:
            said = (answer.output or {}).get("verdict") == "OK"
            key = f"{answer.subject_assignment_id}:{answer.subject_task_id}:{page.user_id}"
            yield Lesson(key, page.user_id, 1.0, 1.0 if said == truth else 0.0, truth)


def _lessons(page_id: str, learned: Sequence[Learned], what: str = "") -> tuple[Lesson, ...]:
    return tuple(Lesson(f"{page_id}:{x.task_id}:{x.user_id}{what}", x.user_id, x.known, x.agreed) for x in learned)


def _shown(answer: Answer) -> dict[str, Any]:
    """Return what a question shows: the image, and the outline or the word that nothing is there."""
    output = answer.output or {}
    shapes = output.get("result") or []
    return {"image": answer.input["image"], "selection": shapes, "nothing": not shapes and bool(output.get("nothing"))}


def _shown_control(control: Control) -> dict[str, Any]:
    return {"image": control.image, "selection": [dict(each) for each in control.shapes], "nothing": not control.shapes}


def _votes(asked: Asked, policy: Policy) -> TaskVotes:
    """Return a task's votes without those of verifiers below the bar, who are not waited for either."""
    believed = [given for given in asked.votes if not below_bar(given.standing)]
    withdrawn = len(asked.votes) - len(believed)
    wanted = asked.question.overlap - withdrawn if asked.question else 1  # not yet asked: waits for its votes
    votes = []
    for given in believed:
        accuracy = policy.accuracy(given.standing.known, given.standing.agreed)
        said = given.output
        votes.append(Vote(given.user_id, said.get("verdict") == "OK", str(said.get("wrong") or ""), accuracy))
    return TaskVotes(asked.answer.task_id, wanted, tuple(votes))


def _unusable(subject: Subject) -> list[Answer]:
    """Return the answers that are no results: all of a refused page, of a page we paid those that were not right."""
    if subject.page.status == "REJECTED":
        return list(subject.page.answers)
    paid_for_nothing = subject.verdict.payload["anew"] if subject.verdict and subject.verdict.kind == "accept" else []
    return [answer for answer in subject.page.answers if answer.task_id in paid_for_nothing]


def _tally(verdict: PageVerdict) -> str:
    """Count the votes for the ledger: "task 1: 3 OK, 1 BAD, chance 0.99"."""
    return "; ".join(
        f"task {at}: {view.ok_votes} OK, {view.bad_votes} BAD, chance {view.chance:.3f}"
        for at, view in enumerate(verdict.tasks, 1)
    )


def _comment(subject: Subject, verdict: PageVerdict, language: str) -> str:
    """Tell the performer which outlines were found wrong, by how many people, and what they said is wrong."""
    lines = []
    for at, (asked, view) in enumerate(zip(subject.asked, verdict.tasks, strict=True), 1):
        if view.state is TaskState.BAD:
            said = [str(vote.output.get("wrong")) for vote in asked.votes if vote.output.get("verdict") == "BAD"]
            reasons = [each for each in WHAT_IS_WRONG if each in said]
            lines.append((at, view.bad_votes, view.ok_votes + view.bad_votes, reasons))
    return refusal(language, lines)
