import httpx
import pytest
from receiver import receiving
from simulated import Bench
from toloka.client.exceptions import DoesNotExistApiError
from toloka.client.webhook_subscription import WebhookSubscription

AUTH = {"Authorization": "OAuth token"}
URL = "http://127.0.0.1:9/hook"


def wish(pool_id: str, event_type: str = "ASSIGNMENT_SUBMITTED", **fields: str) -> WebhookSubscription:
    return WebhookSubscription(webhook_url=URL, event_type=event_type, pool_id=pool_id, **fields)


def test_subscriptions_are_created_once_read_and_deleted(bench):
    pool = bench.checking()
    wanted = [wish(pool.id), wish(pool.id, "POOL_CLOSED", secret_key="s")]
    made = bench.client.upsert_webhook_subscriptions(wanted).items
    again = bench.client.upsert_webhook_subscriptions(wanted).items
    assert [made["0"].id, made["1"].id] == [again["0"].id, again["1"].id]
    read = bench.client.get_webhook_subscription(made["1"].id)
    assert (read.event_type.value, read.webhook_url, read.secret_key) == ("POOL_CLOSED", URL, None)
    bench.client.delete_webhook_subscription(read.id)
    with pytest.raises(DoesNotExistApiError):
        bench.client.get_webhook_subscription(read.id)


def test_the_real_client_pages_through_all_by_creation(bench):
    pools = [bench.checking().id for _ in range(4)]
    kinds = ["ASSIGNMENT_CREATED", "ASSIGNMENT_SUBMITTED", "POOL_CLOSED"]
    bench.client.upsert_webhook_subscriptions([wish(pool, kind) for pool in pools for kind in kinds])
    found = list(bench.client.get_webhook_subscriptions(batch_size=5))
    assert len({each.id for each in found}) == 12
    assert len({each.created for each in found}) == 12
    one = list(bench.client.get_webhook_subscriptions(pool_id=pools[0], event_type="POOL_CLOSED"))
    assert [each.pool_id for each in one] == [pools[0]]


def test_bad_subscriptions_are_named_among_good_ones(bench):
    pool = bench.checking()
    bad = {"webhook_url": "ftp://x", "event_type": "EARTHQUAKE", "pool_id": "404", "colour": "red"}
    url = f"{bench.url}/api/v1/webhook-subscriptions"
    answer = httpx.put(url, json=[wish(pool.id).unstructure(), bad, {}], headers=AUTH).json()
    assert list(answer["items"]) == ["0"]
    assert set(answer["validation_errors"]["1"]) == set(bad)
    assert set(answer["validation_errors"]["2"]) == {"webhook_url", "event_type", "pool_id"}
    assert httpx.put(url, json=bad, headers=AUTH).status_code == 400


@pytest.mark.parametrize(
    "url",
    [
        "http://h:abc/x",
        "http://[::1/x",
        "http://[::1]x/",
        "http://[1.2.3.4]/",
        f"http://{'a' * 64}.example/x",
        f"http://{'a.' * 130}example/x",
        "http://a..b/",
        "http://127.0.0.1:9/é",
        "http://127.0.0.1:9/a b",
        "http://127.0.0.1:99999/x",
        "http://127.0.0.1:0/x",
        "http://name:word@127.0.0.1/x",
        "http:///x",
        "http:",
        "ftp://127.0.0.1/x",
    ],
)
def test_an_address_that_nobody_can_post_to_is_refused(bench, url):
    body = wish(bench.checking().id).unstructure() | {"webhook_url": url}
    answer = httpx.put(f"{bench.url}/api/v1/webhook-subscriptions", json=body, headers=AUTH)
    assert answer.status_code == 400
    assert {path: each["code"] for path, each in answer.json()["payload"].items()} == {
        "webhook_url": "INVALID_URL_SYNTAX"
    }


@pytest.mark.parametrize(
    "url", ["http://[::1]:80/x", "https://example.com./a%20b?c=d", "http://my_service:8080", "HTTP://h:?a"]
)
def test_any_other_address_is_taken(bench, url):
    body = wish(bench.checking().id).unstructure() | {"webhook_url": url}
    answer = httpx.put(f"{bench.url}/api/v1/webhook-subscriptions", json=body, headers=AUTH)
    assert (answer.status_code, answer.json()["webhook_url"]) == (201, url)


def test_a_single_subscription_says_whether_it_is_new(bench):
    url, body = f"{bench.url}/api/v1/webhook-subscriptions", wish(bench.checking().id).unstructure()
    assert [httpx.put(url, json=body, headers=AUTH).status_code for _ in range(2)] == [201, 200]


def try_out(bench: Bench, identity: str) -> dict:
    return httpx.post(f"{bench.url}/api/v1/webhook-subscriptions/{identity}/test", headers=AUTH).json()


def test_the_test_call_sends_five_test_events_and_tells_the_outcome(bench):
    with receiving() as inbox:
        identity = inbox.subscribe(bench, bench.checking().id, "POOL_CLOSED")[0]
        good = try_out(bench, identity)
        inbox.statuses = [503]
        bad = try_out(bench, identity)
    away = try_out(bench, identity)
    assert good["success"] is True
    assert good["uuids"] == [event["uuid"] for event in inbox.events[:5]]
    assert {event["type"] for event in inbox.events} == {"TEST_EVENT"}
    assert len(inbox.requests) == 2
    assert (bad["success"], bad["errorType"], bad["originalStatusCode"]) == (False, "WRONG_STATUS_CODE", 503)
    assert (away["success"], away["errorType"]) == (False, "CONNECTION_ERROR")


def test_an_unknown_subscription_cannot_be_tested(bench):
    assert try_out(bench, "404")["code"] == "DOES_NOT_EXIST"
