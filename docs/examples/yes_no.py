"""Is there a traffic light? One performer says, others are asked the same, and their agreement decides the pay."""

import datetime
from dataclasses import dataclass

import toloka.client as toloka
import toloka.client.project.template_builder as tb

from handlers import Accept, Hold, Pipeline, Reject


@dataclass(frozen=True)
class Settings:
    """What may be set for a run."""

    reward: float = 0.01  # dollars a page
    most_votes: int = 5


def project(settings):
    """Show a picture and two buttons."""
    buttons = [tb.fields.GroupFieldOption("yes", "Yes"), tb.fields.GroupFieldOption("no", "No")]
    answer = tb.fields.ButtonRadioGroupFieldV1(tb.data.OutputData("answer"), buttons)
    hidden = toloka.project.StringSpec(required=False, hidden=True)
    return toloka.Project(
        public_name="Is there a traffic light?",
        public_description="Look at a picture and say yes or no.",
        task_spec=toloka.project.task_spec.TaskSpec(
            input_spec={"image": toloka.project.UrlSpec(), "assignment_id": hidden, "task_id": hidden},
            output_spec={"answer": toloka.project.StringSpec(allowed_values=["yes", "no"])},
            view_spec=toloka.project.TemplateBuilderViewSpec(
                view=tb.view.ListViewV1([tb.view.ImageViewV1(tb.data.InputData("image")), answer])
            ),
        ),
    )


def pool(settings, ids, now, **review):
    """One picture a page, ten minutes for it; `ids` are those of what was set up before, `now` is platform time."""
    made = toloka.Pool(
        project_id=ids["project:labels"],
        private_name="Traffic lights",
        may_contain_adult_content=False,
        will_expire=datetime.datetime.fromtimestamp(now + 90 * 86400, datetime.UTC),
        reward_per_assignment=settings.reward,
        assignment_max_duration_seconds=600,
        **review,
    )
    made.set_mixer_config(real_tasks_count=1)
    return made


def reviewed_pool(settings, ids, now):
    """Paid when we say so, or by the platform after a week."""
    return pool(settings, ids, now, auto_accept_solutions=False, auto_accept_period_day=7)


pipeline = Pipeline("yes-no", Settings)
labels = pipeline.pool("labels", project=project, pool=reviewed_pool)
opinions = pipeline.pool("opinions", pool=pool)


@labels.on_added
def ask_for_labels(ctx):
    """Ask one performer about each picture."""
    for item in ctx.payload["items"]:
        yield labels.ask(key=item["url"], image=item["url"])


@labels.on_submitted
def ask_two_others(ctx):
    """Ask two others the same, without telling them what was answered."""
    if ctx.assignment.status == "SUBMITTED":
        for answer in ctx.assignment.answers:
            yield opinions.ask(about=answer, author=ctx.assignment.user_id, overlap=2, image=answer.input["image"])


@opinions.on_answered
def settle(ctx):
    """Pay for a label that others confirm, refuse one that they contradict, ask on while they disagree."""
    for subject in ctx.subjects:
        if subject.decided or not all(asked.complete for asked in subject.asked):
            continue
        page, (asked,) = subject.page.assignment_id, subject.asked
        votes = len(asked.votes)
        agree = sum(vote.output == asked.answer.output for vote in asked.votes)
        if agree >= votes - agree + 2:
            yield Accept(page, f"{agree} of {votes} agree")
        elif votes - agree >= agree + 2:
            yield Reject(page, f"{votes - agree} of {votes} other people gave another answer.")
        elif votes < ctx.settings.most_votes:
            yield opinions.more_votes(asked.question)
        else:
            yield Hold(page, votes, f"{agree} of {votes} agree")


@labels.on_reviewed
def ask_somebody_else(ctx):
    """Ask anew about a picture whose label was refused: once, for a further time would have the same key."""
    if ctx.assignment.status == "REJECTED":
        for answer in ctx.assignment.answers:
            image, author = answer.input["image"], ctx.assignment.user_id
            yield labels.ask(key=image, generation=1, author=author, image=image)
