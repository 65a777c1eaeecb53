import pytest
from front import refusal, said
from shop import Shop, small
from toloka.client.webhook_subscription import WebhookSubscription

from handlers.subscribing import Subscriptions
from handlers.trouble import TolokaTrouble, TroubleKind
from store.subscriptions import Trial

URL = "http://127.0.0.1:9/webhooks/toloka/main"
SECRET = "canary-of-the-subscriptions"
KINDS = [each.value for each in WebhookSubscription.EventType]


@pytest.fixture
def pool_id(shop: Shop) -> str:
    return shop.set_up(small().pipeline).pool_ids["work"]


@pytest.fixture
def toloka(shop: Shop) -> Subscriptions:
    return Subscriptions(shop.gateway)


def secrets_of(shop: Shop) -> set[str | None]:
    return {each.secret for each in shop.world.state.subscriptions.values()}


def test_they_are_put_in_one_batch_and_come_back_in_order(shop, toloka, pool_id):
    pairs = [(pool_id, "POOL_CLOSED"), (pool_id, "ASSIGNMENT_SUBMITTED")]
    made = toloka.put(pairs, URL, SECRET)
    assert [(each.pool_id, each.event_type, each.url) for each in made] == [(*pair, URL) for pair in pairs]
    assert shop.front.count("PUT /webhook-subscriptions") == 1
    assert made[0].created == pytest.approx(shop.world.now, abs=1)
    assert secrets_of(shop) == {SECRET}


def test_put_again_they_stay_and_are_signed_with_the_new_secret(shop, toloka, pool_id):
    pairs = [(pool_id, "POOL_CLOSED"), (pool_id, "ASSIGNMENT_SUBMITTED")]
    made = toloka.put(pairs, URL, SECRET)
    assert toloka.put(pairs, URL, "the next secret") == made
    assert secrets_of(shop) == {"the next secret"}


def test_nothing_is_put_without_a_request(shop, toloka):
    assert toloka.put([], URL, SECRET) == []
    assert shop.front.count("PUT") == 0


def test_refused_ones_are_named_and_the_others_done(toloka, pool_id):
    pairs = [("404", "POOL_CLOSED"), (pool_id, "POOL_CLOSED"), ("405", "POOL_CLOSED")]
    with pytest.raises(TolokaTrouble) as caught:
        toloka.put(pairs, URL, SECRET)
    assert caught.value.trouble.code == "VALIDATION_ERROR"
    assert "pool 404 (pool_id ENTITY_DOES_NOT_EXIST" in str(caught.value)
    assert "pool 405" in str(caught.value)
    assert [each.pool_id for each in toloka.all()] == [pool_id]


def test_an_error_that_repeats_the_secret_does_not_show_it(shop, toloka, pool_id):
    echoes = {"items": {}, "validation_errors": {"0": {"secret_key": {"code": "VALUE", "message": f"not {SECRET}"}}}}
    shop.front.answer("PUT", refusal(400, "VALIDATION_ERROR", message=f"{SECRET!r} is short"), said(200, echoes))
    for _ in range(2):
        with pytest.raises(TolokaTrouble) as caught:
            toloka.put([(pool_id, "POOL_CLOSED")], URL, SECRET)
        assert SECRET not in str(caught.value)
        assert "repeats the secret" in str(caught.value)
        assert caught.value.__cause__ is None


def test_all_are_listed_even_when_they_were_created_at_one_moment(shop, toloka, pool_id):
    for number in range(40):
        toloka.put([(pool_id, kind) for kind in KINDS], f"{URL}-{number}", SECRET)
    for each in shop.world.state.subscriptions.values():
        each.created = shop.world.now
    before = shop.front.count("GET /webhook-subscriptions")
    assert len({each.subscription_id for each in toloka.all()}) == 320
    assert shop.front.count("GET /webhook-subscriptions") - before == 2
    assert len(list(shop.gateway.client.get_webhook_subscriptions(batch_size=300))) == 300  # what the kit loses


def test_a_page_without_items_is_the_last(shop, toloka):
    shop.front.answer("GET /webhook-subscriptions", said(200, {"items": [], "has_more": True}))
    assert toloka.all() == []


def test_one_is_deleted_and_one_that_is_gone_is_no_trouble(toloka, pool_id):
    kept, gone = toloka.put([(pool_id, "POOL_CLOSED"), (pool_id, "ASSIGNMENT_SUBMITTED")], URL, SECRET)
    for _ in range(2):
        toloka.delete(gone.subscription_id)
    assert toloka.all() == [kept]


def test_a_deletion_that_is_refused_is_told(shop, toloka):
    shop.front.answer("DELETE", refusal(403, "ACCESS_DENIED"))
    with pytest.raises(TolokaTrouble, match="ACCESS_DENIED"):
        toloka.delete("somebody-else's")


def test_one_is_tried_out_through_the_paced_client(shop, toloka, pool_id):
    (made,) = toloka.put([(pool_id, "POOL_CLOSED")], URL, SECRET)
    posts = shop.gateway.client.requests["POST"]
    assert toloka.try_out(made.subscription_id) == Trial(False, "CONNECTION_ERROR", None)
    assert shop.gateway.client.requests["POST"] == posts + 1


def test_what_a_trial_came_to_is_read_as_toloka_writes_it(shop, toloka):
    wrong = {"success": False, "errorType": "WRONG_STATUS_CODE", "originalStatusCode": 401, "uuids": []}
    right = {"success": True, "errorType": "WRONG_STATUS_CODE", "originalStatusCode": 1}
    shop.front.answer(
        "POST /webhook-subscriptions/5/test", said(201, wrong), said(201, right), said(200, wrong | right)
    )
    shop.front.answer("POST /webhook-subscriptions/5/test", said(200, {"success": False}))
    tried = [toloka.try_out("5") for _ in range(4)]
    assert tried == [Trial(False, "WRONG_STATUS_CODE", 401), Trial(True), Trial(True), Trial(False, "UNKNOWN")]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(404, "DOES_NOT_EXIST"), TroubleKind.PERMANENT),
        (refusal(429, "TOO_MANY_REQUESTS"), TroubleKind.QUOTA),
        (refusal(500, "INTERNAL_ERROR"), TroubleKind.TRANSIENT),
        (said(200, {"strange": 1}), TroubleKind.TRANSIENT),
    ],
)
def test_a_trial_that_cannot_be_made_is_trouble(shop, toloka, answer, kind):
    shop.front.answer("POST /webhook-subscriptions/5/test", answer)
    with pytest.raises(TolokaTrouble) as caught:
        toloka.try_out("5")
    assert caught.value.trouble.kind is kind
