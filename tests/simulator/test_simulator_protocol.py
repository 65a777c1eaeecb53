import httpx
import pytest
import toloka.client as toloka
from simulated import Bench
from toloka.client.exceptions import ApiError

AUTH = {"Authorization": "OAuth token"}
SHAPE = {"request_id", "code", "message"}


def ask(bench: Bench, method: str, path: str, headers: dict[str, str] = AUTH, content: bytes = b"") -> httpx.Response:
    return httpx.request(method, f"{bench.url}/api/v1{path}", headers=headers, content=content)


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "token"}, {"Authorization": "Basic token"}, {"Authorization": "OAuth"}]
)
@pytest.mark.parametrize("path", ["/requester", "/nothing"])
def test_who_does_not_say_who_he_is_learns_nothing(bench, headers, path):
    answer = ask(bench, "GET", path, headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "AUTHENTICATION_ERROR")
    assert set(answer.json()) == SHAPE


def test_an_account_may_be_acted_under(bench):
    client = toloka.TolokaClient("token", url=bench.url, act_under_account_id="another")
    assert client.get_requester() == bench.client.get_requester()
    client._session.close()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("GET", "/nothing", {}, 404, "NOT_FOUND"),
        ("GET", "//pools", {}, 404, "NOT_FOUND"),
        ("GET", "/pools/", {}, 404, "NOT_FOUND"),
        ("GET", "/pools/404", {}, 404, "DOES_NOT_EXIST"),
        ("DELETE", "/requester", {}, 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/requester", {"Accept": "text/html"}, 406, "NOT_ACCEPTABLE"),
        ("POST", "/skills", {"Content-Type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
def test_errors_of_http_itself_have_tolokas_shape(bench, method, path, headers, status, code):
    answer = ask(bench, method, path, AUTH | headers, b"{}")
    assert (answer.status_code, answer.json()["code"], set(answer.json())) == (status, code, SHAPE)


def test_a_request_that_is_too_large_is_refused(bench):
    answer = ask(bench, "POST", "/skills", content=b" " * (2**26 + 1))
    assert (answer.status_code, answer.json()["code"], set(answer.json())) == (413, "ENTITY_TOO_LARGE", SHAPE)


def test_json_is_known_by_its_type_whatever_else_it_says(bench):
    headers = AUTH | {"Content-Type": "application/json; charset=utf-8", "Accept": "text/html, */*;q=0.5"}
    assert ask(bench, "POST", "/skills", headers, b'{"name": "skill"}').status_code == 201


def test_the_kit_reads_an_unknown_path_as_an_error_of_the_api(bench):
    with pytest.raises(ApiError) as caught:
        bench.client.get_analytics([toloka.analytics_request.CompletionPercentagePoolAnalytics(subject_id="1")])
    assert (caught.value.status_code, caught.value.code) == (404, "NOT_FOUND")
