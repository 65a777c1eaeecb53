"""So much may be created in a minute and in a day of platform time, and no more."""

from collections.abc import Iterator

import httpx
import pytest
from simulated import Bench, serving, world

from simulator.account import quotas
from simulator.elements.limits import Limits


@pytest.fixture
def bench() -> Iterator[Bench]:
    with serving(world(quotas=True)) as made:
        yield made


def created(bench: Bench, kind: str, count: int) -> list[httpx.Response]:
    """Create so many, past the kit, which cannot read this refusal."""
    name = {"name": "skill"}
    spec = {"input_spec": {}, "output_spec": {}, "view_spec": {"type": "classic"}}
    project = {"public_name": "p", "public_description": "p", "task_spec": spec}
    body = name if kind == "skills" else project
    return [bench.http.post(kind, json=body) for _ in range(count)]


@pytest.mark.parametrize(("kind", "most"), [("projects", 20), ("skills", 10)])
def test_the_quota_of_a_minute_is_open_again_after_it(bench, kind, most):
    answers = created(bench, kind, most + 1)
    assert [each.status_code for each in answers] == [201] * most + [429]
    refusal = answers[-1].json()
    assert (refusal["code"], refusal["payload"]) == ("TOO_MANY_REQUESTS", {"interval": "MIN"})
    bench.world.advance(bench.world.now + 60.0)
    assert created(bench, kind, 1)[0].status_code == 201


def test_the_quota_of_a_day_is_longer(bench):
    for _ in range(5):
        created(bench, "projects", 20)
        bench.world.advance(bench.world.now + 61.0)
    (refused,) = created(bench, "projects", 1)
    assert (refused.status_code, refused.json()["payload"]) == (429, {"interval": "DAY"})
    bench.run(24)
    assert created(bench, "projects", 1)[0].status_code == 201


def test_lists_of_aggregated_answers_have_the_quota_of_aggregations(bench):
    answers = [bench.http.get("aggregated-solutions/0") for _ in range(6)]
    assert [each.status_code for each in answers] == [404] * 5 + [429]
    assert answers[-1].json()["payload"] == {"interval": "MIN"}
    bench.world.advance(bench.world.now + 60.0)
    assert bench.http.get("aggregated-solutions/0").status_code == 404


def test_quotas_can_be_switched_off():
    with serving(world()) as bench:
        assert [each.status_code for each in created(bench, "skills", 30)] == [201] * 30


def refusal(bench: Bench, method: str, path: str, sent: object) -> tuple[int, object]:
    answer = bench.http.request(method, path, json=sent)
    return answer.status_code, answer.json().get("payload")


def test_tasks_and_suites_have_quotas_and_what_goes_beyond_creates_nothing(bench):
    pool, own = bench.checking(), bench.checking(mixer_config=None)
    question = {"input_values": {"image": "http://x", "assignment_id": "1"}}
    task, suite = {"pool_id": pool.id, "overlap": 1, **question}, {"pool_id": own.id, "overlap": 1, "tasks": [question]}
    quotas.count(bench.world.state, "task", 199_998)
    quotas.count(bench.world.state, "task suite", 99_998)
    for path, sent in (("tasks", task), ("task-suites", suite)):
        assert refusal(bench, "POST", path, [sent] * 3) == (429, {"interval": "MIN"})
        assert refusal(bench, "POST", path, [sent] * 2)[0] == 201
        assert refusal(bench, "POST", path, sent)[0] == 429
    assert len(list(bench.client.get_tasks(pool_id=pool.id))) == 2
    assert len(list(bench.client.get_task_suites(pool_id=own.id))) == 2
    bench.world.advance(bench.world.now + 60.0)
    assert refusal(bench, "POST", "tasks", [task] * 3)[0] == 201


def test_user_skills_have_a_quota_of_a_day(bench):
    skill, user_id = bench.client.create_skill(name="s"), bench.world.state.crowd.people()[0].id
    quotas.count(bench.world.state, "user skill", 99_999)
    sent = {"skill_id": skill.id, "user_id": user_id, "value": 5}
    assert refusal(bench, "PUT", "user-skills", sent)[0] == 201
    assert refusal(bench, "PUT", "user-skills", sent | {"value": 6}) == (429, {"interval": "DAY"})
    assert next(bench.client.get_user_skills(user_id=user_id)).value == 5
    bench.run(24)
    assert refusal(bench, "PUT", "user-skills", sent)[0] == 200


def test_a_pools_overlap_is_changed_ten_times_an_hour_and_the_rest_of_it_any_time(bench):
    pool = bench.checking().unstructure() | {"will_expire": "2030-01-01", "reward_per_assignment": 0.01}
    for overlap in range(3, 13):
        sent = pool | {"defaults": {"default_overlap_for_new_task_suites": overlap}}
        assert refusal(bench, "PUT", f"pools/{pool['id']}", sent)[0] == 200
    again = sent | {"defaults": {"default_overlap_for_new_task_suites": 20}}
    assert refusal(bench, "PUT", f"pools/{pool['id']}", again) == (429, {"interval": "HOUR"})
    assert refusal(bench, "PUT", f"pools/{pool['id']}", sent | {"private_comment": "new"})[0] == 200
    assert bench.client.get_pool(pool["id"]).defaults.default_overlap_for_new_task_suites == 12
    bench.run(1)
    assert refusal(bench, "PUT", f"pools/{pool['id']}", again)[0] == 200


def test_so_many_requests_are_answered_in_a_second_of_platform_time():
    with serving(world(limits=Limits(requests=20))) as bench:
        asked = [bench.http.get("requester") for _ in range(25)]
        assert [each.status_code for each in asked] == [200] * 20 + [429] * 5
        assert (asked[-1].json()["code"], "payload" in asked[-1].json()) == ("TOO_MANY_REQUESTS", False)
        assert bench.http.get(f"{bench.url}/history").status_code == 200
        bench.world.advance(bench.world.now + 1.0)
        assert bench.http.get("requester").status_code == 200
