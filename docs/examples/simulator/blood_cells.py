"""Blood cells are labelled after a training and an exam: python blood_cells.py http://127.0.0.1:8090."""

import sys
import time
from datetime import datetime, timedelta

import toloka.client as toloka
from toloka.client import actions, collectors, conditions
from toloka.client.filter import ClientType, FilterAnd, FilterOr, Languages, Skill

LABELS = ["EOSINOPHIL", "LYMPHOCYTE", "MONOCYTE", "NEUTROPHIL"]
BAN = actions.RestrictionV2(scope="PROJECT", duration_unit="PERMANENT", private_comment="careless")


def image(label, number):
    """The address of a picture of a cell."""
    return f"https://cells.example/{label}-{number}.png"


def make_project(client):
    """Which cell is it?"""
    return client.create_project(
        toloka.Project(
            public_name="Label blood cells",
            public_description="Which cell is it?",
            task_spec=toloka.project.task_spec.TaskSpec(
                input_spec={"image": toloka.project.UrlSpec()},
                output_spec={"result": toloka.project.StringSpec(allowed_values=LABELS)},
                view_spec=toloka.project.ClassicViewSpec(script="", markup="", styles="", assets={}),
            ),
        )
    )


def find_or_create_skill(client, name):
    """The skill of this name, which an earlier run may have left."""
    found = next(client.get_skills(name=name), None)
    return found or client.create_skill(name=name, hidden=True, public_requester_description={"EN": name})


def known_tasks(pool_id, first, count, hint=False):
    """Tasks of known answer, for as many performers as come; with a hint they teach."""
    made = []
    for number in range(first, first + count):
        label = LABELS[number % 4]
        task = toloka.Task(pool_id=pool_id, input_values={"image": image(label, number)}, infinite_overlap=True)
        task.known_solutions = [toloka.task.BaseTask.KnownSolution(output_values={"result": label})]
        task.message_on_unknown_solution = f"It is {label}" if hint else None
        made.append(task)
    return made


def make_training(client, project):
    """Sixteen cells with hints."""
    training = client.create_training(
        toloka.Training(
            project_id=project.id,
            private_name="training",
            may_contain_adult_content=True,
            training_tasks_in_task_suite_count=15,
            task_suites_required_to_pass=7,
            assignment_max_duration_seconds=1200,
            retry_training_after_days=1,
            mix_tasks_in_creation_order=True,
            shuffle_tasks_in_task_suite=True,
        )
    )
    client.create_tasks(known_tasks(training.id, 0, 16, hint=True), allow_defaults=True)
    return training


def pool_of(project, name, reward, **settings):
    """What both pools have in common."""
    return toloka.Pool(
        project_id=project.id,
        private_name=name,
        may_contain_adult_content=True,
        will_expire=datetime.utcnow() + timedelta(days=365),
        reward_per_assignment=reward,
        auto_accept_solutions=True,
        **settings,
    )


def make_exam(client, project, training, skill):
    """One page of fifteen cells whose labels are known; the share of right ones becomes a skill."""
    clients = FilterOr([ClientType == "BROWSER", ClientType == "TOLOKA_APP"])
    exam = pool_of(project, "exam", 0.0, type="EXAM", assignment_max_duration_seconds=600)
    exam.filter = FilterAnd([Languages.in_("EN"), clients])
    exam.set_defaults(default_overlap_for_new_task_suites=99)
    exam.set_training_requirement(training_pool_id=training.id, training_passing_skill_value=50)
    exam.quality_control.add_action(
        collector=collectors.AssignmentSubmitTime(fast_submit_threshold_seconds=7),
        conditions=[conditions.FastSubmittedCount > 0],
        action=BAN,
    )
    exam.quality_control.add_action(
        collector=collectors.GoldenSet(history_size=15),
        conditions=[conditions.TotalAnswersCount >= 14],
        action=actions.SetSkillFromOutputField(skill_id=skill.id, from_field="correct_answers_rate"),
    )
    exam.set_mixer_config(real_tasks_count=0, golden_tasks_count=15, training_tasks_count=0, min_golden_tasks_count=15)
    exam = client.create_pool(exam)
    client.create_tasks(known_tasks(exam.id, 100, 16))
    return exam


def make_main(client, project, exam_skill, quality, cells):
    """Eight cells a page and two of known label, for those who passed the exam and go on well."""
    well = FilterOr([Skill(quality.id) >= 80, Skill(quality.id) == None])  # noqa: E711 filters are built by ==
    pool = pool_of(project, "cells", 0.01, assignment_max_duration_seconds=1200)
    pool.filter = FilterAnd([Languages.in_("EN"), Skill(exam_skill.id) >= 80, well])
    pool.set_defaults(default_overlap_for_new_task_suites=1, default_overlap_for_new_tasks=5)
    pool.quality_control.add_action(
        collector=collectors.AssignmentSubmitTime(fast_submit_threshold_seconds=10),
        conditions=[conditions.FastSubmittedCount > 0],
        action=BAN,
    )
    pool.quality_control.add_action(
        collector=collectors.GoldenSet(history_size=100),
        conditions=[conditions.GoldenSetCorrectAnswersRate < 80],
        action=BAN,
    )
    pool.quality_control.add_action(
        collector=collectors.GoldenSet(history_size=100),
        conditions=[conditions.TotalAnswersCount >= 3],
        action=actions.SetSkillFromOutputField(skill_id=quality.id, from_field="correct_answers_rate"),
    )
    pool.set_mixer_config(
        real_tasks_count=8,
        golden_tasks_count=2,
        training_tasks_count=0,
        min_real_tasks_count=1,
        min_golden_tasks_count=2,
    )
    pool = client.create_pool(pool)
    real = [toloka.Task(pool_id=pool.id, input_values={"image": address}) for address in cells]
    client.create_tasks(known_tasks(pool.id, 200, 12) + real, allow_defaults=True)
    return pool


def wait(client, pool_id, pause):
    """Look now and then until the pool is closed."""
    while not client.get_pool(pool_id).is_closed():
        time.sleep(pause)


def label(url, cells, pause=300):
    """The most frequent answer for each of these pictures."""
    client = toloka.TolokaClient("any token", url=url)
    print("balance:", client.get_requester().balance)
    project = make_project(client)
    exam_skill, quality = (find_or_create_skill(client, f"Label blood cells ({name})") for name in ("Exam", "Quality"))
    training = make_training(client, project)
    exam = make_exam(client, project, training, exam_skill)
    pool = make_main(client, project, exam_skill, quality, cells)
    for identity in (training.id, exam.id, pool.id):
        client.open_pool(identity)
    wait(client, pool.id, pause)
    for identity in (training.id, exam.id):
        client.close_pool(identity)
    table = client.get_assignments_df(pool.id)
    votes = table[table["GOLDEN:result"].isna()].groupby("INPUT:image")["OUTPUT:result"]
    return votes.agg(lambda answers: answers.mode()[0]).to_dict()


if __name__ == "__main__":
    print(label(sys.argv[1], [image(LABELS[number % 4], number) for number in range(1000, 1024)]))
