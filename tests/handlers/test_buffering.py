import random
from dataclasses import replace

import pytest
from records import waiting

from handlers.buffering import Release, new_call, parts, refusal_waits, release

IDENTITY = "requester|simulator"


def members(released: Release) -> list[int]:
    return [each for call in released.calls for each in call.decision_ids]


def test_nothing_goes_out_before_a_page_is_full_or_somebody_waited_long_enough():
    assert release([waiting(n) for n in range(9)], 10, 99.9, IDENTITY) == Release()
    assert release([], 10, 99.9, IDENTITY) == Release()


@pytest.mark.parametrize(("there", "go"), [(10, 10), (19, 10), (20, 20), (35, 30)])
def test_full_pages_go_out_and_the_youngest_wait_on(there, go):
    assert members(release([waiting(n) for n in range(there)], 10, 0.0, IDENTITY)) == list(range(go))


def test_all_go_out_once_the_oldest_waited_long_enough():
    asks = [waiting(0, due_at=100.0), *(waiting(n, due_at=500.0) for n in range(1, 13))]
    assert members(release(asks, 10, 100.0, IDENTITY)) == list(range(13))


def test_what_waits_for_no_time_goes_out_at_once():
    assert members(release([waiting(1, due_at=None)], 10, 0.0, IDENTITY)) == [1]


def test_more_votes_fill_a_page_too_and_go_out_one_by_one():
    mixed = [waiting(1), waiting(2, kind="votes"), waiting(3)]
    released = release(mixed, 3, 0.0, IDENTITY)
    assert (members(released), released.singles) == ([1, 3], (2,))


def test_what_goes_out_together_does_not_depend_on_the_order_it_came_in():
    asks = [waiting(n) for n in range(10)]
    shuffled = random.Random(1).sample(asks, len(asks))
    assert shuffled != asks
    assert release(shuffled, 10, 0.0, IDENTITY) == release(asks, 10, 0.0, IDENTITY)


def test_the_same_members_give_the_same_operation_id():
    asks = [waiting(n) for n in range(3)]
    first = new_call(asks, IDENTITY)
    assert new_call(asks, IDENTITY) == first
    others = [
        new_call(asks[:2], IDENTITY),
        new_call(asks, "requester|production"),
        new_call(asks, IDENTITY, generation=1),
    ]
    assert len({first.operation_id, *(each.operation_id for each in others)}) == 4
    assert (first.kind, first.pool_id, first.decision_ids, others[2].generation) == ("tasks", "102", (0, 1, 2), 1)


def test_a_call_creates_at_most_5000_tasks():
    asks = [waiting(n) for n in range(10_001)]
    cut = list(parts(asks))
    assert [len(part) for part in cut] == [5000, 5000, 1]
    assert [each for part in cut for each in part] == asks


def test_a_call_carries_at_most_a_megabyte_of_input_values():
    asks = [waiting(n, inputs={"text": "ü" * 50_000}) for n in range(7)]
    assert [len(part) for part in parts(asks)] == [3, 3, 1]


def test_a_task_that_is_too_large_goes_alone():
    asks = [waiting(1), waiting(2, inputs={"text": "x" * 1_500_000}), waiting(3)]
    assert [[each.id for each in part] for part in parts(asks)] == [[1], [2], [3]]


def test_no_asks_make_no_call():
    assert list(parts([])) == []


# refusals

HOUR = 3600.0
REFUSAL = replace(waiting(1, kind="reject"), decided_at=1000.0, payload={"comment": "no", "late": 1e6})


@pytest.mark.parametrize(
    ("since", "last", "now", "until"),
    [
        (0, None, 1000.0 + HOUR - 1, 1000.0 + HOUR),
        (0, None, 1000.0 + HOUR, None),
        (1, 2000.0, 1000.0 + HOUR, 2000.0 + HOUR),
        (19, 2000.0, 2000.0 + HOUR, None),
        (20, 2000.0, 2000.0, None),
        (1, 1e6 - 60, 1e6 - 60, 1e6),
        (1, 1e6 - 60, 1e6, None),
    ],
)
def test_a_refusal_waits_for_twenty_verdicts_or_a_quiet_hour_or_its_deadline(since, last, now, until):
    assert refusal_waits(REFUSAL, since, last, now) == until
