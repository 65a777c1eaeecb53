"""What verdicts and control questions came to: gates, breakers, and what a person's word changes."""

from collections.abc import Iterable, Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from records import running

from handlers.actions import Accept, Action, Appeal, Ask, Hold, Open, Recall, Reject
from handlers.record import KINDS, LENGTH, Record
from handlers.recording import record
from store.migrations import migrate
from store.records import Event, Route, Standing
from store.sqlite import SqliteStore

LATE = 9e9


def pages(kind: type[Action], number: int, start: int = 0) -> list[Action]:
    """So many pages that were accepted, refused (late), or whose refusal was proposed."""
    made = {
        Accept: lambda page: Accept(page),
        Reject: lambda page: Reject(page, "loose", late=LATE),
        Hold: lambda page: Hold(page, 4, "4 BAD", "loose"),
    }[kind]
    return [made(f"{kind.__name__}-{at:04}") for at in range(start, start + number)]


def after(*actions: Action, standings: Iterable[Standing] = ()) -> Record:
    return Record(standings=tuple(standings)).after(actions)


def answered(people: int, good: int, right: int, bad: int = 0, bad_right: int = 0) -> list[Standing]:
    """So many verifiers who together gave these answers to control questions."""
    each = [Standing(f"bob-{at}", good=1, good_right=1) for at in range(people - 1)]
    others = people - 1
    return [*each, Standing("cleo", good=good - others, good_right=right - others, bad=bad, bad_right=bad_right)]


# gates


def test_refusals_start_as_proposals_and_always_and_proposed_are_what_they_say():
    fresh = Record()
    modes = ("earned", "proposed", "always", "unguarded")
    assert [fresh.live(mode, 5) for mode in modes] == [False, False, True, True]
    assert fresh.gate("earned", 5) == (
        "refusals are proposed: gate A has 0 of 200 good pages and 0 proposals not seen;"
        " gate B has 0 of 0 right (of 40) by 0 verifiers"
    )
    assert fresh.gate("proposed", 5) == "refusals are proposed: --refuse proposed"
    assert fresh.gate("always", 5) == "refusals are sent: --refuse always"
    assert fresh.gate("unguarded", 5) == "refusals are sent: --refuse unguarded"


@pytest.mark.parametrize(("good", "live"), [(199, False), (200, True)])
@pytest.mark.parametrize("tasks", [1, 5])
def test_gate_a_opens_after_200_good_pages(good, live, tasks):
    assert after(*pages(Accept, good)).live("earned", tasks) == live


def test_gate_a_stays_shut_while_a_proposal_was_not_seen():
    shut = after(*pages(Accept, 200), *pages(Hold, 1))
    assert not shut.live("earned", 1)
    assert "gate A has 200 of 200 good pages and 1 proposals not seen; gate B is for pages of 3" in shut.gate(
        "earned", 1
    )
    seen = shut.after([Reject("Hold-0000", "loose", by="eve")])
    assert seen.live("earned", 1)
    assert seen.gate("earned", 1) == "refusals are sent: gate A is open"


@pytest.mark.parametrize(("overturned", "live"), [(1, True), (2, False)])
def test_gate_a_forgives_one_proposal_that_was_overturned(overturned, live):
    lately = [*pages(Hold, overturned), *(Accept(f"Hold-{at:04}", by="eve") for at in range(overturned))]
    made = after(*pages(Accept, 200), *lately)
    assert (made.live("earned", 1), made.overturned) == (live, overturned)


def test_a_page_that_was_overturned_is_a_good_one():
    made = after(*pages(Accept, 199), *pages(Hold, 1), Accept("Hold-0000", by="eve"))
    assert made.live("earned", 1)


@pytest.mark.parametrize(
    ("people", "answers", "right", "live"),
    [(8, 40, 30, True), (7, 40, 40, False), (8, 39, 39, False), (8, 40, 29, False)],
)
def test_gate_b_opens_by_answers_to_known_good_control_questions(people, answers, right, live):
    made = after(standings=answered(people, answers, right))
    assert made.live("earned", 5) == live
    said = "refusals are sent: gate B is open" if live else f"gate B has {right} of {answers} right (of 40) by {people}"
    assert said in made.gate("earned", 5)


@pytest.mark.parametrize(("tasks", "live"), [(1, False), (2, False), (3, True), (20, True)])
def test_gate_b_is_for_pages_of_three_tasks_and_more(tasks, live):
    assert after(standings=answered(8, 40, 40)).live("earned", tasks) == live


def test_answers_to_known_bad_control_questions_do_not_open_gate_b():
    assert not after(standings=[Standing(f"bob-{at}", bad=10, bad_right=10) for at in range(8)]).live("earned", 5)


# breakers


@pytest.mark.parametrize("kind", [Reject, Hold])
@pytest.mark.parametrize(("refused", "tripped"), [(10, False), (11, True)])
def test_the_breaker_trips_when_more_than_half_of_the_last_20_are_refused_or_would_be(kind, refused, tripped):
    assert after(*pages(Accept, 20 - refused), *pages(kind, refused)).tripped == tripped
    assert after(*pages(Accept, 100), *pages(kind, refused)).tripped == tripped
    assert after(*pages(kind, refused)).tripped == tripped


def test_the_breaker_looks_at_the_last_20_pages_only():
    refused = after(*pages(Reject, 11))
    assert refused.after(pages(Accept, 9)).tripped
    assert not refused.after(pages(Accept, 10)).tripped


def test_what_a_person_overturned_still_counts_as_refused_by_the_rule():
    made = after(*pages(Hold, 11), *(Accept(f"Hold-{at:04}", by="eve") for at in range(11)))
    assert made.tripped
    assert made.overturned == 11


def test_pages_that_are_only_held_are_no_verdicts():
    made = after(*(Hold(f"page-{at}", 7, "a tie") for at in range(30)))
    assert (made.tripped, made.pages) == (False, ())


@pytest.mark.parametrize(("refused", "warned"), [(15, False), (16, True)])
def test_a_warning_comes_above_30_percent_of_the_last_50(refused, warned):
    refusals = iter(pages(Reject, refused))
    mixed = [action for accept in pages(Accept, 50 - refused) for action in (accept, *_some(refusals))]
    assert after(*mixed, *refusals).warned == warned


def _some(refusals: Iterator[Action]) -> Iterator[Action]:
    yield from (each for each in (next(refusals, None),) if each is not None)


@pytest.mark.parametrize(("since", "live"), [(198, False), (199, True)])
def test_two_overturned_of_the_last_200_bring_proposals_back(since, live):
    overturned = [*pages(Reject, 2), *(Appeal(f"Reject-{at:04}", by="eve") for at in range(2))]
    made = after(*overturned, *pages(Accept, since), standings=answered(8, 40, 40))
    assert made.live("earned", 5) == live
    said = "refusals are sent: gate B is open" if live else "refusals are proposed: 2 of the last were overturned"
    assert made.gate("earned", 5) == said


# what became of a page


def test_a_late_refusal_can_be_recalled_until_it_is_sent():
    made = after(*pages(Reject, 2))
    assert made.unsent == ("Reject-0000", "Reject-0001")
    recalled = made.after([Recall("Reject-0000", "too many"), Hold("Reject-0000", 4, "too many", "loose")])
    assert recalled.unsent == ("Reject-0001",)
    assert recalled.proposed("Reject-0000")
    assert not recalled.proposed("Reject-0001")
    assert [page.comment for page in recalled.pages] == ["loose", "loose"]


def test_a_refusal_that_is_sent_at_once_cannot():
    assert after(Reject("page", "loose")).unsent == ()


@pytest.mark.parametrize("way", [Accept("page", by="eve"), Appeal("page", by="eve")])
def test_a_person_who_pays_what_was_refused_overturns_it(way):
    (page,) = after(Reject("page", "loose"), way).pages
    assert (page.what, page.seen, page.overturned) == ("paid", True, True)


def test_a_person_who_pays_what_nobody_would_refuse_overturns_nothing():
    (page,) = after(Hold("page", 7, "a tie"), Accept("page", by="eve")).pages
    assert (page.what, page.seen, page.overturned) == ("paid", True, False)


def test_a_rule_that_pays_after_more_votes_overturns_nothing():
    (page,) = after(Hold("page", 4, "4 BAD", "loose"), Accept("page")).pages
    assert (page.what, page.seen, page.overturned) == ("paid", False, False)


def test_what_is_no_verdict_is_not_in_the_record():
    assert after(Ask("checking", "a:0", {}), Open("work", "now"), Recall("never judged", "")).pages == ()


# known-bad control questions


@pytest.mark.parametrize(
    ("answers", "right", "known"), [(0, 0, False), (39, 39, False), (40, 27, False), (40, 28, True), (100, 69, False)]
)
def test_bad_paid_is_unknown_until_known_bad_outlines_were_found(answers, right, known):
    said = after(standings=[Standing("bob", bad=answers, bad_right=right)]).bad_paid
    assert said.startswith("unknown") != known
    assert f"{right} of {answers}" in said


# the same as in the ledger

LIVES: tuple[tuple[Action, ...], ...] = (
    (Accept("page"),),
    (Hold("page", 7, "a tie"),),
    (Hold("page", 7, "a tie"), Accept("page", by="eve")),
    (Hold("page", 4, "4 BAD", "loose"),),
    (Hold("page", 4, "4 BAD", "loose"), Accept("page", by="eve")),
    (Hold("page", 4, "4 BAD", "loose"), Reject("page", "loose", by="eve")),
    (Hold("page", 4, "4 BAD", "loose"), Accept("page")),
    (Reject("page", "loose"),),
    (Reject("page", "loose"), Appeal("page", by="eve")),
    (Reject("page", "loose", late=LATE),),
    (Reject("page", "loose", late=LATE), Recall("page", "eve"), Accept("page", by="eve")),
    (Reject("page", "loose", late=LATE), Recall("page", "many"), Hold("page", 4, "many", "loose")),
    (
        Reject("page", "loose", late=LATE),
        Recall("page", "many"),
        Hold("page", 4, "many", "loose"),
        Reject("page", "loose", by="eve"),
    ),
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    path = tmp_path_factory.mktemp("ledger") / "crowdhook.db"
    migrate(path)
    store = SqliteStore(path, lambda: 1.0)
    yield store
    store.close()


RUNS = count()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=st.lists(st.sampled_from(LIVES), min_size=1, max_size=8), order=st.randoms(use_true_random=False))
def test_the_record_after_some_actions_is_the_record_of_their_ledger(ledger, lives, order):
    """Whatever becomes of several pages, in whatever order: a batch knows at once what the ledger will say."""
    run = f"run-{next(RUNS)}"
    left = [[_of(action, f"{run}-{at}") for action in life] for at, life in enumerate(lives)]
    actions = []
    while left:
        life = order.choice(left)
        actions.append(life.pop(0))
        left = [each for each in left if each]
    _write(ledger, run, actions)
    recorded = Record.of(ledger.recent("small", run, KINDS, LENGTH))
    half = len(actions) // 2
    assert Record().after(actions).pages == recorded.pages
    assert Record().after(actions[:half]).after(actions[half:]).pages == recorded.pages


def _of(action: Action, page: str) -> Action:
    return type(action)(**{name: getattr(action, name) for name in action.__slots__} | {"assignment_id": page})


def _write(store: SqliteStore, run: str, actions: list[Action]) -> None:
    store.append([(b"{}", [Event(run, "ITEMS_ADDED", run, 1.0)])])
    store.route(lambda event: [Route("small", run, "decide")])
    claimed = store.claim("ann", 60.0)
    assert claimed is not None
    lane, (delivery,) = claimed
    store.decide(lane, [delivery.id], [(delivery.id, record(each, running(), run, 5.0)) for each in actions], [], 5.0)
