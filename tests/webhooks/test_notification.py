"""What a body says: good events, bad ones among them, and bodies that say nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.records import EventState
from webhooks.notification import MAX_EVENTS, BadNotification, parse

SUBMITTED = {
    "uuid": "5f0c1f6e-9f2e-4b0e-8a55-0d1a6d9f2c11",
    "event_time": "2024-05-01T10:00:00.123",
    "project_id": "1001",
    "pool_id": "1004",
    "task_suite_id": "00000003ec--a",
    "assignment_id": "00000003ec--b",
    "webhook_subscription_id": "62ee14ada451956b21388859",
    "type": "ASSIGNMENT_SUBMITTED",
}
AT = 1714557600.123


def body(*events: Any) -> bytes:
    return json.dumps({"events": events}).encode()


def one(**changes: Any) -> Any:
    """The single event of a notification that differs from a good one in these fields; None takes a field away."""
    event = {name: value for name, value in {**SUBMITTED, **changes}.items() if value is not None}
    (parsed,) = parse(body(event))
    return parsed


def test_an_assignment_event_is_read_whole() -> None:
    event = one()
    assert (event.uuid, event.type, event.pool_id) == (SUBMITTED["uuid"], "ASSIGNMENT_SUBMITTED", "1004")
    assert event.event_time == pytest.approx(AT, abs=1e-6)
    assert event.assignment_id == "00000003ec--b"
    assert event.key == "ASSIGNMENT_SUBMITTED:00000003ec--b"
    assert (event.state, event.reason, event.source) == (EventState.NEW, "", "webhook")
    assert event.payload == SUBMITTED


@pytest.mark.parametrize("fate", ["CREATED", "SUBMITTED", "SKIPPED", "EXPIRED", "APPROVED", "REJECTED"])
def test_what_happens_once_to_an_assignment_has_a_natural_key(fate: str) -> None:
    event = one(type=f"ASSIGNMENT_{fate}")
    assert event.key == f"ASSIGNMENT_{fate}:00000003ec--b"
    assert event.state is EventState.NEW


def test_a_pool_that_closed_is_known_by_the_second() -> None:
    closed = one(type="POOL_CLOSED", assignment_id=None, close_reason="MANUAL", event_time="2024-05-01T10:00:00.123")
    again = one(type="POOL_CLOSED", assignment_id=None, close_reason="MANUAL", event_time="2024-05-01T10:05:00.123")
    assert (closed.key, closed.state) == (f"POOL_CLOSED:{closed.pool_id}:1714557600", EventState.NEW)
    assert again.key != closed.key


def test_what_may_repeat_has_none() -> None:
    completed = one(type="DYNAMIC_OVERLAP_COMPLETED", assignment_id=None, task_id="t-1", confidence=0.155)
    assert (completed.key, completed.state, completed.task_id) == (None, EventState.NEW, "t-1")


def test_a_test_call_and_an_unknown_type_are_kept_and_ignored() -> None:
    trial = one(type="TEST_EVENT", assignment_id=None, webhook_subscription_id=None)
    novelty = one(type="PERFORMER_SNEEZED", assignment_id=None, pool_id=None)
    assert (trial.state, trial.reason) == (EventState.IGNORED, "test call")
    assert (novelty.state, novelty.reason, novelty.pool_id) == (EventState.IGNORED, "unknown type", "")


def test_bad_ones_among_good_ones_are_dead_with_the_reason() -> None:
    good, bad, other = parse(body(SUBMITTED, {**SUBMITTED, "uuid": ""}, {**SUBMITTED, "uuid": "other"}))
    assert (good.state, other.state) == (EventState.NEW, EventState.NEW)
    assert (bad.state, bad.reason) == (EventState.DEAD, "uuid is missing or malformed")
    assert bad.key is None
    assert bad.payload == {**SUBMITTED, "uuid": ""}


def test_a_malformed_event_is_the_same_when_repeated_and_another_when_corrected() -> None:
    first, again, changed = (
        parse(body(event))[0].uuid
        for event in (
            {**SUBMITTED, "pool_id": "no id!"},
            dict(reversed({**SUBMITTED, "pool_id": "no id!"}.items())),
            {**SUBMITTED, "pool_id": "no id?"},
        )
    )
    assert first == again
    assert len({first, changed, SUBMITTED["uuid"]}) == 3


@pytest.mark.parametrize("raw", [None, 5, "text", [], [[]], True, 0.5, {}])
def test_what_is_no_event_at_all_is_dead(raw: Any) -> None:
    (event,) = parse(body(raw))
    assert event.state is EventState.DEAD
    assert isinstance(event.payload, dict)
    assert event.type == "MALFORMED"


BAD_IDS = ["", "x" * 129, "x" * 10_000, [], {}, True, 0.5, "'; DROP TABLE events", "<script>", "../../x", "a b", "é"]


@pytest.mark.parametrize("name", ["uuid", "type", "pool_id", "assignment_id"])
@pytest.mark.parametrize("value", [*BAD_IDS, "\ud800", "\0", "٣", "a\n"])
def test_ids_are_short_plain_tokens(name: str, value: Any) -> None:
    event = one(**{name: value})
    assert (event.state, event.reason) == (EventState.DEAD, f"{name} is missing or malformed")


def test_an_id_written_as_a_number_is_the_same_id() -> None:
    assert one(pool_id=1004).pool_id == one().pool_id


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2024-05-01T10:00:00", 1714557600.0),
        ("2024-05-01T10:00:00Z", 1714557600.0),
        ("2024-05-01T13:00:00+03:00", 1714557600.0),
        ("2024-05-01T10:00:00.250", 1714557600.25),
        ("2024-05-01T10:00:00.250000000", 1714557600.25),
        ("2024-02-29T00:00:00", 1709164800.0),
    ],
)
def test_times_are_utc_unless_they_say_otherwise(text: str, seconds: float) -> None:
    assert one(event_time=text).event_time == seconds


@pytest.mark.parametrize(
    "text",
    [
        "0000-01-01T00:00:00",
        "9999-12-31T23:59:59-01:00",
        "1999-12-31T23:59:59",
        "2023-02-29T00:00:00",
        "2024-05-01T25:00:00",
        "2024-05-01T10:00:00+25:00",
        "2024-05-01T10:00:00\n",
        "٢٠24-05-01T10:00:00",
        "2024-05-01",
        "20240501T100000",
        "yesterday",
        1714557600,
        None,
        [],
    ],
)
def test_other_times_are_malformed(text: Any) -> None:
    event = one(event_time=text)
    assert event.state is EventState.DEAD
    assert event.reason.startswith("event_time")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"null",
        b"5",
        b"[]",
        b"{}",
        b'{"events":null}',
        b'{"events":5}',
        b'{"events":{}}',
        b'{"events":[]}',
        b'{"events":[1],"events":[2]}',
        b"[" * 100_000,
        b'{"a":' * 5_000,
        b"[" * 2_000 + b"]" * 2_000,
        b'{"events":[{"a":' + b"[" * 14 + b"]" * 14 + b"}]}",
        b'{"events":[NaN]}',
        b'{"events":[-Infinity]}',
        b'\xef\xbb\xbf{"events":[1]}',
        '{"events":[1]}'.encode("utf-16"),
        '{"events":[1]}'.encode("utf-32"),
        b'{"events":["\xed\xa0\x80"]}',
        b'{"events":["\xff"]}',
        b'{"events":["\0"]}',
        b'{"events":["' + b'\\"' * 100_000,
        b'{"events":["' + b"\\" * 100_001,
        b'{"events":[' + b"1," * MAX_EVENTS + b"1]}",
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_a_body_that_is_no_notification_is_refused(raw: bytes) -> None:
    with pytest.raises(BadNotification):
        parse(raw)


def test_brackets_inside_strings_are_no_depth() -> None:
    event = one(close_reason='[[[[[[[[[[[[[[[[[[[[[["{{{{{{{{{{{{{{{{{{{\\')
    assert event.state is EventState.NEW


def test_a_key_that_occurs_twice_makes_an_event_dead() -> None:
    raw = b'{"events":[{"uuid":"a","uuid":"b"}]}'
    (event,) = parse(raw)
    assert (event.state, event.reason) == (EventState.DEAD, "a key occurs twice")


def test_numbers_beyond_any_column_stay_as_they_were_written() -> None:
    long, big, small = "1" + "0" * 4300, 2**63, -(2**63)
    raw = f'{{"a":{long},"b":{big},"c":{small},"d":0.155,"e":1e999}}'
    payload = parse(b'{"events":[%b]}' % raw.encode())[0].payload
    assert payload == {"a": long, "b": str(big), "c": small, "d": 0.155, "e": "1e999"}


def test_characters_that_no_database_takes_are_replaced() -> None:
    said = {"half \ud800": ["nul \0", "whole 😀", "\\u0000 is text"]}
    assert one(output_values=said).payload["output_values"] == {
        "half \ufffd": ["nul \ufffd", "whole 😀", "\\u0000 is text"]
    }


def test_the_largest_notification_is_read() -> None:
    assert len(parse(body(*[5] * MAX_EVENTS))) == MAX_EVENTS


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["TEST_EVENT", "1004"])
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
events = st.fixed_dictionaries({}, optional={name: st.just(good) | values for name, good in SUBMITTED.items()})


@given(st.lists(events | values, max_size=4))
def test_whatever_the_events_are_each_has_its_place_and_can_be_stored(sent: list[Any]) -> None:
    try:
        parsed = parse(body(*sent))
    except BadNotification:
        return
    assert len(parsed) == len(sent)
    for event in parsed:
        for text in (event.uuid, event.type, event.pool_id, event.key or "", event.assignment_id or ""):
            assert text.isascii()
            assert len(text) <= 160
        stored = json.dumps(event.payload, ensure_ascii=False, allow_nan=False)
        assert "\0" not in stored.encode().decode()


@given(st.binary() | st.text().map(str.encode))
def test_noise_is_refused_and_nothing_worse(noise: bytes) -> None:
    with pytest.raises(BadNotification):
        parse(noise)
