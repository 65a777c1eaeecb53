"""Signs are outlined, outlines verified, and wrong ones made anew: python traffic_signs.py http://127.0.0.1:8090."""

import sys
import time
from datetime import datetime, timedelta

import toloka.client as toloka
from toloka.client import actions, collectors, conditions
from toloka.client.filter import FilterAnd, FilterOr, Languages, Skill

VIEW = toloka.project.ClassicViewSpec(script="", markup="", styles="", assets={})
BAN = actions.RestrictionV2(scope="ALL_PROJECTS", duration_unit="DAYS", duration=10, private_comment="careless")


def make_projects(client):
    """One in which signs are outlined, one in which outlines are verified."""
    image = toloka.project.UrlSpec()
    outlining = toloka.Project(
        public_name="Outline traffic signs",
        public_description="Draw a box around each sign",
        task_spec=toloka.project.task_spec.TaskSpec(
            input_spec={"image": image}, output_spec={"result": toloka.project.JsonSpec()}, view_spec=VIEW
        ),
    )
    hidden = toloka.project.StringSpec(hidden=True)
    verifying = toloka.Project(
        public_name="Are the signs outlined?",
        public_description="Look at the boxes",
        task_spec=toloka.project.task_spec.TaskSpec(
            input_spec={"image": image, "selection": toloka.project.JsonSpec(), "assignment_id": hidden},
            output_spec={"result": toloka.project.StringSpec(allowed_values=["OK", "BAD"])},
            view_spec=VIEW,
        ),
    )
    return client.create_project(outlining), client.create_project(verifying)


def find_or_create_skill(client, name):
    """The skill of this name, which an earlier run may have left."""
    found = next(client.get_skills(name=name), None)
    return found or client.create_skill(name=name, hidden=True, public_requester_description={"EN": name})


def pool_of(project, name, **settings):
    """What both pools have in common."""
    return toloka.Pool(
        project_id=project.id,
        private_name=name,
        may_contain_adult_content=False,
        will_expire=datetime.utcnow() + timedelta(days=365),
        reward_per_assignment=0.01,
        **settings,
    )


def make_outlining(client, project, skill):
    """One image a page, paid when it was verified; a refused one is given to somebody else."""
    pool = pool_of(
        project,
        "outlines",
        assignment_max_duration_seconds=1200,
        auto_accept_solutions=False,
        auto_accept_period_day=1,
        filter=Languages.in_("EN"),
    )
    pool.set_defaults(default_overlap_for_new_task_suites=1, default_overlap_for_new_tasks=1)
    pool.set_mixer_config(real_tasks_count=1, golden_tasks_count=0, training_tasks_count=0)
    pool.quality_control.add_action(
        collector=collectors.AcceptanceRate(),
        conditions=[conditions.TotalAssignmentsCount > 2, conditions.RejectedAssignmentsRate > 35],
        action=BAN,
    )
    pool.quality_control.add_action(
        collector=collectors.AssignmentSubmitTime(history_size=5, fast_submit_threshold_seconds=20),
        conditions=[conditions.FastSubmittedCount > 1],
        action=BAN,
    )
    pool.quality_control.add_action(
        collector=collectors.AnswerCount(),
        conditions=[conditions.AssignmentsAcceptedCount > 0],
        action=actions.SetSkill(skill_id=skill.id, skill_value=1),
    )
    pool.quality_control.add_action(
        collector=collectors.AssignmentsAssessment(),
        conditions=[conditions.AssessmentEvent == conditions.AssessmentEvent.REJECT],
        action=actions.ChangeOverlap(delta=1, open_pool=True),
    )
    return client.create_pool(pool)


def make_verifying(client, project, outliner, verifier):
    """Ten outlines a page, asked of people who outline none, until the answers are sure."""
    pool = pool_of(project, "verification", assignment_max_duration_seconds=600)
    pool.filter = FilterAnd([Languages.in_("EN"), FilterOr([Skill(outliner.id) == None])])  # noqa: E711
    pool.set_defaults(default_overlap_for_new_task_suites=2)
    pool.set_mixer_config(
        real_tasks_count=10,
        golden_tasks_count=0,
        training_tasks_count=0,
        force_last_assignment=True,
        mix_tasks_in_creation_order=True,
    )
    pool.quality_control.add_action(
        collector=collectors.MajorityVote(answer_threshold=2),
        conditions=[conditions.TotalAnswersCount > 9, conditions.CorrectAnswersRate < 50],
        action=BAN,
    )
    pool.quality_control.add_action(
        collector=collectors.MajorityVote(answer_threshold=2, history_size=10),
        conditions=[conditions.TotalAnswersCount > 2],
        action=actions.SetSkillFromOutputField(skill_id=verifier.id, from_field="correct_answers_rate"),
    )
    pool.dynamic_overlap_config = toloka.pool.DynamicOverlapConfig(
        type="BASIC",
        max_overlap=5,
        min_confidence=0.8,
        answer_weight_skill_id=verifier.id,
        fields=[toloka.pool.DynamicOverlapConfig.Field(name="result")],
    )
    return client.create_pool(pool)


def wait(client, pool_id, pause):
    """Look now and then until the pool is closed."""
    while not client.get_pool(pool_id).is_closed():
        time.sleep(pause)


def ask(client, pool_id, assignments):
    """Have these outlines verified: assignments by verification task."""
    tasks = [
        toloka.Task(
            pool_id=pool_id,
            input_values={
                "image": assignment.tasks[0].input_values["image"],
                "selection": assignment.solutions[0].output_values["result"],
                "assignment_id": assignment.id,
            },
        )
        for assignment in assignments
    ]
    made = client.create_tasks(tasks, allow_defaults=True)
    return {task.id: task.input_values["assignment_id"] for task in made.items.values()}


def verdicts(client, pool_id, verifier):
    """What the answers to each task come to."""
    operation = client.aggregate_solutions_by_pool(
        type=toloka.aggregation.AggregatedSolutionType.WEIGHTED_DYNAMIC_OVERLAP,
        pool_id=pool_id,
        answer_weight_skill_id=verifier.id,
        fields=[toloka.aggregation.PoolAggregatedSolutionRequest.Field(name="result")],
    )
    operation = client.wait_operation(operation)
    result = client.find_aggregated_solutions(operation.id, limit=5)
    found = list(result.items)
    while result.has_more:
        result = client.find_aggregated_solutions(operation.id, task_id_gt=found[-1].task_id)
        found += result.items
    return {solution.task_id: solution.output_values["result"] for solution in found}


def outline(url, images, pause=60):
    """Boxes by image, every one of them verified."""
    client = toloka.TolokaClient("any token", url=url)
    print("balance:", client.get_requester().balance)
    outlining_project, verifying_project = make_projects(client)
    outliner, verifier = (find_or_create_skill(client, name) for name in ("outlines signs", "verifies outlines"))
    outlining = make_outlining(client, outlining_project, outliner)
    verifying = make_verifying(client, verifying_project, outliner, verifier)
    tasks = [toloka.Task(pool_id=outlining.id, input_values={"image": image}) for image in images]
    client.create_tasks(tasks, allow_defaults=True)
    client.open_pool(outlining.id)
    while True:
        wait(client, outlining.id, pause)
        submitted = list(client.get_assignments(status=toloka.Assignment.SUBMITTED, pool_id=outlining.id))
        if not submitted:
            break
        asked = ask(client, verifying.id, submitted)
        client.open_pool(verifying.id)
        wait(client, verifying.id, pause)
        for task_id, verdict in verdicts(client, verifying.id, verifier).items():
            if task_id not in asked:
                continue  # of a round before
            if verdict == "OK":
                client.accept_assignment(asked[task_id], "Well done!")
            else:
                client.reject_assignment(asked[task_id], "A sign is not outlined, or not well.")
    accepted = client.get_assignments(status=toloka.Assignment.ACCEPTED, pool_id=outlining.id)
    return {page.tasks[0].input_values["image"]: page.solutions[0].output_values["result"] for page in accepted}


if __name__ == "__main__":
    print(outline(sys.argv[1], [f"https://example.com/signs/{number}.png" for number in range(20)]))
