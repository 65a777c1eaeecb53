import httpx
import pytest
from blood import project, training
from simulated import serving, world

AUTH = {"Authorization": "OAuth token"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"private_name": None}, "private_name"),
        ({"private_name": ""}, "private_name"),
        ({"training_tasks_in_task_suite_count": None}, "training_tasks_in_task_suite_count"),
        ({"training_tasks_in_task_suite_count": 501}, "training_tasks_in_task_suite_count"),
        ({"task_suites_required_to_pass": 1.5}, "task_suites_required_to_pass"),
        ({"retry_training_after_days": 0}, "retry_training_after_days"),
        ({"assignment_max_duration_seconds": 4}, "assignment_max_duration_seconds"),
        ({"assignment_max_duration_seconds": 10.5}, "assignment_max_duration_seconds"),
        ({"project_id": "404"}, "project_id"),
        ({"reward_per_assignment": 0}, "reward_per_assignment"),
    ],
)
def test_what_is_wrong_with_a_training_is_named(bench, change, path):
    sent = training(bench.client.create_project(project()).id).unstructure() | change
    answer = httpx.post(f"{bench.url}/api/v1/trainings", json=sent, headers=AUTH)
    assert (answer.status_code, list(answer.json()["payload"])) == (400, [path])


def test_an_archived_project_takes_no_training(bench):
    made = bench.client.create_project(project())
    bench.client.archive_project(made.id)
    answer = httpx.post(f"{bench.url}/api/v1/trainings", json=training(made.id).unstructure(), headers=AUTH)
    assert answer.json()["code"] == "PROJECT_INAPPROPRIATE_STATUS"


def test_trainings_have_a_quota_of_their_own():
    with serving(world(quotas=True)) as bench:
        sent = training(bench.client.create_project(project()).id).unstructure()
        answers = [httpx.post(f"{bench.url}/api/v1/trainings", json=sent, headers=AUTH) for _ in range(21)]
        assert [each.status_code for each in answers] == [201] * 20 + [429]
