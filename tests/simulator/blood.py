"""A classification project as pipelines make it: training, exam and main pool, and people who know some cells."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import toloka.client as toloka
from simulated import HOUR, VIEW, Bench
from toloka.client import actions, collectors, conditions
from toloka.client.filter import ClientType, FilterAnd, FilterOr, Languages, Skill
from toloka.client.pool.mixer_config import MixerConfig
from toloka.client.project.field_spec import StringSpec, UrlSpec
from toloka.client.project.task_spec import TaskSpec

from simulator.crowd.performers import Crowd, Performer

LABELS = ("EOSINOPHIL", "LYMPHOCYTE", "MONOCYTE", "NEUTROPHIL")
PATIENT = Crowd(skip=0.0, expire=0.0)
BAN = actions.RestrictionV2(scope="PROJECT", duration_unit="PERMANENT", private_comment="rule")


def label_of(inputs: Mapping[str, Any]) -> str:
    """The truth stands in the picture's name."""
    return str(inputs["image"]).rsplit("/", 1)[-1].partition("-")[0]


def answer(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
    """Right as often as the performer is; a cheater and who always says yes say one label, a guesser any."""
    truth = label_of(task["input_values"])
    if performer.kind in ("cheater", "always_yes"):
        return {"result": LABELS[3]}
    draw = performer.draw("label", task["id"])
    if performer.kind == "guesser":
        return {"result": LABELS[int(draw * 4)]}
    return {"result": truth if draw < performer.accuracy else LABELS[LABELS.index(truth) - 1]}


def project(name: str = "Label cells") -> toloka.Project:
    spec = TaskSpec(
        input_spec={"image": UrlSpec()},
        output_spec={"result": StringSpec(allowed_values=list(LABELS))},
        view_spec=VIEW,
    )
    return toloka.Project(public_name=name, public_description="Which cell is it?", task_spec=spec)


def training(project_id: str, **settings: Any) -> toloka.Training:
    given: dict[str, Any] = {
        "project_id": project_id,
        "private_name": "training",
        "may_contain_adult_content": True,
        "training_tasks_in_task_suite_count": 15,
        "task_suites_required_to_pass": 7,
        "assignment_max_duration_seconds": 1200,
        "retry_training_after_days": 1,
    }
    return toloka.Training(**(given | settings))


def pool(project_id: str, real: int, golden: int, **settings: Any) -> toloka.Pool:
    given: dict[str, Any] = {
        "project_id": project_id,
        "private_name": "main",
        "may_contain_adult_content": True,
        "will_expire": datetime(2030, 1, 1),
        "reward_per_assignment": 0.01 if real else 0.0,
        "assignment_max_duration_seconds": 1200,
        "filter": Languages.in_("EN"),
        "mixer_config": MixerConfig(real_tasks_count=real, golden_tasks_count=golden, training_tasks_count=0),
    }
    return toloka.Pool(**(given | settings))


def exam(project_id: str, skill: toloka.Skill, training_id: str | None = None, passing: int = 50) -> toloka.Pool:
    clients = FilterOr([ClientType == "BROWSER", ClientType == "TOLOKA_APP"])
    made = pool(project_id, 0, 15, private_name="exam", type="EXAM", filter=FilterAnd([Languages.in_("EN"), clients]))
    made.set_defaults(default_overlap_for_new_task_suites=99)
    if training_id is not None:
        made.set_training_requirement(training_pool_id=training_id, training_passing_skill_value=passing)
    made.quality_control.add_action(
        collector=collectors.AssignmentSubmitTime(fast_submit_threshold_seconds=7),
        conditions=[conditions.FastSubmittedCount > 0],
        action=BAN,
    )
    made.quality_control.add_action(
        collector=collectors.GoldenSet(history_size=15),
        conditions=[conditions.TotalAnswersCount >= 14],
        action=actions.SetSkillFromOutputField(skill_id=skill.id, from_field="correct_answers_rate"),
    )
    return made


def main(project_id: str, exam_skill: toloka.Skill, quality: toloka.Skill, history: int | None = 100) -> toloka.Pool:
    able = FilterOr([Skill(quality.id) >= 80, Skill(quality.id) == None])  # noqa: E711 the kit builds filters by ==
    made = pool(project_id, 8, 2, filter=FilterAnd([Languages.in_("EN"), Skill(exam_skill.id) >= 80, able]))
    made.mixer_config.min_real_tasks_count, made.mixer_config.min_golden_tasks_count = 1, 2
    made.set_defaults(default_overlap_for_new_task_suites=1, default_overlap_for_new_tasks=3)
    made.quality_control.add_action(
        collector=collectors.GoldenSet(history_size=history),
        conditions=[conditions.GoldenSetCorrectAnswersRate < 80],
        action=BAN,
    )
    made.quality_control.add_action(
        collector=collectors.GoldenSet(history_size=history),
        conditions=[conditions.TotalAnswersCount >= 3],
        action=actions.SetSkillFromOutputField(skill_id=quality.id, from_field="correct_answers_rate"),
    )
    return made


def tasks(pool_id: str, count: int, kind: str, first: int = 0) -> list[toloka.Task]:
    """Real, golden or training tasks, their labels taken in turns."""
    made = []
    for number in range(first, first + count):
        label = LABELS[number % 4]
        task = toloka.Task(pool_id=pool_id, input_values={"image": f"https://cells.example/{label}-{kind}{number}.png"})
        if kind != "real":
            task.known_solutions = [toloka.task.BaseTask.KnownSolution(output_values={"result": label})]
            task.infinite_overlap = True
        if kind == "training":
            task.message_on_unknown_solution = f"It is {label}."
        made.append(task)
    return made


class Classes:
    """A project with its training, exam and main pool in a running simulator, filled and not opened."""

    def __init__(self, bench: Bench, real: int = 24, golden: int = 6, history: int | None = 100) -> None:
        client = bench.client
        self.client, self.bench = client, bench
        self.project = client.create_project(project())
        self.exam_skill, self.quality = (client.create_skill(name=name) for name in ("exam", "quality"))
        self.training = client.create_training(training(self.project.id))
        self.exam = client.create_pool(exam(self.project.id, self.exam_skill, self.training.id))
        self.main = client.create_pool(main(self.project.id, self.exam_skill, self.quality, history))
        client.create_tasks(tasks(self.training.id, 16, "training"), allow_defaults=True)
        client.create_tasks(tasks(self.exam.id, 16, "golden"))
        client.create_tasks(
            tasks(self.main.id, golden, "golden", 100) + tasks(self.main.id, real, "real"), allow_defaults=True
        )

    def open(self) -> None:
        for identity in (self.training.id, self.exam.id, self.main.id):
            self.client.open_pool(identity)

    def run(self, hours: float = 24) -> None:
        self.open()
        self.bench.world.advance(self.bench.world.now + hours * HOUR)

    def pages(self, pool_id: str) -> list[toloka.Assignment]:
        return sorted(self.client.get_assignments(pool_id=pool_id), key=lambda page: (page.created, page.id))

    def skill(self, skill_id: str) -> dict[str, float]:
        return {each.user_id: float(each.exact_value) for each in self.client.get_user_skills(skill_id=skill_id)}

    def training_skill(self) -> toloka.Skill:
        return next(self.client.get_skills(name="Label cells - training"))
