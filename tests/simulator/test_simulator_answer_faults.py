"""Each kind of fault of the API's answers, seen on the wire, and by toloka-kit where it has something to say."""

import json
import socket
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest
from simulated import START, Bench, outlining_project, serving, world
from toloka.client import TolokaClient
from toloka.client.exceptions import InternalApiError, RemoteServiceUnavailableApiError, TooManyRequestsApiError
from toloka.client.primitives.retry import TolokaRetry

from simulator.elements.limits import Limits
from simulator.faults.answer_faults import ANSWERS
from simulator.faults.file import read_plan

AUTH = {"Authorization": "OAuth token"}


def faulty(text: str) -> Any:
    return serving(world(), faults=read_plan(options=[text]))


def once(kind: str, *more: str) -> Any:
    """A simulator whose first creation of a project is struck."""
    return faulty(",".join([kind, "nth=1", "method=POST", "path=/projects", *more]))


def create(bench: Bench, **settings: Any) -> httpx.Response:
    body = outlining_project().unstructure()
    return httpx.post(f"{bench.url}/api/v1/projects", json=body, headers=AUTH, **settings)


def created(bench: Bench) -> int:
    return sum(line["kind"] == "PROJECT_CREATED" for line in bench.world.history())


def raw(bench: Bench) -> tuple[bytes, OSError | None]:
    """What comes over the wire until the connection ends, and how that ended."""
    host, port = bench.url.removeprefix("http://").split(":")
    body = json.dumps(outlining_project().unstructure()).encode()
    head = "POST /api/v1/projects HTTP/1.1\r\nHost: x\r\nAuthorization: OAuth t\r\n"
    head += f"Content-Length: {len(body)}\r\n\r\n"
    got = b""
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.encode() + body)
        try:
            while piece := connection.recv(65536):
                got += piece
        except OSError as error:
            return got, error
    return got, None


def asks_once(bench: Bench) -> None:
    """toloka-kit's client without its retry asks for the requester."""
    never = TolokaRetry(retry_quotas=None, total=0, status_forcelist=[], respect_retry_after_header=False)
    client = TolokaClient("token", url=bench.url, retryer_factory=lambda: never)
    try:
        client.get_requester()
    finally:
        client._session.close()


# answers in place of the API's; nothing is done


@pytest.mark.parametrize(
    ("kind", "status", "code", "raised"),
    [
        ("internal-error", 500, "INTERNAL_ERROR", InternalApiError),
        ("unavailable", 503, "REMOTE_SERVICE_UNAVAILABLE", RemoteServiceUnavailableApiError),
        ("too-many-requests", 429, "TOO_MANY_REQUESTS", TooManyRequestsApiError),
    ],
)
def test_an_error_in_tolokas_shape(kind, status, code, raised):
    with faulty(f"{kind},nth=1|2") as bench:
        answer = create(bench)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert "Retry-After" not in answer.headers
        assert "Date" in answer.headers
        with pytest.raises(raised):
            asks_once(bench)
        assert created(bench) == 0


@pytest.mark.parametrize("kind", ["unavailable", "too-many-requests"])
def test_retry_after_makes_the_kits_own_retry_fall_over(kind):
    with once(kind, "retry_after=7") as bench, pytest.raises(TypeError, match="RetryCallState"):
        bench.client.create_project(outlining_project())
    with once(kind, "retry_after=7") as bench:
        assert create(bench).headers["Retry-After"] == "7"
        assert create(bench).status_code == 201


def test_an_interval_does_so_too():
    with once("too-many-requests", "interval=MIN") as bench, pytest.raises(TypeError, match="RetryCallState"):
        bench.client.create_project(outlining_project())
    with once("too-many-requests", "interval=DAY") as bench:
        assert create(bench).json()["payload"] == {"interval": "DAY"}


@pytest.mark.parametrize(
    ("kind", "status", "content", "raised"),
    [
        ("html-page", 502, "<h1>502 Bad Gateway</h1>", json.JSONDecodeError),
        ("empty-body", 500, "", httpx.HTTPStatusError),
        ("not-json", 500, "upstream connect error", json.JSONDecodeError),
        ("without-code", 500, "Something went wrong", KeyError),
    ],
)
def test_an_error_that_is_not_in_tolokas_shape(kind, status, content, raised):
    with faulty(f"{kind},nth=1|2") as bench:
        answer = create(bench)
        assert (answer.status_code, content in answer.text) == (status, True)
        with pytest.raises(raised):
            asks_once(bench)
        assert created(bench) == 0
        assert create(bench).status_code == 201


def test_an_older_http_makes_the_kits_own_retry_fall_over():
    with once("old-http") as bench:
        got, ended = raw(bench)
        assert (got.startswith(b"HTTP/1.0 503 "), ended, created(bench)) == (True, None, 0)
    with once("old-http") as bench, pytest.raises(KeyError, match=r"HTTP/1\.0"):
        bench.client.create_project(outlining_project())


# connections


def test_a_reset_comes_before_anything():
    with once("reset") as bench:
        got, ended = raw(bench)
        assert (got, type(ended)) == (b"", ConnectionResetError)
        assert created(bench) == 0
        assert bench.client.create_project(outlining_project()).id


def test_a_reset_while_answering_comes_after_it_was_done():
    with once("reset-while-answering") as bench, pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        create(bench)
    with once("reset-while-answering") as bench:
        assert type(raw(bench)[1]) is ConnectionResetError
        assert created(bench) == 1


def test_no_answer_is_a_time_out():
    with once("no-answer", "seconds=30") as bench:
        with pytest.raises(httpx.ReadTimeout):
            create(bench, timeout=0.2)
        assert created(bench) == 0


def test_no_answer_ends_the_connection_in_the_end():
    with once("no-answer", "seconds=0.05") as bench:
        assert raw(bench) == (b"", None)


def test_a_truncated_body_announces_more_than_comes():
    with once("truncated-body") as bench:
        got, ended = raw(bench)
        head, _, body = got.partition(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.splitlines() if line.startswith(b"Content-Length"))
        assert (head.startswith(b"HTTP/1.1 201"), ended, 0 < len(body) < length) == (True, None, True)
        assert created(bench) == 1
    with once("truncated-body") as bench, pytest.raises(httpx.RemoteProtocolError):
        create(bench)


def test_a_slow_answer_drips_in_and_is_whole():
    with once("slow-drip", "seconds=0.3") as bench, httpx.Client() as http:
        body = json.dumps(outlining_project().unstructure())
        with http.stream("POST", f"{bench.url}/api/v1/projects", content=body, headers=AUTH) as answer:
            pieces = list(answer.iter_raw())
        assert len(pieces) > 1
        assert json.loads(b"".join(pieces))["status"] == "ACTIVE"


def test_a_lost_answer_was_carried_out_and_the_kit_creates_it_twice():
    with once("answer-lost") as bench:
        assert raw(bench) == (b"", None)
        assert created(bench) == 1
    with once("answer-lost") as bench:
        bench.client.create_project(outlining_project())
        assert len(list(bench.client.get_projects())) == 2


# later, and at another time


@pytest.mark.parametrize("status", [503, 500])
def test_what_is_applied_late_is_refused_now_and_done_then(status):
    with once("applied-late", "seconds=90", f"status={status}") as bench:
        assert create(bench).status_code == status
        bench.world.advance(START + 89)
        assert created(bench) == 0
        assert bench.world.next_event_at() == START + 90
        bench.world.advance(START + 100)
        (project,) = bench.client.get_projects()
        assert project.created.timestamp() == START + 90
        written = [json.loads(line) for line in bench.simulator.history.after(0, 10).splitlines()]
        assert (written[0]["fault"], written[0]["done"], written[0]["status"]) == ("applied-late", False, status)
        assert (written[1]["late"], written[1]["status"], written[1]["answer"]["id"]) == (1, 201, project.id)


def test_what_is_applied_late_may_have_no_answer():
    with once("applied-late", "status=0") as bench:
        assert raw(bench) == (b"", None)
        bench.world.advance(START + 60)
        assert created(bench) == 1


@pytest.mark.parametrize(("key", "status"), [("right", 201), ("wrong", 401)])
def test_what_is_applied_late_had_to_have_the_right_key_when_it_was_asked(key, status):
    plan = read_plan(options=["applied-late,nth=1"])
    with serving(faults=plan, token="right") as bench:
        headers = {"authorization": f"OAuth {key}"}
        httpx.post(f"{bench.url}/api/v1/projects", json=outlining_project().unstructure(), headers=headers)
        bench.world.advance(START + 60)
        assert json.loads(bench.simulator.history.after(1, 1))["status"] == status


def test_what_is_applied_late_is_not_refused_because_others_ask_much_then():
    faults = read_plan(options=["applied-late,nth=1,seconds=1,method=POST"])
    with serving(world(limits=Limits(requests=1)), faults=faults) as bench:
        create(bench)
        bench.world.advance(START + 0.9)
        statuses = [httpx.get(f"{bench.url}/api/v1/requester", headers=AUTH).status_code for _ in range(2)]
        assert statuses == [200, 429]
        bench.world.advance(START + 1)
        assert created(bench) == 1


@pytest.mark.parametrize("path", ["/%61pi/v1/projects", "/%2Fapi/v1/%70rojects", "/api%2Fv1/projects"])
def test_a_path_that_is_quoted_for_no_reason_is_struck_and_written_down_like_any_other(path):
    with once("internal-error") as bench:
        body = json.dumps(outlining_project().unstructure())
        for status in (500, 201):
            with closing(HTTPConnection(bench.url.removeprefix("http://"), timeout=10)) as connection:
                connection.request("POST", path, body, AUTH)
                assert connection.getresponse().status == status
        lines = [json.loads(line) for line in bench.simulator.history.after(0, 10).splitlines()]
        assert [(line["path"], line["status"], line.get("fault")) for line in lines] == [
            (path, 500, "internal-error"),
            (path, 201, None),
        ]
        assert bench.simulator.requests == {"POST /v1/projects": 2}


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_skewed_clock_is_wrong_in_the_header_and_in_every_date(seconds):
    off = timedelta(seconds=seconds)
    with faulty(f"clock-skew=1,seconds={seconds}") as bench:
        answer = create(bench)
        now = datetime.fromtimestamp(START, UTC)
        assert parsedate_to_datetime(answer.headers["Date"]) == now + off
        assert datetime.fromisoformat(answer.json()["created"] + "Z") == now + off
        since = (now + off).strftime("%Y-%m-%dT%H:%M:%S.%f")
        found = httpx.get(f"{bench.url}/api/v1/projects", params={"created_gte": since}, headers=AUTH).json()
        assert [each["id"] for each in found["items"]] == [answer.json()["id"]]
        pool = bench.outlining(will_expire=datetime(2030, 1, 1, 0, 0, 0, 123000))
        assert pool.will_expire == datetime(2030, 1, 1, 0, 0, 0, 123000, UTC)


def test_a_date_of_another_length_is_answered_whole():
    with faulty("clock-skew=1,path=/tasks") as bench:
        pool = bench.checking()
        odd = {"image": "http://x/2025-01-01T00%3A00%3A00", "assignment_id": "2025-01-01T00:00:00.123456789"}
        answer = bench.http.post("tasks", json={"pool_id": pool.id, "overlap": 1, "input_values": odd})
    assert (answer.status_code, answer.json()["pool_id"]) == (201, pool.id)


def test_a_faults_answer_to_head_is_a_head_alone():
    with faulty("internal-error=1,method=HEAD") as bench:
        assert bench.http.head("skills").status_code == 500
        assert bench.http.get("skills").status_code == 200


def test_every_kind_was_seen():
    tests = Path(__file__).read_text(encoding="utf-8")
    assert [kind for kind in ANSWERS if f'"{kind}' not in tests] == []
