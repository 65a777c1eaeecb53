import json
from typing import Any

import httpx
import pytest
from receiver import SECRET, receiving
from simulated import Bench, outlining_project, serving, world

from simulator.faults.file import read_plan
from simulator.memory.request_history import LARGEST, HistoryInUse, NoHistory, answer_text, request_text
from simulator.records.asked import Answered, Asked
from simulator.server import Simulator

AUTH = {"Authorization": "OAuth canary-token"}


def asked(bench: Bench, after: int = 0, **more: int) -> list[dict[str, Any]]:
    text = httpx.get(f"{bench.url}/history/requests", params={"after": after, **more}).text
    return [json.loads(line) for line in text.splitlines()]


def test_a_request_is_written_down_with_its_answer(bench):
    project = bench.client.create_project(outlining_project())
    line = asked(bench)[-1]
    assert (line["number"], line["method"], line["path"], line["query"]) == (1, "POST", "/api/v1/projects", "")
    assert (line["at"], line["status"], line["cost"]) == ("2023-11-14T22:13:20.000", 201, {})
    assert line["request"]["public_name"] == line["answer"]["public_name"] == "Outline cells"
    assert (line["answer"]["id"], line["ms"] > 0, "fault" in line) == (project.id, True, False)


def test_what_is_not_toloka_is_counted_and_not_written_down(bench):
    for path in ("simulator/time", "history", "nowhere"):
        httpx.get(f"{bench.url}/{path}")
    assert asked(bench) == []
    assert bench.simulator.requests == {
        "GET /simulator/time": 1,
        "GET /history": 1,
        "GET unknown": 1,
        "GET /history/requests": 1,
    }


def test_it_is_paged_by_number(bench):
    for _ in range(5):
        bench.client.get_requester()
    assert [line["number"] for line in asked(bench, 2, limit=2)] == [3, 4]
    assert [line["number"] for line in asked(bench, 4)] == [5]
    assert asked(bench, 5) == asked(bench, 10**14) == asked(bench, limit=0) == []
    for wrong in ("-1", "x", "1.5", "9" * 20):
        answer = httpx.get(f"{bench.url}/history/requests", params={"after": wrong})
        assert (answer.status_code, list(answer.json()["payload"])) == (400, ["after"])


def test_what_a_review_costs_is_told(bench):
    pool = bench.outlining()
    bench.fill(pool, 2)
    bench.client.open_pool(pool.id)
    bench.run()
    first, second = bench.client.get_assignments(pool_id=pool.id, status="SUBMITTED")
    bench.client.accept_assignment(first.id, "good")
    bench.client.reject_assignment(second.id, "bad")
    bench.client.accept_assignment(second.id, "good after all")
    assert [line["cost"] for line in asked(bench)[-3:]] == [{"charged": 0.013}, {"released": 0.013}, {"charged": 0.013}]
    assert float(bench.client.get_requester().balance) == pytest.approx(10_000 - 0.026)


def test_instant_work_is_the_cost_of_the_opening():
    with serving(world(instant=True)) as bench:
        pool = bench.checking()
        bench.fill(pool, 5)
        bench.client.open_pool(pool.id)
        (line,) = [each for each in asked(bench) if each["path"].endswith("/open")]
        assert line["cost"] == {"charged": sum(bench.world.spent_by_pool().values())}


def test_a_file_has_it_as_it_goes_and_keeps_it(tmp_path):
    file = tmp_path / "requests.jsonl"
    with serving(requests=file) as bench:
        requester = bench.client.get_requester()
        assert json.loads(file.read_text())["answer"]["id"] == requester.id
        assert asked(bench) == [json.loads(file.read_text())]
    assert len(file.read_text().splitlines()) == 1


def test_secrets_are_never_in_it(bench):
    with receiving() as inbox:
        pool = bench.checking()
        inbox.subscribe(bench, pool.id, "POOL_CLOSED")
    body = b'{"secret_key": "secret-canary", "webhook_url": '
    httpx.put(f"{bench.url}/api/v1/webhook-subscriptions", content=body, headers=AUTH)
    httpx.put(f"{bench.url}/api/v1/webhook-subscriptions", content=body + b"9" * LARGEST, headers=AUTH)
    httpx.get(f"{bench.url}/api/v1/requester", headers=AUTH)
    text = httpx.get(f"{bench.url}/history/requests").text
    assert "canary" not in text
    assert SECRET not in text
    assert '"secret_key":"(hidden)"' in text
    assert "(47 bytes that hold a secret)" in text


@pytest.mark.parametrize(
    ("body", "written"),
    [
        (b"", ""),
        (b'{"a": [1,\n 2.50]}', '{"a":[1,2.5]}'),
        (b'{"a": NaN}', '"{\\"a\\": NaN}"'),
        (b'["\\ud800"]', '["\\ud800"]'),
        (b"\xff{", '"\\ufffd{"'),
        (b"[" * 5000, json.dumps("[" * 5000)),
    ],
)
def test_any_body_at_all_is_one_line_of_json(body, written):
    text = request_text(Asked("POST", "/api/v1/tasks", {}, body))
    assert text == written


def test_a_large_body_is_cut_and_says_so():
    large = b'["' + b"x" * LARGEST + b'"]'
    for text in (
        request_text(Asked("POST", "/", {}, large)),
        answer_text(Answered(200, [("Content-Type", "application/json")], large)),
    ):
        cut = json.loads(text)
        assert (cut["bytes"], cut["beginning"]) == (len(large), large[:1000].decode())


def test_an_answer_that_is_no_text_is_its_length():
    assert json.loads(answer_text(Answered(200, [("Content-Type", "image/png")], b"\x00" * 9))) == {"bytes": 9}


def test_a_fault_is_told_and_whether_it_was_done():
    faults = read_plan(options=["html-page,nth=1", "answer-lost,nth=1,path=/projects", "no-answer,nth=1,seconds=0"])
    with serving(faults=faults) as bench:
        httpx.get(f"{bench.url}/api/v1/requester", headers=AUTH)
        for _ in range(2):
            with pytest.raises(httpx.RemoteProtocolError):
                httpx.get(f"{bench.url}/api/v1/projects", headers=AUTH)
        page, lost, silent = asked(bench)
    assert (page["fault"], page["done"], page["status"], "nginx" in page["answer"]) == ("html-page", False, 502, True)
    assert (lost["fault"], lost["done"], lost["status"], lost["answer"]["items"]) == ("answer-lost", True, 200, [])
    assert (silent["fault"], silent["done"], silent["status"], "answer" in silent) == ("no-answer", False, None, False)
    assert bench.simulator.requests["GET /v1/projects"] == 2


def test_a_file_goes_on_where_an_earlier_simulator_ended(tmp_path):
    file = tmp_path / "requests.jsonl"
    with serving(requests=file) as bench:
        bench.client.get_requester()
        bench.client.get_requester()
    first = file.read_text()
    file.write_text(first + '{"number":3,"at":"2023-11-')
    with serving(requests=file) as bench:
        assert asked(bench) == [json.loads(line) for line in first.splitlines()]
        bench.client.create_project(outlining_project())
        (line,) = asked(bench, 2)
    assert (line["number"], line["method"]) == (3, "POST")
    assert [json.loads(each) for each in file.read_text().splitlines()][2:] == [line]
    assert file.read_text().startswith(first)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("my notes", "line 1"),
        ('{"number": 1}\n', "line 1"),
        ('{"number":1,"at":"2023"}\n{"number":3,"at":"2023"}\n', "line 2"),
    ],
)
def test_a_file_that_is_something_else_is_refused_and_left_as_it_is(tmp_path, content, told):
    file = tmp_path / "requests.jsonl"
    file.write_text(content)
    with pytest.raises(NoHistory, match=rf"requests.jsonl, {told}\."):
        Simulator(world(), gate=None, files=None, requests=file)
    assert file.read_text() == content


def test_two_simulators_never_write_to_one_file(tmp_path):
    file = tmp_path / "requests.jsonl"
    with serving(requests=file) as bench:
        bench.client.create_project(outlining_project())
        written = file.read_text()
        with pytest.raises(HistoryInUse, match=r"requests\.jsonl"):
            Simulator(world(), gate=None, files=None, requests=file)
        assert file.read_text() == written
    with serving(requests=file) as bench:
        assert len(asked(bench)) == 1


def test_a_simulator_whose_port_is_in_use_leaves_the_file_alone(bench, tmp_path):
    file = tmp_path / "requests.jsonl"
    port = int(bench.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        Simulator(world(), gate=None, files=None, port=port, requests=file)
    assert not file.exists()
