import json
import logging
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
import toloka.client as toloka
from simulated import Bench, checking_project, serving, world
from toloka.client.exceptions import AuthenticationApiError, DoesNotExistApiError, ValidationApiError

from simulator.crowd.performers import Crowd, Performer
from simulator.server import Simulator

AUTH = {"Authorization": "OAuth token"}


def test_the_date_header_is_the_platforms_time(bench):
    bench.world.advance(bench.world.now + 100)
    answer = httpx.get(f"{bench.url}/simulator/time")
    assert answer.headers["Date"] == "Tue, 14 Nov 2023 22:15:00 GMT"
    assert answer.json() == {"now": bench.world.now}


def test_requests_are_counted_by_kind():
    simulator = Simulator(world(), gate=None, files=None)
    simulator.start()
    bench = Bench(simulator.world, simulator.url)
    project = bench.client.create_project(checking_project())
    for _ in range(3):
        bench.client.get_project(project.id)
    bench.close()
    httpx.get(f"{simulator.url}/nowhere")
    simulator.stop()
    assert simulator.requests == {
        "POST /v1/projects": 1,
        "GET /v1/projects/<project_id>": 3,
        "GET unknown": 1,
    }


def test_a_wrong_token_is_refused_and_the_right_one_is_not():
    with serving(token="right") as bench:
        with pytest.raises(AuthenticationApiError):
            bench.client.get_requester()
        right = httpx.get(f"{bench.url}/api/v1/requester", headers={"Authorization": "ApiKey right"})
        assert right.json()["public_name"] == {"EN": "Simulated requester"}
        assert httpx.get(f"{bench.url}/api/v1/requester").status_code == 401


@pytest.mark.parametrize("path", ["projects", "pools", "tasks", "assignments", "operations", "skills", "user-skills"])
def test_an_unknown_id_does_not_exist(bench, path):
    answer = httpx.get(f"{bench.url}/api/v1/{path}/404", headers=AUTH)
    assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST")


def test_unknown_paths_and_methods_answer_in_tolokas_shape(bench):
    unknown = httpx.get(f"{bench.url}/api/v1/nothing", headers=AUTH)
    assert (unknown.status_code, set(unknown.json())) == (404, {"request_id", "code", "message"})
    with pytest.raises(DoesNotExistApiError):
        bench.client.get_pool("1")


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"3"])
def test_a_body_that_is_no_object_is_a_validation_error(bench, body):
    answer = httpx.post(f"{bench.url}/api/v1/projects", content=body, headers=AUTH)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


class Undecided(Crowd):
    def takes(self, performer: Performer, inputs: Mapping[str, Any]) -> bool:
        raise RuntimeError("MAYBE")


def test_a_bug_answers_internal_error_and_is_logged(caplog):
    with serving(world(Undecided(), instant=True)) as bench, caplog.at_level(logging.ERROR):
        pool = bench.checking()
        bench.fill(pool, 1)
        answer = httpx.post(f"{bench.url}/api/v1/pools/{pool.id}/open", headers=AUTH)
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL_ERROR")
    assert "MAYBE" not in answer.text
    assert "MAYBE" in str(caplog.records[0].exc_info)


def test_pictures_of_a_folder_are_served_and_nothing_else(tmp_path):
    folder = tmp_path / "pictures"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.png").write_bytes(b"picture")
    (folder / "secret.txt").write_text("secret")
    (tmp_path / "outside.png").write_bytes(b"outside")
    with serving(files=folder) as bench, httpx.Client(base_url=bench.url) as http:
        assert http.get("/files/sub/a.png").content == b"picture"
        head = http.head("/files/sub/a.png")
        assert (head.content, head.headers["Content-Length"]) == (b"", "7")
        for path in ("secret.txt", "sub", "", "missing.png", "%2e%2e/outside.png", "..%2foutside.png"):
            assert http.get(f"/files/{path}").status_code == 404


def test_the_history_is_served_as_json_lines(bench: Bench):
    bench.fill(bench.checking(), 3)
    lines = [json.loads(line) for line in httpx.get(f"{bench.url}/history").text.splitlines()]
    assert lines == bench.world.history()
    assert {line["kind"] for line in lines} == {"PROJECT_CREATED", "POOL_CREATED", "TASK_CREATED"}


def test_flaws_reach_the_real_client(bench):
    with pytest.raises(ValidationApiError) as caught:
        bench.client.create_project(toloka.Project(public_name="x"))
    assert set(caught.value.payload) == {"public_description", "task_spec"}
