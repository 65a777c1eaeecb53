from collections import Counter
from decimal import Decimal

import httpx
import pandas as pd
import pytest
import toloka.client as toloka
from blood import PATIENT, Classes, answer
from crowdkit.aggregation import DawidSkene
from simulated import Bench, serving, world
from toloka.client.aggregation import AggregatedSolutionType, PoolAggregatedSolutionRequest
from toloka.client.exceptions import ApiError, ConflictStateApiError, ValidationApiError

from simulator.crowd.performers import Crowd
from simulator.quality.weighted import decide, weight

BY_SKILL, BY_CONFUSION = AggregatedSolutionType.WEIGHTED_DYNAMIC_OVERLAP, AggregatedSolutionType.DAWID_SKENE
AUTH = {"Authorization": "OAuth token"}
FIELDS = [PoolAggregatedSolutionRequest.Field(name="result")]


@pytest.fixture(scope="module")
def classes() -> Classes:
    with serving(world(Crowd(skip=0.0, expire=0.0, accuracy=0.88, seed=1), answer)) as bench:
        made = Classes(bench, real=60, golden=10)
        made.run()
        yield made


def aggregated(classes: Classes, kind: AggregatedSolutionType, **settings: object) -> list[toloka.AggregatedSolution]:
    request = {"type": kind, "pool_id": classes.main.id, "fields": FIELDS, **settings}
    operation = classes.client.wait_operation(classes.client.aggregate_solutions_by_pool(**request))
    assert (operation.type.value, operation.status.value) == ("SOLUTION.AGGREGATE", "SUCCESS")
    return list(classes.client.get_aggregated_solutions(operation.id))


def post(bench: Bench, what: str, body: dict) -> httpx.Response:
    return httpx.post(f"{bench.url}/api/v1/aggregated-solutions/aggregate-by-{what}", json=body, headers=AUTH)


def votes(classes: Classes) -> list[tuple[toloka.Task, str, str]]:
    return [
        (task, page.user_id, solution.output_values["result"])
        for page in classes.pages(classes.main.id)
        for task, solution in zip(page.tasks, page.solutions or [], strict=bool(page.solutions))
    ]


def test_by_skill_every_completed_real_task_has_the_likeliest_answer(classes):
    found = aggregated(classes, BY_SKILL, answer_weight_skill_id=classes.quality.id)
    skills = classes.skill(classes.quality.id)
    given: dict[str, list[tuple[str, float]]] = {}
    for task, user_id, label in votes(classes):
        if not task.known_solutions:
            given.setdefault(task.id, []).append((label, weight(skills.get(user_id))))
    assert len(given) == 60
    assert [each.task_id for each in found] == sorted(given)
    for each in found:
        label, confidence = decide(given[each.task_id], 4)
        assert (each.output_values, each.pool_id) == ({"result": label}, classes.main.id)
        assert float(each.confidence) == pytest.approx(confidence)
    assert len({round(float(each.confidence), 3) for each in found}) > 3


def test_by_confusion_control_tasks_count_too_and_it_is_crowd_kits(classes):
    found = aggregated(classes, BY_CONFUSION)
    rows = [(task.id, user_id, label) for task, user_id, label in votes(classes)]
    theirs = DawidSkene(n_iter=20, tol=-1e9).fit_predict_proba(pd.DataFrame(rows, columns=["task", "worker", "label"]))
    assert [each.task_id for each in found] == sorted(theirs.index)
    assert len(found) == 70
    for each in found:
        assert theirs.loc[each.task_id].idxmax() == each.output_values["result"]
        assert float(each.confidence) == pytest.approx(theirs.loc[each.task_id].max(), abs=1e-5)


def test_results_come_in_pages_by_task_without_being_sorted_for(classes):
    everything = aggregated(classes, BY_CONFUSION)
    operation = classes.client.aggregate_solutions_by_pool(type=BY_CONFUSION, pool_id=classes.main.id, fields=FIELDS)
    first = classes.client.find_aggregated_solutions(operation.id, limit=5)
    rest = classes.client.find_aggregated_solutions(operation.id, task_id_gt=first.items[-1].task_id, limit=1000)
    assert (len(first.items), first.has_more, rest.has_more) == (5, True, False)
    assert first.items + rest.items == everything


def test_one_task_is_answered_at_once_as_in_its_pool(classes):
    skill = {"answer_weight_skill_id": classes.quality.id}
    for kind in (BY_SKILL, BY_CONFUSION):
        wanted = aggregated(classes, kind, **skill)[7]
        body = {
            "type": kind.value,
            "pool_id": classes.main.id,
            "task_id": wanted.task_id,
            "fields": [{"name": "result"}],
        }
        answer = post(classes.bench, "task", body | skill)
        assert answer.status_code == 201
        assert answer.json()["output_values"] == wanted.output_values
        assert answer.json()["confidence"] == pytest.approx(float(wanted.confidence))
    real = aggregated(classes, BY_SKILL, **skill)[0].task_id
    assert one(classes.bench, classes.main, real, classes.quality).task_id == real


def test_only_accepted_answers_to_completed_tasks_are_aggregated():
    def vote(task: dict, project: dict, performer: object) -> dict:
        return {"result": "OK" if performer.draw("vote", task["id"]) < 0.5 else "BAD"}

    with serving(world(PATIENT, vote)) as bench:
        pool = bench.checking(auto_accept_solutions=False, auto_accept_period_day=21)
        skill = bench.client.create_skill(name="verifier")
        done = bench.fill(pool, 6, overlap=3)
        bench.client.open_pool(pool.id)
        bench.run(2)
        waiting = bench.fill(pool, 1, overlap=3)[0]
        assert by_skill(bench, pool, skill) == {}
        pages = list(bench.client.get_assignments(pool_id=pool.id, status="SUBMITTED"))
        for page in pages[1:]:
            bench.client.accept_assignment(page.id, "")
        bench.client.reject_assignment(pages[0].id, "")
        assert by_skill(bench, pool, skill).keys() == {task.id for task in done}
        for identity, label in by_skill(bench, pool, skill).items():
            says = Counter(
                page.solutions[[task.id for task in page.tasks].index(identity)].output_values["result"]
                for page in pages[1:]
            )
            assert says[label] >= says["OK" if label == "BAD" else "BAD"]
        with pytest.raises(ConflictStateApiError):
            one(bench, pool, waiting.id, skill)


def by_skill(bench: Bench, pool: toloka.Pool, skill: toloka.Skill) -> dict[str, str]:
    operation = bench.client.aggregate_solutions_by_pool(
        type=BY_SKILL, pool_id=pool.id, fields=FIELDS, answer_weight_skill_id=skill.id
    )
    solutions = bench.client.get_aggregated_solutions(operation.id)
    return {each.task_id: each.output_values["result"] for each in solutions}


def one(bench: Bench, pool: toloka.Pool, task_id: str, skill: toloka.Skill) -> toloka.AggregatedSolution:
    return bench.client.aggregate_solutions_by_task(
        toloka.aggregation.WeightedDynamicOverlapTaskAggregatedSolutionRequest(
            task_id=task_id, pool_id=pool.id, answer_weight_skill_id=skill.id, fields=FIELDS
        )
    )


def test_the_skill_weighs_the_answers_as_it_is_now():
    """Two say OK and one BAD; when only the one has a skill, he decides."""
    with serving(world(Crowd(performers=3, skip=0.0, expire=0.0), against_the_last)) as bench:
        pool = bench.checking()
        skill = bench.client.create_skill(name="verifier")
        (task,) = bench.fill(pool, 1, overlap=3)
        bench.client.open_pool(pool.id)
        bench.run(2)
        assert by_skill(bench, pool, skill) == {task.id: "OK"}
        bench.client.set_user_skill(skill_id=skill.id, user_id=LAST, value=Decimal(99))
        for other in Crowd(performers=3).people()[:2]:
            bench.client.set_user_skill(skill_id=skill.id, user_id=other.id, value=Decimal(40))
        assert by_skill(bench, pool, skill) == {task.id: "BAD"}


LAST = Crowd(performers=3).people()[-1].id


def against_the_last(task: dict, project: dict, performer: object) -> dict:
    return {"result": "BAD" if performer.id == LAST else "OK"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"type": "MAGIC"}, "type"),
        ({"pool_id": None}, "pool_id"),
        ({"fields": []}, "fields"),
        ({"fields": [{"name": "smell"}]}, "fields[0].name"),
        ({"fields": [{}]}, "fields[0].name"),
        ({"answer_weight_skill_id": "404"}, "answer_weight_skill_id"),
        ({"type": "DAWID_SKENE", "fields": [{"name": "result"}, {"name": "result"}]}, "fields"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(classes, change, path):
    body = {"type": "WEIGHTED_DYNAMIC_OVERLAP", "pool_id": classes.main.id, "fields": [{"name": "result"}]}
    sent = body | {"answer_weight_skill_id": classes.quality.id} | change
    answer = post(classes.bench, "pool", sent)
    assert (answer.status_code, list(answer.json()["payload"])) == (400, [path])


def test_what_cannot_be_aggregated_is_refused(bench):
    skill = bench.client.create_skill(name="skill")
    unmixed = bench.checking(mixer_config=None)
    for pool, code in ((bench.outlining(), "UNSUPPORTED_ALGORITHM"), (unmixed, "ONLY_FOR_POOL_WITH_MIXER")):
        with pytest.raises(ApiError) as caught:
            by_skill(bench, pool, skill)
        assert caught.value.code == code
    assert aggregated_nothing(bench) == []
    answer = httpx.get(f"{bench.url}/api/v1/aggregated-solutions/404", headers=AUTH)
    assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST")
    checking = bench.checking()
    task = bench.fill(bench.checking(), 1)[0]
    with pytest.raises(ValidationApiError) as foreign:
        one(bench, checking, task.id, skill)
    assert list(foreign.value.payload) == ["task_id"]


def test_by_confusion_pages_of_suites_are_aggregated_when_they_have_their_overlap():
    with serving(world(Crowd(performers=3, skip=0.0, expire=0.0), against_the_last)) as bench:
        pool = bench.checking(mixer_config=None)
        for overlap in (3, 5):
            values = {"image": f"{bench.url}/files/{overlap}.png", "assignment_id": f"page-{overlap}"}
            tasks = [toloka.task.BaseTask(input_values=values)]
            bench.client.create_task_suite(toloka.TaskSuite(pool_id=pool.id, tasks=tasks, overlap=overlap))
        bench.client.open_pool(pool.id)
        bench.run(2)
        operation = bench.client.aggregate_solutions_by_pool(type=BY_CONFUSION, pool_id=pool.id, fields=FIELDS)
        (found,) = bench.client.get_aggregated_solutions(operation.id)
        done = bench.client.get_task(found.task_id)
        assert (done.overlap, found.output_values) == (3, {"result": "OK"})


def aggregated_nothing(bench: Bench) -> list[toloka.AggregatedSolution]:
    operation = bench.client.aggregate_solutions_by_pool(type=BY_CONFUSION, pool_id=bench.checking().id, fields=FIELDS)
    return list(bench.client.get_aggregated_solutions(operation.id))


def test_aggregations_have_quotas_of_a_minute_an_hour_and_a_day():
    with serving(world(quotas=True)) as bench, httpx.Client(headers=AUTH) as http:
        body = {"type": "DAWID_SKENE", "pool_id": bench.checking().id, "fields": [{"name": "result"}]}
        url = f"{bench.url}/api/v1/aggregated-solutions/aggregate-by-pool"
        seen = []
        for _ in range(300):
            answer = http.post(url, json=body)
            if answer.status_code == 429:
                seen.append(answer.json()["payload"]["interval"])
                bench.world.advance(bench.world.now + {"MIN": 60, "HOUR": 3600, "DAY": 86_400}[seen[-1]])
        counts = Counter(seen)
        assert seen.index("HOUR") == 30 / 5
        assert counts["DAY"] == 1
