"""How the pages put things."""

import pytest

from store.records import Decision, DecisionState, Event
from webhooks.wording import PoolName, address, by, comment, count, money, pool_names, pretty, told, utc, was


def decision(kind: str, **payload: object) -> Decision:
    rest = (None, "", None, "settle", "p", "r", None, 0, 1.0, 1.0, None, {})
    return Decision(1, "key", kind, "41", payload, DecisionState.DONE, "a-1", None, None, *rest)


def test_json_is_written_for_reading() -> None:
    assert pretty({"ответ": ["да", 1]}) == '{\n  "ответ": [\n    "да",\n    1\n  ]\n}'


def test_times_and_numbers() -> None:
    assert utc(1714557600.25) == "2024-05-01 10:00:00.250"
    assert [count(number, "event", "events") for number in (0, 1, 1200)] == ["0 events", "1 event", "1\u202f200 events"]


@pytest.mark.parametrize(
    ("dollars", "written"),
    [(0.0, "$0.00"), (0.05, "$0.05"), (0.1 + 0.2, "$0.30"), (12.5, "$12.50"), (0.0125, "$0.0125"), (0.001, "$0.001")],
)
def test_money_is_never_rounded_away(dollars: float, written: str) -> None:
    assert money(dollars) == written


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (decision("accept"), "Accepted"),
        (decision("reject", comment="loose"), "Refused"),
        (decision("hold", proposal=""), "Held for a person"),
        (decision("hold", proposal="loose"), "Refusal proposed"),
        (decision("appeal"), "Refusal taken back"),
        (decision("of tomorrow"), "of tomorrow"),
    ],
)
def test_a_decision_is_named_by_its_effect(made: Decision, words: str) -> None:
    assert was(made) == words


def test_a_decision_says_who_made_it_and_what_the_performer_reads() -> None:
    assert (by(decision("accept", by="ann")), by(decision("accept"))) == ("ann", "the rule settle")
    assert comment(decision("reject", comment="loose")) == "loose"
    assert comment(decision("hold", proposal="too loose")) == "too loose"
    assert (comment(decision("hold", proposal="")), comment(decision("accept"))) == ("", "")


def test_only_events_of_our_own_tell_more_than_their_type() -> None:
    acts = {"who": "ann", "act": "reject", "why": "all wrong"}
    assert told(Event("u", "PERSON_DECIDED", "41", 1.0, source="crowdhook", payload=acts)) == "ann: reject (all wrong)"
    assert (
        told(Event("u", "PERSON_DECIDED", "41", 1.0, source="crowdhook", payload=acts | {"why": ""})) == "ann: reject"
    )
    assert told(Event("u", "REVIEW_HALF_OVER", "41", 1.0, source="crowdhook", payload={"text": "soon"})) == "soon"
    assert told(Event("u", "ITEMS_ADDED", "41", 1.0, source="crowdhook")) == ""
    assert told(Event("u", "PERSON_DECIDED", "41", 1.0, payload=acts)) == ""


@pytest.mark.parametrize("value", ["javascript:alert(1)", " https://x", "//x", "", None, 7, ["https://x"]])
def test_only_the_web_is_linked_to(value: object) -> None:
    assert not address(value)
    assert address("https://pictures.example/1.png")


def test_a_pool_is_called_as_the_worker_noted_it() -> None:
    notes = {"pool:41": "outlines first checking", "pool:42": " ", "handler:outlines:settle": "Pay."}
    assert pool_names(notes) == {"41": PoolName("checking", "outlines first checking")}
