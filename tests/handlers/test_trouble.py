import socket
from contextlib import closing
from functools import partial

import httpx
import pytest
import toloka.client as toloka
import urllib3
from front import Answer, Front, refusal, said, standing_in_front
from shop import Clock, gateway_to

from handlers.trouble import Breaker, TolokaTrouble, Trouble, TroubleKind, classify


@pytest.fixture
def bad_day():
    with standing_in_front() as front:
        yield front


def trouble_of(front: Front, answer: Answer, *, write: bool = False) -> Trouble:
    """What the real client's error for this answer means."""
    gateway = gateway_to(front.url)
    front.answer("", answer)
    call = partial(gateway.client.accept_assignment, public_comment="") if write else gateway.client.get_assignment
    with closing(gateway), pytest.raises(TolokaTrouble) as caught:
        gateway.ask(call, "page")
    assert len(front.seen) == 1, "the kit must not try again by itself"
    return caught.value.trouble


HTML = {"Content-Type": "text/html"}
TRANSIENT, QUOTA, AUTH = TroubleKind.TRANSIENT, TroubleKind.QUOTA, TroubleKind.AUTH
CASES = {
    "internal error": (refusal(500, "INTERNAL_ERROR"), TRANSIENT, 0.0),
    "unavailable": (refusal(503, "REMOTE_SERVICE_UNAVAILABLE"), TRANSIENT, 0.0),
    "unavailable, come later": (refusal(503, "REMOTE_SERVICE_UNAVAILABLE", {"Retry-After": "7"}), TRANSIENT, 0.0),
    "bad gateway in HTML": (Answer(502, b"<html>Bad Gateway</html>", HTML), TRANSIENT, 0.0),
    "not found in HTML": (Answer(404, b"<html>nothing</html>", HTML), TRANSIENT, 0.0),
    "success in HTML": (Answer(200, b"<html>maintenance</html>", HTML), TRANSIENT, 0.0),
    "gateway timeout, empty": (Answer(504), TRANSIENT, 0.0),
    "JSON without a code": (said(500, {"message": "oops"}), TRANSIENT, 0.0),
    "cut short": (Answer(200, b'{"id": "pa', {"Content-Type": "application/json"}), TRANSIENT, 0.0),
    "request timeout": (refusal(408, "REQUEST_TIMEOUT"), TRANSIENT, 0.0),
    "connection reset": (Answer(reset=True), TRANSIENT, 0.0),
    "quota by the minute": (refusal(429, "TOO_MANY_REQUESTS", payload={"interval": "MIN"}), QUOTA, 60.0),
    "quota by the day": (refusal(429, "TOO_MANY_REQUESTS", payload={"interval": "DAY"}), QUOTA, 86_400.0),
    "quota with a date": (refusal(429, "TOO_MANY_REQUESTS", {"Retry-After": "7"}), QUOTA, 7.0),
    "quota without a word": (refusal(429, "TOO_MANY_REQUESTS"), QUOTA, 60.0),
    "wrong token": (refusal(401, "AUTHENTICATION_ERROR"), AUTH, 0.0),
    "another's object": (refusal(403, "ACCESS_DENIED"), AUTH, 0.0),
    "wrong token, empty": (Answer(401), AUTH, 0.0),
    "wrong status": (refusal(409, "INAPPROPRIATE_STATUS"), TroubleKind.CONFLICT, 0.0),
    "another conflict": (refusal(409, "NEVER_HEARD_OF"), TroubleKind.CONFLICT, 0.0),
    "invalid": (
        refusal(400, "VALIDATION_ERROR", payload={"a": {"code": "VALUE_REQUIRED"}}),
        TroubleKind.PERMANENT,
        0.0,
    ),
    "does not exist": (refusal(404, "DOES_NOT_EXIST"), TroubleKind.PERMANENT, 0.0),
    "too large, empty": (Answer(413), TroubleKind.PERMANENT, 0.0),
    "a redirect": (Answer(302, b"", {"Location": "/elsewhere"}), TroubleKind.UNKNOWN, 0.0),
}


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
@pytest.mark.parametrize("case", CASES)
def test_every_answer_means_one_thing_to_do(bad_day, case, write):
    answer, kind, pause = CASES[case]
    trouble = trouble_of(bad_day, answer, write=write)
    assert (trouble.kind, trouble.pause) == (kind, pause)
    if not answer.reset and b'"code"' in answer.body:
        assert (trouble.status, trouble.request_id) == (answer.status, "r-1")


def test_nobody_at_the_door_is_transient():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        gateway = gateway_to(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(TolokaTrouble) as caught:
            gateway.page("page")
        gateway.close()
    assert (caught.value.trouble.kind, caught.value.temporary) == (TRANSIENT, True)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("nobody"),
        httpx.RemoteProtocolError("odd"),
        urllib3.exceptions.ReadTimeoutError(urllib3.HTTPConnectionPool("localhost"), "/", "slow"),
        urllib3.exceptions.ProtocolError("reset"),
    ],
)
def test_what_the_network_does_is_transient(error):
    assert classify(error).kind is TRANSIENT


def test_a_failed_operation_is_named(bad_day):
    bad_day.answer("GET /operations", said(200, {"id": "1", "type": "POOL.OPEN", "status": "FAIL"}))
    gateway = gateway_to(bad_day.url)
    operation = gateway.ask(gateway.client.get_operation, "1")
    with pytest.raises(TolokaTrouble) as caught:
        gateway.ask(operation.raise_on_fail)
    gateway.close()
    assert (caught.value.trouble.code, caught.value.trouble.kind) == ("OPERATION_FAILED", TroubleKind.PERMANENT)


def test_a_validation_error_out_of_an_operations_log_is_permanent(shop):
    project = toloka.Project(public_name="x", public_description="x")
    with pytest.raises(TolokaTrouble) as caught:
        shop.gateway.ask(shop.gateway.client.create_project, project)
    assert caught.value.trouble.kind is TroubleKind.PERMANENT
    assert classify(toloka.exceptions.ValidationApiError(payload={})).kind is TroubleKind.PERMANENT


def test_what_nobody_expected_is_unknown_and_worth_another_look(shop):
    with pytest.raises(TolokaTrouble) as caught:
        shop.gateway.ask(int, "seven")
    assert (caught.value.trouble.kind, caught.value.temporary) == (TroubleKind.UNKNOWN, True)


def test_trouble_stays_what_it_was():
    trouble = Trouble(QUOTA, 429, "TOO_MANY_REQUESTS", pause=7.0)
    assert classify(TolokaTrouble(trouble)) is trouble


def test_trouble_tells_what_happened_in_one_line():
    assert str(TolokaTrouble(Trouble(AUTH, 401, "AUTHENTICATION_ERROR", message="no"))) == (
        "Toloka did not do what was asked: AUTHENTICATION_ERROR no"
    )
    assert not TolokaTrouble(Trouble(AUTH)).temporary


def test_no_token_is_in_what_is_told(bad_day):
    repeats = refusal(401, "NO_token", message="not with the token OAuth token", request_id="token")
    bad_day.answer("", refusal(401, "AUTHENTICATION_ERROR"), repeats)
    gateway = gateway_to(bad_day.url)
    for _ in range(2):
        with pytest.raises(TolokaTrouble) as caught:
            gateway.account()
        assert "token" not in f"{caught.value} {caught.value.trouble}"
    gateway.close()
    assert caught.value.trouble.message == "not with the *** OAuth ***"


def test_a_breaker_lets_one_try_through_and_waits_longer_each_time():
    clock = Clock(0.0)
    breaker = Breaker(clock, first=1.0, longest=5.0)
    pauses = []
    for _ in range(5):
        assert breaker.closed
        breaker.failed()
        assert not breaker.closed
        pauses.append(breaker.until - clock.now)
        clock.now = breaker.until
    assert pauses == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_breaker_waits_as_long_as_the_platform_asks():
    clock = Clock(0.0)
    breaker = Breaker(clock)
    breaker.failed(asked=3600.0)
    clock.now = 3599.0
    assert not breaker.closed
    clock.now = 3600.0
    assert breaker.closed


def test_a_breaker_forgets_once_it_worked():
    clock = Clock(0.0)
    breaker = Breaker(clock)
    breaker.failed()
    breaker.failed()
    breaker.worked()
    assert breaker.closed
    breaker.failed()
    assert breaker.until == 1.0
