"""What the segmentation pipeline's pools look like: settings, interfaces, prices, filters and quality rules."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import toloka.client as toloka
import toloka.client.project.template_builder as tb

from handlers.controls import Known, known_from
from handlers.reasons import texts
from handlers.verdict import Policy
from store.errors import CrowdhookError

WRONG = {
    "missed": "an object was missed",
    "loose": "a box is not tight",
    "object": "a box is around something else",
    "other": "something else is wrong",
}
QUESTIONS_A_PAGE = 10
FEWEST_REVIEW_DAYS = 4
PAGES_A_VERIFIER = 20  # that he does before he should meet a known outline again
FEWEST_KNOWN = 5  # known outlines: a verifier who does many pages must not meet the same few again and again
UNGUARDED = "unguarded"  # refusals are sent at once, and nothing stops them: for rehearsals without a person
REFUSE = ("earned", "proposed", "always", UNGUARDED)


class BadSettings(CrowdhookError):
    """These settings cannot be used:"""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a requester may set: what is outlined, for how much, by whom, and when a page is paid."""

    label: str = "object"  # what to outline, as performers read it
    language: str = "EN"
    tasks_per_page: int = 1  # images that one performer outlines for one reward
    outlining_reward: float = 0.01  # dollars a page
    checking_reward: float = 0.01  # dollars a page of ten questions
    review_days: int = 14  # then the platform pays by itself
    expires_after_days: int = 365
    max_rounds: int = 5  # outlining rounds for one image, then it is unresolved
    refuse: str = "earned"  # may the rule refuse without a person: earned, proposed (never), always; see docs/policy.md
    controls: float = 0.1  # share of questions whose truth only we know
    known: tuple[Known, ...] = ()  # outlines that control questions are made of
    policy: Policy = field(default_factory=Policy)

    def __post_init__(self) -> None:
        texts(self.language)
        for holds, complaint in (
            (1 <= self.tasks_per_page <= 20, "tasks_per_page must be 1 to 20."),
            (self.refuse in REFUSE, f"refuse is {self.refuse!r}: choose one of {', '.join(REFUSE)}."),
            (0 <= self.controls <= 0.5, "controls must be a share from 0 to 0.5."),
            (1 <= self.review_days <= 21, "review_days must be 1 to 21."),
            (self.expires_after_days > self.review_days, "expires_after_days must be more than review_days."),
            (
                not (self.controls and self.known) or len(self.known) >= FEWEST_KNOWN,
                f"{len(self.known)} known outlines are too few for control questions: give {FEWEST_KNOWN} or more.",
            ),
        ):
            if not holds:
                raise BadSettings(complaint)


def settings(
    *, policy: Mapping[str, Any] | None = None, known: tuple[Mapping[str, Any], ...] = (), **values: Any
) -> Settings:
    """Build the settings from plain values, as they are kept with a run."""
    return Settings(policy=Policy(**(policy or {})), known=known_from(known), **values)


def check_live(chosen: Settings) -> None:
    """Refuse what is for rehearsals alone: refusals that nothing stops. Raises BadSettings."""
    if chosen.refuse == UNGUARDED:
        raise BadSettings(f"refuse is {UNGUARDED}: that is for rehearsals; choose earned, proposed or always.")


def warnings(chosen: Settings) -> list[str]:
    """Say what is allowed and still unwise: sizes, periods and numbers that will cost money or a person's time."""
    n, policy = chosen.tasks_per_page, chosen.policy
    told = []
    if policy.floor_ok(n) < n - 1 < policy.need(n):
        told.append(
            f"On pages of {n}, one wrong outline can neither be paid nor refused: such a page is always held for a"
            f" person. Pages of 1, or of 5 and more, or accept_at {(n - 1) * 100 // n / 100:.2f} avoid that."
        )
    if chosen.review_days < FEWEST_REVIEW_DAYS:
        told.append(
            f"review_days is {chosen.review_days}: what nobody has decided by then, the platform pays by itself. A held"
            f" page waits for a person; {FEWEST_REVIEW_DAYS} days and more leave time for weekends."
        )
    if chosen.controls and chosen.known and len(chosen.known) < chosen.controls * QUESTIONS_A_PAGE * PAGES_A_VERIFIER:
        pages = round(len(chosen.known) / (chosen.controls * QUESTIONS_A_PAGE))
        told.append(
            f"{len(chosen.known)} known outlines: a verifier meets each of them by his page {pages}, and the same again"
            f" after that. More of them (--known) keep control questions from being recognised."
        )
    return told


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
    pool.set_mixer_config(
        real_tasks_count=chosen.tasks_per_page,
        force_last_assignment_delay_seconds=60,
        mix_tasks_in_creation_order=True,
    )
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


def _sent_away(days: int, why: str) -> toloka.actions.RestrictionV2:
    return toloka.actions.RestrictionV2(scope="ALL_PROJECTS", duration=days, duration_unit="DAYS", private_comment=why)


def _date(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _view(items: list[Any]) -> toloka.project.TemplateBuilderViewSpec:
    plugin = tb.plugins.TolokaPluginV1(kind="scroll", task_width=700)
    return toloka.project.TemplateBuilderViewSpec(view=tb.view.ListViewV1(items), plugins=[plugin])
