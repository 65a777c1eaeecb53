"""What the classification pipeline's project, training, exam and pool look like: interface, prices, filters, rules."""

import datetime
from collections.abc import Mapping
from typing import Any

import toloka.client as toloka
import toloka.client.project.template_builder as tb

from handlers.classification_settings import CANT_TELL, Settings

PICTURE_WIDTH = 500  # pixels
HOTKEYS = "123456789"
HISTORY = 100  # control answers that quality is made of


def project(chosen: Settings) -> toloka.Project:
    """Show a picture (or a text) and the classes to choose from."""
    first, *others = chosen.languages
    made = toloka.Project(
        public_name=chosen.texts[first].title,
        public_description=chosen.texts[first].description,
        public_instructions=chosen.html(first),
        task_spec=toloka.project.task_spec.TaskSpec(
            input_spec={chosen.input: _input(chosen), "item": toloka.project.StringSpec(hidden=True)},
            output_spec={"result": toloka.project.StringSpec(allowed_values=[each.value for each in _options(chosen)])},
            view_spec=_view(chosen),
        ),
    )
    made.set_default_language(first)
    for each in others:
        made.add_requester_translation(
            each, chosen.texts[each].title, chosen.texts[each].description, chosen.html(each)
        )
    return made


def training(chosen: Settings, ids: Mapping[str, str], now: float) -> toloka.Training:
    """Teach the classes: who is wrong reads the hint; twenty minutes a page, again after a day."""
    return toloka.Training(
        project_id=ids["project:main"],
        private_name="Training",
        may_contain_adult_content=False,
        assignment_max_duration_seconds=20 * 60,
        mix_tasks_in_creation_order=False,
        shuffle_tasks_in_task_suite=True,
        training_tasks_in_task_suite_count=chosen.training_page,
        task_suites_required_to_pass=1,
        retry_training_after_days=1,
        inherited_instructions=True,
    )


def exam(chosen: Settings, ids: Mapping[str, str], now: float) -> toloka.Pool:
    """Test who was taught, unpaid; the share of right answers is the exam skill."""
    pool = _pool(chosen, ids, now, "Exam", reward=0.0, minutes=10)
    pool.type = "EXAM"
    pool.filter = _languages(chosen) & _clients(chosen)
    pool.set_mixer_config(
        real_tasks_count=0,
        golden_tasks_count=chosen.exam_page,
        training_tasks_count=0,
        min_golden_tasks_count=chosen.exam_page,
        mix_tasks_in_creation_order=False,
        shuffle_tasks_in_task_suite=True,
    )
    pool.quality_control.training_requirement = toloka.quality_control.QualityControl.TrainingRequirement(
        training_pool_id=ids["pool:training"], training_passing_skill_value=chosen.pass_training
    )
    _ban_the_hasty(pool, chosen.exam_seconds)
    pool.quality_control.add_action(
        collector=toloka.collectors.GoldenSet(history_size=chosen.exam_page),
        conditions=[toloka.conditions.TotalAnswersCount >= chosen.exam_page - 1],
        action=toloka.actions.SetSkillFromOutputField(skill_id=ids["skill:exam"], from_field="correct_answers_rate"),
    )
    return pool


def main_pool(chosen: Settings, ids: Mapping[str, str], now: float) -> toloka.Pool:
    """Pay for every page of who passed; control tasks among the others send away who is wrong too often.

    Where nobody is examined, pay for every page of anybody.
    """
    pool = _pool(chosen, ids, now, "Labels", reward=chosen.reward, minutes=20)
    controls = chosen.control_tasks if chosen.examined else 0
    pool.set_mixer_config(
        real_tasks_count=chosen.real_tasks,
        golden_tasks_count=controls,
        training_tasks_count=0,
        min_real_tasks_count=1,
        min_golden_tasks_count=controls,
        force_last_assignment_delay_seconds=60,
        shuffle_tasks_in_task_suite=True,
    )
    if chosen.examined:
        _keep_watch(pool, chosen, ids)
    return pool


def _keep_watch(pool: toloka.Pool, chosen: Settings, ids: Mapping[str, str]) -> None:
    exam_skill, quality = toloka.filter.Skill(ids["skill:exam"]), toloka.filter.Skill(ids["skill:quality"])
    passed = exam_skill >= chosen.pass_exam
    good = (quality >= chosen.keep_quality) | (quality == None)  # noqa: E711
    pool.filter = _languages(chosen) & _clients(chosen) & passed & good
    _ban_the_hasty(pool, chosen.page_seconds)
    rules = pool.quality_control
    rules.add_action(
        collector=toloka.collectors.GoldenSet(history_size=HISTORY),
        conditions=[toloka.conditions.GoldenSetCorrectAnswersRate < chosen.keep_quality],
        action=_sent_away(f"Fewer than {chosen.keep_quality} % of the control answers are right."),
    )
    rules.add_action(
        collector=toloka.collectors.GoldenSet(history_size=HISTORY),
        conditions=[toloka.conditions.TotalAnswersCount >= 3],
        action=toloka.actions.SetSkillFromOutputField(skill_id=ids["skill:quality"], from_field="correct_answers_rate"),
    )


def _pool(
    chosen: Settings, ids: Mapping[str, str], now: float, name: str, *, reward: float, minutes: int
) -> toloka.Pool:
    return toloka.Pool(
        project_id=ids["project:main"],
        private_name=name,
        may_contain_adult_content=False,
        will_expire=datetime.datetime.fromtimestamp(now + chosen.expires_after_days * 86400, datetime.UTC),
        reward_per_assignment=reward,
        assignment_max_duration_seconds=minutes * 60,
        auto_accept_solutions=True,
        auto_close_after_complete_delay_seconds=300,
        defaults=toloka.Pool.Defaults(
            default_overlap_for_new_tasks=chosen.overlap, default_overlap_for_new_task_suites=chosen.overlap
        ),
    )


def _ban_the_hasty(pool: toloka.Pool, seconds: int) -> None:
    pool.quality_control.add_action(
        collector=toloka.collectors.AssignmentSubmitTime(fast_submit_threshold_seconds=seconds),
        conditions=[toloka.conditions.FastSubmittedCount > 0],
        action=_sent_away(f"A page took less than {seconds} seconds."),
    )


def _sent_away(why: str) -> toloka.actions.RestrictionV2:
    return toloka.actions.RestrictionV2(scope="PROJECT", duration_unit="PERMANENT", private_comment=why)


def _languages(chosen: Settings) -> Any:
    first, *others = chosen.languages
    return toloka.filter.Languages.in_([first, *others] if others else first)


def _clients(chosen: Settings) -> Any:
    first, *others = (toloka.filter.ClientType == each for each in chosen.clients)
    for each in others:
        first = first | each
    return first


def _options(chosen: Settings) -> list[tb.fields.GroupFieldOption]:
    options = [tb.fields.GroupFieldOption(each.value, each.label, hint=each.hint or None) for each in chosen.classes]
    return [*options, tb.fields.GroupFieldOption(CANT_TELL, "I can't tell")] if chosen.cant_tell else options


def _input(chosen: Settings) -> Any:
    return toloka.project.UrlSpec() if chosen.input == "image" else toloka.project.StringSpec()


def _view(chosen: Settings) -> toloka.project.TemplateBuilderViewSpec:
    shown = tb.data.InputData(chosen.input)
    content: list[Any] = [_picture(shown) if chosen.input == "image" else tb.view.TextViewV1(shown)]
    if chosen.example:
        content.append(_picture(chosen.example_address))
    answer = tb.data.OutputData("result")
    options = _options(chosen)
    radio = tb.fields.RadioGroupFieldV1(answer, options, validation=tb.conditions.RequiredConditionV1())
    keys = {
        f"key_{key}": tb.actions.SetActionV1(answer, option.value)
        for key, option in zip(HOTKEYS, options, strict=False)
    }
    return toloka.project.TemplateBuilderViewSpec(
        view=tb.view.ListViewV1([*content, radio]),
        plugins=[
            tb.plugins.TolokaPluginV1(kind="scroll", task_width=PICTURE_WIDTH),
            tb.plugins.HotkeysPluginV1(**keys),
        ],
    )


def _picture(address: Any) -> tb.view.ImageViewV1:
    return tb.view.ImageViewV1(address, max_width=PICTURE_WIDTH, full_height=False)
