"""Every route and every method of the real client, tried and verified, and none of them forgotten."""

import inspect

import conformance_dealings  # noqa: F401  the steps join the list
import conformance_rules  # noqa: F401
import conformance_steps  # noqa: F401
import pytest
import toloka.client as toloka
from conformance import STEPS, Step, standing
from exchanges import Exchange
from openapi import NEEDED, Document, error_faults

from simulator.coverage import routes
from simulator.deviations import DEVIATIONS, Deviation

NOT_SIMULATED = {
    "check_update_project_for_major_version_change": "POST /staging/projects/1/check",
    "get_analytics": "POST /staging/analytics-2",
    "find_apps": "GET /app/v0/apps",
    "get_apps": "GET /app/v0/apps",
    "get_app": "GET /app/v0/apps/1",
    "find_app_projects": "GET /app/v0/app-projects",
    "get_app_projects": "GET /app/v0/app-projects",
    "create_app_project": "POST /app/v0/app-projects",
    "get_app_project": "GET /app/v0/app-projects/1",
    "archive_app_project": "POST /app/v0/app-projects/1/archive",
    "unarchive_app_project": "POST /app/v0/app-projects/1/unarchive",
    "find_app_items": "GET /app/v0/app-projects/1/items",
    "get_app_items": "GET /app/v0/app-projects/1/items",
    "create_app_item": "POST /app/v0/app-projects/1/items",
    "create_app_items": "POST /app/v0/app-projects/1/items/bulk",
    "get_app_item": "GET /app/v0/app-projects/1/items/1",
    "find_app_batches": "GET /app/v0/app-projects/1/batches",
    "get_app_batches": "GET /app/v0/app-projects/1/batches",
    "create_app_batch": "POST /app/v0/app-projects/1/batches",
    "get_app_batch": "GET /app/v0/app-projects/1/batches/1",
    "patch_app_batch": "PATCH /app/v0/app-projects/1/batches/1",
    "archive_app_batch": "POST /app/v0/app-projects/1/batches/1/archive",
    "unarchive_app_batch": "POST /app/v0/app-projects/1/batches/1/unarchive",
    "start_app_batch": "POST /app/v0/app-projects/1/batches/1/start",
    "start_sync_batch_processing": "POST /app/v0/app-projects/1/batches/sync",
    "stop_app_batch": "POST /app/v0/app-projects/1/batches/1/stop",
    "resume_app_batch": "POST /app/v0/app-projects/1/batches/1/resume",
}
"""Methods of the client outside of the API's paths, with what they ask."""


@pytest.fixture(scope="module")
def judge() -> Document:
    return Document.read()


@pytest.fixture(scope="module")
def exchanges() -> dict[str, list[Exchange]]:
    return {}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_does_what_it_is_there_for(step: Step, exchanges: dict[str, list[Exchange]]) -> None:
    with standing() as stand:
        exchanges[step.name] = stand.recording.exchanges
        step.run(stand)
        assert step.missed(stand.recording.exchanges, stand.kit.used) == []
        assert [fault for exchange in stand.recording.exchanges for fault in error_faults(exchange)] == []


@NEEDED
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_its_answers_are_those_of_the_openapi_file(
    step: Step, exchanges: dict[str, list[Exchange]], judge: Document
) -> None:
    assert [fault for exchange in exchanges[step.name] for fault in judge.faults(exchange)] == []


@NEEDED
@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda deviation: deviation.at[0])
def test_each_deviation_is_one_that_is_met(deviation: Deviation, exchanges: dict[str, list[Exchange]]) -> None:
    judge = Document.read(each for each in DEVIATIONS if each is not deviation)
    assert any(fault for asked in exchanges.values() for exchange in asked for fault in judge.faults(exchange))


def test_every_route_has_a_step() -> None:
    tried = {route for step in STEPS for route in step.routes}
    assert tried == {f"{method} {path}" for method, path in routes()}


def test_every_method_of_the_client_has_a_step_or_is_named_as_not_simulated() -> None:
    methods = {name for name, _ in inspect.getmembers(toloka.TolokaClient, inspect.isfunction) if name[0] != "_"}
    tried = {call for step in STEPS for call in step.calls}
    assert methods - tried - NOT_SIMULATED.keys() == set()
    assert tried & NOT_SIMULATED.keys() == set()


@NEEDED
def test_every_route_of_the_openapi_file_is_there(judge: Document) -> None:
    assert len({route.split(" ")[1] for route in judge.routes}) == 52
    assert set(judge.routes) - {f"{method} {path}" for method, path in routes()} == set()


def test_what_is_outside_of_the_api_is_not_found_in_tolokas_words() -> None:
    with standing() as stand:
        stand.http.base_url = f"{stand.bench.url}/api"
        for method, path in (asked.split(" ") for asked in NOT_SIMULATED.values()):
            answer = stand.http.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
        assert [fault for exchange in stand.recording.exchanges for fault in error_faults(exchange)] == []
