import uuid
from decimal import Decimal
from typing import Any

import httpx
import pytest
import toloka.client as toloka
from simulated import Bench, serving, world
from toloka.client.exceptions import ApiError, DoesNotExistApiError, IncorrectActionsApiError, ValidationApiError
from toloka.client.operations import UserBonusCreateBatchOperation

AUTH = {"Authorization": "OAuth token"}
TITLE, TEXT = {"EN": "Well done", "RU": "Молодец"}, {"EN": "All is right"}


def people(bench: Bench) -> list[str]:
    return sorted(bench.world.state.people)


def bonus(user_id: str, amount: str = "0.50", **fields: Any) -> toloka.UserBonus:
    given: dict[str, Any] = {"public_title": TITLE, "public_message": TEXT} | fields
    return toloka.UserBonus(user_id=user_id, amount=Decimal(amount), **given)


def post(bench: Bench, body: object, **query: object) -> httpx.Response:
    return httpx.post(f"{bench.url}/api/v1/user-bonuses", json=body, params=query, headers=AUTH)


def body(user_id: str, amount: float = 0.5, **fields: object) -> dict[str, object]:
    return {"user_id": user_id, "amount": amount, "without_message": True} | fields


@pytest.mark.parametrize("async_mode", [True, False])
def test_a_bonus_is_read_back_and_paid_with_the_fee(bench, async_mode):
    user_id = people(bench)[0]
    made = bench.client.create_user_bonus(bonus(user_id, private_comment="pool 1"), async_mode=async_mode)
    assert bench.client.get_user_bonus(made.id) == made
    assert (made.user_id, made.amount, made.public_title, made.public_message) == (user_id, Decimal("0.5"), TITLE, TEXT)
    assert (made.private_comment, made.without_message) == ("pool 1", False)
    assert made.created.timestamp() == bench.world.now
    assert bench.client.get_requester().balance == Decimal("9999.35")
    assert bench.world.spent_by_pool() == {"": 0.65}
    paid, given = (line for line in bench.world.history() if line["kind"] in ("MONEY", "USER_BONUS"))
    assert (paid["what"], paid["amount"], paid["id"]) == ("bonus", 0.65, made.id)
    assert (given["user_id"], given["amount"]) == (user_id, 0.5)


@pytest.mark.parametrize("async_mode", [True, False])
def test_bonuses_come_back_in_the_places_of_the_request(bench, async_mode):
    sent = [bonus(user_id, f"0.{number + 10}") for number, user_id in enumerate(people(bench)[:20])]
    made = bench.client.create_user_bonuses(sent, async_mode=async_mode)
    assert {int(place): (each.user_id, each.amount) for place, each in made.items.items()} == {
        place: (each.user_id, each.amount) for place, each in enumerate(sent)
    }
    assert not made.validation_errors
    assert len({each.id for each in made.items.values()}) == 20


@pytest.mark.parametrize("async_mode", [True, False])
def test_bad_bonuses_are_left_out_when_asked_and_else_stop_all(bench, async_mode):
    user_id, *_ = people(bench)
    sent = [bonus(user_id), bonus("nobody"), bonus(user_id, public_title=None), bonus(user_id, "0.004")]
    with pytest.raises(ValidationApiError) as caught:
        bench.client.create_user_bonuses(sent, async_mode=async_mode)
    assert {place: list(flaws) for place, flaws in caught.value.payload.items()} == {
        "1": ["user_id"],
        "2": ["public_title"],
        "3": ["amount"],
    }
    assert list(bench.client.get_user_bonuses()) == []
    made = bench.client.create_user_bonuses(sent, async_mode=async_mode, skip_invalid_items=True)
    assert (set(made.items), set(made.validation_errors)) == ({"0"}, {"1", "2", "3"})
    assert [each.id for each in bench.client.get_user_bonuses()] == [made.items["0"].id]


def test_an_operation_tells_what_was_issued(bench):
    sent = [bonus(people(bench)[0]), bonus("nobody")]
    operation = bench.client.wait_operation(bench.client.create_user_bonuses_async(sent, skip_invalid_items=True))
    assert isinstance(operation, UserBonusCreateBatchOperation)
    assert operation.parameters.skip_invalid_items is True
    counts = {name: getattr(operation.details, f"{name}_count") for name in ("total", "valid", "success", "failed")}
    assert counts == {"total": 2, "valid": 1, "success": 1, "failed": 1}
    good, bad = bench.client.get_operation_log(operation.id)
    assert (good.type, good.success, bad.type, bad.success) == (
        "USER_BONUS_PERSIST",
        True,
        "USER_BONUS_VALIDATE",
        False,
    )
    assert bench.client.get_user_bonus(good.output["user_bonus_id"]).user_id == good.input["user_id"]
    assert bad.output["user_id"]["code"] == "ENTITY_DOES_NOT_EXIST"


def test_the_same_operation_pays_once(bench):
    identity, sent = uuid.uuid4(), [bonus(user_id) for user_id in people(bench)[:3]]
    first, again = (bench.client.create_user_bonuses(sent, operation_id=identity) for _ in range(2))
    assert again == first
    assert len(list(bench.client.get_user_bonuses())) == 3
    assert bench.client.get_requester().balance == Decimal("9998.05")


def test_the_same_bonus_twice_in_a_request_is_a_conflict(bench):
    user_id, other, *_ = people(bench)
    twice = [body(user_id), body(other), body(user_id)]
    answer = post(bench, twice)
    assert (answer.status_code, answer.json()["code"]) == (409, "ENTITY_CONFLICT")
    assert answer.json()["payload"]["2"]["user_id"]["code"] == "ENTITY_CONFLICT"
    with pytest.raises(ValidationApiError) as caught:
        bench.client.create_user_bonuses([bonus(user_id), bonus(user_id)])
    assert set(caught.value.payload) == {"1"}
    assert list(bench.client.get_user_bonuses()) == []
    told_apart = [body(user_id), body(user_id, 0.51), body(user_id, private_comment="other")]
    assert len(post(bench, told_apart).json()["items"]) == 3
    assert set(post(bench, twice, skip_invalid_items="true").json()["items"]) == {"0", "1"}


@pytest.mark.parametrize("async_mode", [True, False])
def test_without_money_for_all_none_is_issued(async_mode):
    with serving(world(balance=1.0)) as bench:
        sent = [bonus(user_id, "0.40") for user_id in people(bench)[:2]]
        with pytest.raises(IncorrectActionsApiError) as caught:
            bench.client.create_user_bonuses(sent, async_mode=async_mode)
        assert caught.value.code == "NOT_ENOUGH_BALANCE"
        assert bench.client.get_requester().balance == 1
        assert bench.client.create_user_bonus(sent[0]).amount == Decimal("0.4")


def test_a_bonus_for_a_page_is_shown_there_and_is_its_performers(bench):
    pool = bench.outlining()
    bench.fill(pool, 2)
    bench.client.open_pool(pool.id)
    bench.run()
    page, other = bench.client.get_assignments(pool_id=pool.id)
    made = [bench.client.create_user_bonus(bonus(page.user_id, amount, assignment_id=page.id)) for amount in ("1", "2")]
    assert bench.client.get_assignment(page.id).bonus_ids == [each.id for each in made]
    assert bench.client.get_assignment(other.id).bonus_ids is None
    assert bench.world.spent_by_pool() == {pool.id: 3.9}
    found = {each.id for each in bench.client.get_user_bonuses(assignment_id=page.id)}
    assert found == {each.id for each in made}
    for wrong in (other.id, "page"):
        with pytest.raises(ValidationApiError) as caught:
            bench.client.create_user_bonus(bonus(page.user_id, assignment_id=wrong), async_mode=False)
        assert caught.value.payload["assignment_id"]["code"] == "ENTITY_DOES_NOT_EXIST"


def test_bonuses_are_found_by_every_filter(bench):
    one, other, *_ = people(bench)
    first = bench.client.create_user_bonus(bonus(one, private_comment="first"))
    bench.run(1)
    second = bench.client.create_user_bonus(bonus(other))
    for query, wanted in (
        ({"user_id": one}, [first]),
        ({"private_comment": "first"}, [first]),
        ({"created_gt": first.created}, [second]),
        ({"created_lte": first.created}, [first]),
        ({"id_gt": first.id}, [second]),
        ({}, [first, second]),
    ):
        assert list(bench.client.get_user_bonuses(**query)) == wanted
    assert bench.client.find_user_bonuses(sort=["-created"], limit=1).items == [second]
    with pytest.raises(DoesNotExistApiError):
        bench.client.get_user_bonus("404")


def test_what_is_no_bonus_is_refused_by_field(bench):
    user_id = people(bench)[0]
    assert set(post(bench, {"colour": "red"}).json()["payload"]) == {"colour", "user_id", "amount"}
    wrong = body(user_id, 100.5, public_title="text", without_message=1)
    assert set(post(bench, wrong).json()["payload"]) == {"amount", "public_title", "without_message"}
    assert post(bench, []).status_code == post(bench, [3]).status_code == 400
    with pytest.raises(ApiError) as caught:
        bench.client.create_user_bonuses([bonus(user_id, f"1.{place}") for place in range(101)], async_mode=False)
    assert (caught.value.status_code, caught.value.code) == (413, "ENTITY_TOO_LARGE")
    assert (
        len(bench.client.create_user_bonuses([bonus(user_id, f"1.{place:03}") for place in range(1, 102)]).items) == 101
    )
