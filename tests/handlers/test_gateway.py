import uuid

import pytest
from front import Answer, refusal
from shop import START, Shop, opened, small

from handlers.gateway import Gateway
from handlers.trouble import TolokaTrouble, TroubleKind
from simulator.account import requester
from store.records import Call, CallState, Decision, DecisionState


@pytest.fixture
def pages(shop: Shop) -> list[str]:
    """Five submitted pages of work."""
    shop.set_up(small().pipeline)
    shop.tasks("work", "a", "b", "c", "d", "e")
    shop.work()
    return shop.pages()


def wanted(shop: Shop, pages: list[str]) -> dict[str, tuple[str, float]]:
    return {each: ("ASSIGNMENT_SUBMITTED", shop.world.state.assignments[each].submitted or 0.0) for each in pages}


def test_an_account_has_a_name_and_a_balance(shop):
    assert shop.gateway.account() == (requester.ID, 10_000.0)


def test_many_pages_are_listed_in_one_request(shop, pages):
    read = shop.gateway.pages(shop.running.pool_ids["work"], wanted(shop, pages))
    assert [page.assignment_id for page in read] == pages
    assert shop.front.count("GET /assignments?") == 1
    assert shop.front.count("GET /assignments/") == 0


def test_pages_that_the_list_does_not_show_are_read_one_by_one(shop, pages):
    told_late = wanted(shop, pages) | {pages[2]: ("ASSIGNMENT_SKIPPED", 1.0)}
    before = {key: value for key, value in told_late.items() if key != pages[2]}
    latest = max(before, key=lambda key: before[key][1])
    told_late[latest] = ("ASSIGNMENT_SKIPPED", 1.0)
    read = shop.gateway.pages(shop.running.pool_ids["work"], told_late)
    assert [page.assignment_id for page in read] == pages
    assert latest in {each.removeprefix("GET /assignments/") for each in shop.front.seen}


def test_a_page_or_two_are_not_worth_a_list(shop, pages):
    read = shop.gateway.pages(shop.running.pool_ids["work"], wanted(shop, pages[:2]))
    assert [page.assignment_id for page in read] == pages[:2]
    assert shop.front.count("GET /assignments?") == 0


def test_a_page_that_toloka_does_not_know_is_left_out(shop, pages):
    asked = wanted(shop, pages[:1]) | {"nobody": ("ASSIGNMENT_SUBMITTED", START)}
    assert [page.assignment_id for page in shop.gateway.pages(shop.running.pool_ids["work"], asked)] == pages[:1]


def test_a_page_says_all_that_toloka_shows_of_it(shop, pages):
    shop.gateway.client.reject_assignment(pages[0], "too dark")
    page, raw = shop.gateway.page(pages[0]), shop.world.state.assignments[pages[0]]
    assert (page.status, page.comment, page.user_id, page.reward) == ("REJECTED", "too dark", raw.user_id, 0.01)
    assert (page.created, page.submitted, page.reviewed) == (raw.created, raw.submitted, shop.world.now)
    assert [(each.position, each.task_id, each.output) for each in page.answers] == [
        (0, raw.task_ids[0], {"answer": "yes"})
    ]
    assert type(page.reward) is float


def test_a_page_without_answers_has_none(shop):
    shop.set_up(small().pipeline)
    shop.tasks("work", "a")
    while not shop.pages():
        moment = shop.world.next_event_at()
        assert moment is not None
        shop.world.advance(moment)
    page = shop.gateway.page(shop.pages()[0])
    assert (page.status, page.submitted, page.answers[0].output) == ("ACTIVE", None, None)


def test_a_questions_page_names_its_subject(shop):
    shop.set_up(small().pipeline)
    shop.tasks("checks", "is it?", assignment_id="page", task_id="task")
    shop.work()
    answer = shop.gateway.page(shop.pages("checks")[0]).answers[0]
    assert (answer.subject_assignment_id, answer.subject_task_id) == ("page", "task")


@pytest.mark.parametrize(("kind", "status"), [("accept", "ACCEPTED"), ("reject", "REJECTED")])
def test_a_review_is_done_once_however_often_it_is_sent(shop, pages, kind, status):
    assert shop.gateway.review(kind, pages[0], "no", resend=False) == (DecisionState.DONE, status)
    assert shop.gateway.review(kind, pages[0], "no", resend=True) == (DecisionState.DONE, status)
    assert shop.gateway.review(kind, pages[0], "no", resend=False) == (DecisionState.DONE, status)
    verb = {"accept": "APPROVED", "reject": "REJECTED"}[kind]
    assert [line["id"] for line in shop.happened(f"ASSIGNMENT_{verb}")] == [pages[0]]


def test_a_resend_looks_before_it_sends(shop, pages):
    shop.gateway.client.accept_assignment(pages[0], "")
    sent = shop.front.count("PATCH")
    assert shop.gateway.review("accept", pages[0], "", resend=True) == (DecisionState.DONE, "ACCEPTED")
    assert shop.front.count("PATCH") == sent


def test_a_resend_of_what_never_arrived_is_sent(shop, pages):
    assert shop.gateway.review("reject", pages[0], "no", resend=True) == (DecisionState.DONE, "REJECTED")
    assert len(shop.happened("ASSIGNMENT_REJECTED")) == 1


@pytest.mark.parametrize("resend", [False, True])
def test_a_refused_page_is_never_accepted_without_an_appeal(shop, pages, resend):
    shop.gateway.client.reject_assignment(pages[0], "by hand")
    assert shop.gateway.review("accept", pages[0], "", resend=resend) == (DecisionState.CONFLICT, "REJECTED")
    assert shop.gateway.page(pages[0]).status == "REJECTED"


@pytest.mark.parametrize("resend", [False, True])
def test_an_accepted_page_cannot_be_refused_any_more(shop, pages, resend):
    shop.gateway.client.accept_assignment(pages[0], "by hand")
    assert shop.gateway.review("reject", pages[0], "no", resend=resend) == (DecisionState.CONFLICT, "ACCEPTED")


def call(pool_id: str, *questions: object) -> Call:
    members = tuple(ask(at, pool_id, question) for at, question in enumerate(questions))
    return Call(
        1, str(uuid.uuid5(uuid.NAMESPACE_URL, repr(questions))), "tasks", pool_id, CallState.SENT, 1, 0, members
    )


def ask(at: int, pool_id: str, question: object) -> Decision:
    payload = {"input": {"question": question}, "overlap": 2, "unavailable_for": ["ann"], "generation": 0}
    told = (at, f"ask:{at}", "ask", pool_id, payload, DecisionState.SENT, None, None, None, None, "", 1, "asks")
    return Decision(*told, "small", "test", 1, 1, 0.0, 0.0, None, {})


def test_the_same_call_creates_its_tasks_once(shop):
    pool_id = shop.set_up(small().pipeline).pool_ids["work"]
    asks = call(pool_id, "a", "b")
    first = shop.gateway.create(asks)
    assert (first.finished, first.failed, sorted(first.task_ids), first.refusals) == (True, False, [0, 1], {})
    assert shop.gateway.create(asks) == first
    assert len(shop.happened("TASK_CREATED")) == 2
    task = shop.gateway.client.get_task(first.task_ids[1])
    assert (task.input_values, task.overlap, task.unavailable_for) == ({"question": "b"}, 2, ["ann"])


def test_a_creation_whose_answer_was_lost_is_found_again(shop):
    asks = call(shop.set_up(small().pipeline).pool_ids["work"], "a", "b")
    shop.front.answer("POST /tasks", Answer(applied=True, reset=True))
    with pytest.raises(TolokaTrouble) as caught:
        shop.gateway.create(asks)
    assert caught.value.trouble.kind is TroubleKind.TRANSIENT
    assert sorted(shop.gateway.create(asks).task_ids) == [0, 1]
    assert len(shop.happened("TASK_CREATED")) == 2


def test_a_refused_task_is_named_and_the_others_are_created(shop):
    created = shop.gateway.create(call(shop.set_up(small().pipeline).pool_ids["work"], "a", {"not": "text"}, "c"))
    assert (created.failed, sorted(created.task_ids), list(created.refusals)) == (False, [0, 2], [1])
    assert "input_values.question" in created.refusals[1]


def test_a_creation_of_refused_tasks_alone_says_why_each_time(shop):
    asks = call(shop.set_up(small().pipeline).pool_ids["work"], {"not": "text"}, 7)
    first = shop.gateway.create(asks)
    assert (first.finished, first.failed, sorted(first.refusals)) == (True, False, [0, 1])
    assert shop.gateway.create(asks) == first


def test_overlap_is_raised_once_and_never_lowered(shop):
    shop.set_up(small().pipeline)
    (task,) = shop.tasks("work", "a", overlap=3)
    assert [shop.gateway.raise_overlap(task.id, overlap) for overlap in (4, 4, 2)] == [4, 4, 4]
    assert shop.front.count("PATCH /tasks/") == 1
    assert shop.gateway.client.get_task(task.id).overlap == 4


def test_a_pool_is_opened_and_closed_and_says_how_it_stands(shop):
    pool_id = shop.set_up(small().pipeline).pool_ids["work"]
    shop.tasks("work", "a")
    opened_at = shop.gateway.open(pool_id)
    assert (opened_at.status, opened_at.last_started) == ("OPEN", START)
    shop.world.advance(START + 1)
    closed = shop.gateway.close_pool(pool_id)
    assert (closed.status, closed.close_reason, closed.last_stopped) == ("CLOSED", "MANUAL", START + 1)
    assert shop.gateway.close_pool(pool_id) == closed
    shop.gateway.client.archive_pool(pool_id)
    assert shop.gateway.close_pool(pool_id).status == "ARCHIVED"


def test_a_pool_is_reopened_when_never_opened_or_complete_but_not_against_a_person(shop):
    pool_id = shop.set_up(small().pipeline).pool_ids["work"]
    shop.gateway.create(call(pool_id, "a"))
    assert shop.gateway.reopen(pool_id).status == "OPEN"
    shop.work(2)
    complete = shop.gateway.pool(pool_id)
    assert (complete.status, complete.close_reason) == ("CLOSED", "COMPLETED")
    shop.gateway.create(call(pool_id, "b"))
    assert shop.gateway.reopen(pool_id).status == "OPEN"
    shop.gateway.close_pool(pool_id)
    stays = shop.gateway.reopen(pool_id)
    assert (stays.status, stays.close_reason) == ("CLOSED", "MANUAL")


def test_a_pool_that_toloka_will_not_open_stays_closed_and_is_no_trouble(tmp_path):
    with opened(tmp_path, balance=0.001) as poor:
        pool_id = poor.set_up(small().pipeline).pool_ids["work"]
        poor.gateway.create(call(pool_id, "a"))
        assert poor.gateway.reopen(pool_id).status == "CLOSED"
        with pytest.raises(TolokaTrouble) as caught:
            poor.gateway.open(pool_id)
    assert (caught.value.trouble.code, caught.value.trouble.kind) == ("NOT_ENOUGH_BALANCE", TroubleKind.CONFLICT)


def test_a_pool_whose_opening_fails_is_trouble(shop):
    pool_id = shop.set_up(small().pipeline).pool_ids["work"]
    shop.gateway.create(call(pool_id, "a"))
    shop.front.answer(f"POST /pools/{pool_id}/open", refusal(503, "REMOTE_SERVICE_UNAVAILABLE"))
    with pytest.raises(TolokaTrouble) as caught:
        shop.gateway.reopen(pool_id)
    assert caught.value.temporary


def test_one_call_per_item_gives_results_in_order(shop):
    assert shop.gateway.each(str, list(range(40))) == [str(number) for number in range(40)]


@pytest.mark.parametrize(
    "stumble", [refusal(503, "REMOTE_SERVICE_UNAVAILABLE"), Answer(502, b"<html>"), Answer(reset=True)]
)
def test_what_toloka_stumbles_over_is_read_again_twice(shop, pages, stumble):
    shop.front.answer("GET /assignments/", stumble, stumble)
    assert shop.gateway.page(pages[0]).assignment_id == pages[0]
    shop.front.answer("GET /assignments/", stumble, stumble, stumble)
    with pytest.raises(TolokaTrouble):
        shop.gateway.page(pages[0])
    assert shop.front.count(f"GET /assignments/{pages[0]}") == 6


def test_what_toloka_refuses_is_not_read_again(shop, pages):
    shop.front.answer("GET /assignments/", refusal(429, "TOO_MANY_REQUESTS"))
    with pytest.raises(TolokaTrouble):
        shop.gateway.page(pages[0])
    assert shop.front.count(f"GET /assignments/{pages[0]}") == 1


def test_what_changes_anything_is_never_sent_again_by_itself(shop, pages):
    shop.front.answer("PATCH /assignments/", refusal(503, "REMOTE_SERVICE_UNAVAILABLE"))
    with pytest.raises(TolokaTrouble):
        shop.gateway.review("accept", pages[0], "", resend=False)
    assert shop.front.count(f"PATCH /assignments/{pages[0]}") == 1


def test_every_error_comes_out_as_trouble_with_its_cause(shop: Shop):
    gateway: Gateway = shop.gateway
    with pytest.raises(TolokaTrouble) as caught:
        gateway.page("nobody")
    trouble = caught.value.trouble
    assert (trouble.kind, trouble.status, trouble.code) == (TroubleKind.PERMANENT, 404, "DOES_NOT_EXIST")
    assert caught.value.__cause__ is not None
