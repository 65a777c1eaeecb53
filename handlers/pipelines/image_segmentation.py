"""Outlines: one performer draws boxes, others say whether they are right, and that decides the pay."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import toloka.client as toloka
import toloka.client.project.template_builder as tb

from handlers.actions import Accept, Action, Hold, Learn, Reject
from handlers.context import Asked, Context, Subject
from handlers.pipeline import Buffer, Pipeline
from handlers.verdict import Outcome, PageVerdict, Policy, TaskState, TaskVotes, Vote, judge, learn
from store.records import Answer, Lesson

WRONG = {
    "missed": "an object was missed",
    "loose": "a box is not tight",
    "object": "a box is around something else",
    "other": "something else is wrong",
}
LONGEST_COMMENT = 2048  # characters that Toloka takes


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a requester may set: what is outlined, for how much, by whom, and when a page is paid."""

    label: str = "object"  # what to outline, as performers read it
    language: str = "EN"
    tasks_per_page: int = 1
    outlining_reward: float = 0.01  # dollars a page
    checking_reward: float = 0.01  # dollars a page of ten questions
    review_days: int = 14  # then the platform pays by itself
    expires_after_days: int = 365
    max_rounds: int = 5  # outlining rounds for one image, then it is unresolved
    policy: Policy = field(default_factory=Policy)


def settings(*, policy: Mapping[str, Any] | None = None, **values: Any) -> Settings:
    """Build the settings from plain values, as they are kept with a run."""
    return Settings(policy=Policy(**(policy or {})), **values)


def outlining_project(chosen: Settings) -> toloka.Project:
    """Show an image to be outlined: boxes, or the tick that there is nothing to outline."""
    nothing = tb.data.OutputData("nothing", default=False)
    boxes = tb.fields.ImageAnnotationFieldV1(
        tb.data.OutputData("result"),
        tb.data.InputData("image"),
        shapes={"rectangle": True},
        full_height=True,
        validation=tb.conditions.AnyConditionV1(
            [
                tb.conditions.NotConditionV1(tb.conditions.EmptyConditionV1(tb.data.OutputData("result"))),
                tb.conditions.EqualsConditionV1(True, tb.data.OutputData("nothing")),
            ],
            hint=f"Draw a box around each {chosen.label}, or tick that there is none.",
        ),
    )
    tick = tb.fields.CheckboxFieldV1(nothing, label=f"There is no {chosen.label} in this picture")
    return toloka.Project(
        public_name=f"Outline each {chosen.label}",
        public_description=f"Draw a tight box around each {chosen.label} in the picture.",
        public_instructions=(
            f"<p>Draw one box around <b>each {chosen.label}</b>, as tight as you can: every edge touches it.</p>"
            f"<p>If there is no {chosen.label}, tick the box below the picture.</p>"
            "<p>Other people look at every outline. A page is refused when they agree that it is wrong, and you are"
            " told what was wrong.</p>"
        ),
        task_spec=toloka.project.task_spec.TaskSpec(
            input_spec={
                "image": toloka.project.UrlSpec(),
                "item": toloka.project.StringSpec(hidden=True),
                "round": toloka.project.IntegerSpec(hidden=True),
            },
            output_spec={
                "result": toloka.project.JsonSpec(required=False),
                "nothing": toloka.project.BooleanSpec(required=False),
            },
            view_spec=_view([boxes, tick]),
        ),
    )


def checking_project(chosen: Settings) -> toloka.Project:
    """Show an outline and ask whether it is right, and if not, what is wrong."""
    outline = tb.fields.ImageAnnotationFieldV1(
        tb.data.InternalData("shown", default=tb.data.InputData("selection")),
        tb.data.InputData("image"),
        disabled=True,
        full_height=True,
    )
    said_nothing = tb.helpers.IfHelperV1(
        tb.conditions.EqualsConditionV1(True, tb.data.InputData("nothing")),
        tb.view.AlertViewV1(tb.view.TextViewV1(f"The performer says: there is no {chosen.label} here.")),
    )
    verdict = tb.fields.ButtonRadioGroupFieldV1(
        tb.data.OutputData("verdict"),
        [tb.fields.GroupFieldOption("OK", "Right"), tb.fields.GroupFieldOption("BAD", "Wrong")],
        label=f"Is each {chosen.label} outlined, tightly, and nothing else?",
        validation=tb.conditions.RequiredConditionV1(),
    )
    what = tb.helpers.IfHelperV1(
        tb.conditions.EqualsConditionV1("BAD", tb.data.OutputData("verdict")),
        tb.fields.RadioGroupFieldV1(
            tb.data.OutputData("wrong"),
            [tb.fields.GroupFieldOption(value, text.capitalize()) for value, text in WRONG.items()],
            label="What is wrong?",
            validation=tb.conditions.RequiredConditionV1(),
        ),
    )
    return toloka.Project(
        public_name=f"Is each {chosen.label} outlined rightly?",
        public_description="Look at an outline that somebody drew and say whether it is right.",
        public_instructions=(
            f"<p>An outline is <b>right</b> when each {chosen.label} has one tight box and nothing else has one.</p>"
            f"<p>If the picture has no {chosen.label}, it is right to have drawn nothing.</p>"
            "<p>Your answer decides somebody's pay: say <b>wrong</b> only when you would redraw it.</p>"
        ),
        task_spec=toloka.project.task_spec.TaskSpec(
            input_spec={
                "image": toloka.project.UrlSpec(),
                "selection": toloka.project.JsonSpec(required=False),
                "nothing": toloka.project.BooleanSpec(required=False),
                "assignment_id": toloka.project.StringSpec(hidden=True),
                "task_id": toloka.project.StringSpec(hidden=True),
            },
            output_spec={
                "verdict": toloka.project.StringSpec(allowed_values=["OK", "BAD"]),
                "wrong": toloka.project.StringSpec(required=False, allowed_values=list(WRONG)),
            },
            view_spec=_view([outline, said_nothing, verdict, what]),
        ),
    )


def outlining_pool(chosen: Settings, ids: Mapping[str, str], now: float) -> toloka.Pool:
    """Pay by the page, after review; the hasty and the often refused are sent away for a while."""
    pool = toloka.Pool(
        project_id=ids["project:outlining"],
        private_name="Outlining",
        may_contain_adult_content=False,
        will_expire=_date(now + chosen.expires_after_days * 86400),
        reward_per_assignment=chosen.outlining_reward,
        assignment_max_duration_seconds=20 * 60,
        auto_accept_solutions=False,
        auto_accept_period_day=chosen.review_days,
        auto_close_after_complete_delay_seconds=300,
        defaults=toloka.Pool.Defaults(default_overlap_for_new_tasks=1, default_overlap_for_new_task_suites=1),
        filter=toloka.filter.Languages.in_(chosen.language),
    )
    pool.set_mixer_config(real_tasks_count=chosen.tasks_per_page, force_last_assignment_delay_seconds=60)
    rules = pool.quality_control
    rules.add_action(
        collector=toloka.collectors.AcceptanceRate(),
        conditions=[toloka.conditions.TotalAssignmentsCount > 2, toloka.conditions.RejectedAssignmentsRate > 35],
        action=_sent_away(15, "More than 35 % of the reviewed pages were refused."),
    )
    rules.add_action(
        collector=toloka.collectors.AssignmentSubmitTime(history_size=5, fast_submit_threshold_seconds=20),
        conditions=[toloka.conditions.FastSubmittedCount > 1],
        action=_sent_away(10, "Two of the last five pages took under 20 seconds."),
    )
    rules.add_action(
        collector=toloka.collectors.AnswerCount(),
        conditions=[toloka.conditions.AssignmentsAcceptedCount > 0],
        action=toloka.actions.SetSkill(skill_id=ids["skill:outlining"], skill_value=1),
    )
    return pool


def checking_pool(chosen: Settings, ids: Mapping[str, str], now: float) -> toloka.Pool:
    """Ten questions a page, paid at once, for performers who never outlined; the overlap is ours."""
    pool = toloka.Pool(
        project_id=ids["project:checking"],
        private_name="Checking",
        may_contain_adult_content=False,
        will_expire=_date(now + chosen.expires_after_days * 86400),
        reward_per_assignment=chosen.checking_reward,
        assignment_max_duration_seconds=20 * 60,
        auto_accept_solutions=True,
        auto_close_after_complete_delay_seconds=300,
        defaults=toloka.Pool.Defaults(
            default_overlap_for_new_tasks=chosen.policy.votes_first(chosen.tasks_per_page),
            default_overlap_for_new_task_suites=chosen.policy.votes_first(chosen.tasks_per_page),
        ),
        filter=toloka.filter.Languages.in_(chosen.language) & (toloka.filter.Skill(ids["skill:outlining"]) == None),  # noqa: E711
    )
    pool.set_mixer_config(real_tasks_count=10, force_last_assignment_delay_seconds=60, mix_tasks_in_creation_order=True)
    rules = pool.quality_control
    rules.add_action(
        collector=toloka.collectors.MajorityVote(answer_threshold=2),
        conditions=[toloka.conditions.TotalAnswersCount > 9, toloka.conditions.CorrectAnswersRate < 50],
        action=_sent_away(10, "Fewer than half of the answers agree with others'."),
    )
    rules.add_action(
        collector=toloka.collectors.MajorityVote(answer_threshold=2, history_size=10),
        conditions=[toloka.conditions.TotalAnswersCount > 2],
        action=toloka.actions.SetSkillFromOutputField(
            skill_id=ids["skill:checking"], from_field="correct_answers_rate"
        ),
    )
    return pool


pipeline = Pipeline(
    "image-segmentation", settings, skills={"outlining": "Outlines objects", "checking": "Checks outlines"}
)
outlining = pipeline.pool("outlining", project=outlining_project, pool=outlining_pool)
checking = pipeline.pool("checking", project=checking_project, pool=checking_pool, buffer=Buffer(10, 600))


@outlining.on_added
def ask_for_outlines(ctx: Context) -> Iterator[Action]:
    """Ask one performer to outline each image that was given."""
    for item in ctx.payload["items"]:
        yield outlining.ask(key=item["key"], image=item["url"], item=item["key"], round=1)


@outlining.on_submitted
def have_it_checked(ctx: Context) -> Iterator[Action]:
    """Show every outline to performers who did not draw it."""
    page = ctx.assignment
    if page is None or page.status != "SUBMITTED":  # reviewed on the site meanwhile: nothing is asked
        return
    votes = ctx.settings.policy.votes_first(len(page.answers))
    for answer in page.answers:
        yield checking.ask(about=answer, author=page.user_id, overlap=votes, **_shown(answer))


@checking.on_answered
def settle(ctx: Context) -> Iterator[Action]:
    """Pay the page whose outlines its checkers confirm; ask on, hold, or refuse the others."""
    for subject in ctx.subjects:
        if not subject.decided:
            yield from settled(subject, ctx.settings.policy)


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


@outlining.on_closed
def publish_results(ctx: Context) -> Iterator[Action]:
    """Write the results as they stand when the outlining closes."""
    if ctx.pool is not None and ctx.pool.status == "CLOSED":
        yield outlining.publish(occasion=str(ctx.pool.last_started))


def settled(subject: Subject, policy: Policy) -> Iterator[Action]:
    """Say what the votes on a page mean: its verdict and what that teaches of its verifiers, or what to ask on."""
    tasks = [_votes(asked, policy) for asked in subject.asked]
    verdict = judge(tasks, policy)
    page_id = subject.page.assignment_id
    reason = _tally(verdict)
    match verdict.outcome:
        case Outcome.PAY:
            anew = tuple(view.task_id for view in verdict.tasks if view.state is not TaskState.OK)
            yield Accept(page_id, reason, anew)
        case Outcome.REFUSE:
            yield Reject(page_id, _comment(subject, verdict), reason)
        case Outcome.HOLD:
            yield Hold(page_id, subject.votes, reason)
        case Outcome.MORE:
            for asked, task in zip(subject.asked, tasks, strict=True):
                if task.task_id in verdict.more and asked.question and asked.question.task_id:
                    yield checking.more_votes(asked.question.task_id, task.wanted + 1, reason)
    if verdict.outcome in {Outcome.PAY, Outcome.REFUSE}:
        learned = learn(tasks, policy)
        yield Learn(tuple(Lesson(f"{page_id}:{x.task_id}:{x.user_id}", x.user_id, x.known, x.agreed) for x in learned))


def _shown(answer: Answer) -> dict[str, Any]:
    """Return what a question shows: the image, and the outline or the word that nothing is there."""
    output = answer.output or {}
    shapes = output.get("result") or []
    return {"image": answer.input["image"], "selection": shapes, "nothing": not shapes and bool(output.get("nothing"))}


def _votes(asked: Asked, policy: Policy) -> TaskVotes:
    wanted = asked.question.overlap if asked.question else 1  # a question not yet recorded still waits for its votes
    return TaskVotes(asked.answer.task_id, wanted, tuple(_each_vote(asked, policy)))


def _each_vote(asked: Asked, policy: Policy) -> Iterator[Vote]:
    for given in asked.votes:
        standing = given.standing
        accuracy = policy.accuracy(standing.known, standing.agreed)
        yield Vote(given.user_id, given.output.get("verdict") == "OK", str(given.output.get("wrong") or ""), accuracy)


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


def _comment(subject: Subject, verdict: PageVerdict) -> str:
    """Tell the performer which outlines were found wrong, by how many people, and what they said is wrong."""
    lines = []
    for at, (asked, view) in enumerate(zip(subject.asked, verdict.tasks, strict=True), 1):
        if view.state is TaskState.BAD:
            said = {str(vote.output.get("wrong")) for vote in asked.votes if vote.output.get("verdict") == "BAD"}
            reasons = ", ".join(text for value, text in WRONG.items() if value in said)
            votes = view.ok_votes + view.bad_votes
            why = f" ({reasons})" if reasons else ""
            lines.append(f"Picture {at}: {view.bad_votes} of {votes} people found the outline wrong{why}.")
    return "\n".join(lines)[:LONGEST_COMMENT]


def _sent_away(days: int, why: str) -> toloka.actions.RestrictionV2:
    return toloka.actions.RestrictionV2(scope="ALL_PROJECTS", duration=days, duration_unit="DAYS", private_comment=why)


def _date(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _view(items: list[Any]) -> toloka.project.TemplateBuilderViewSpec:
    plugin = tb.plugins.TolokaPluginV1(kind="scroll", task_width=700)
    return toloka.project.TemplateBuilderViewSpec(view=tb.view.ListViewV1(items), plugins=[plugin])
