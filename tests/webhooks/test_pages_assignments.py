"""Money decisions are read here: one assignment's story, the lists, and every way to them."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from deployed_receiver import running
from flask.testing import FlaskClient
from looking import AT, client, text
from playwright.sync_api import sync_playwright

from store.migrations import migrate
from store.records import (
    Answer,
    Attempt,
    DecisionState,
    Event,
    NewDecision,
    Outcome,
    Page,
    Route,
)
from store.sqlite import SqliteStore
from webhooks.pages import PAGE_LENGTH

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
OUTLINING, CHECKING = "41", "42"
LOOSE = "Picture 2: 2 of 2 people found the outline wrong (a box is not tight)."


@pytest.fixture
def database(tmp_path: Path) -> Path:
    migrate(tmp_path / "crowdhook.db")
    return tmp_path / "crowdhook.db"


@pytest.fixture
def store(database: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(database, lambda: AT + 1.5)) as store:
        yield store


@pytest.fixture
def browser(store: SqliteStore) -> FlaskClient:
    return client(store)


def told(name: str, type: str = "ASSIGNMENT_SUBMITTED", pool_id: str = OUTLINING, **more: object) -> Event:
    said = {"assignment_id": name, "key": f"{type}:{name}", "payload": {"type": type}}
    return Event(f"uuid-{type}-{name}", type, pool_id, AT, **(said | more))


def decide(store: SqliteStore, cause: Event, *decisions: NewDecision) -> None:
    """Have one event decide all of these, and let them be carried out at the first try."""
    store.append([(b"{}", [cause])])
    store.route(lambda _: [Route("outlines", "first", "settle")])
    claimed = store.claim("worker", 60)
    assert claimed is not None
    lane, (delivery,) = claimed
    made = store.decide(lane, [delivery.id], [(delivery.id, each) for each in decisions], [], AT + 2)
    done = [each for each in made if each.due_at is None]
    for each in done:
        its_lane = store.hold_lane(each.lane, "worker", 60)
        assert its_lane is not None
        outcome = Outcome(each.id, DecisionState.DONE, {"task_id": f"q-{each.task_id}"})
        store.settle(its_lane, [outcome], [Attempt(each.id, None, AT + 3, "")])


def verdict(name: str, kind: str = "accept", by: str = "", lane: str = OUTLINING, **payload: object) -> NewDecision:
    said = payload | ({"by": by} if by else {})
    return NewDecision(f"verdict:{name}", kind, lane, said, name, reason="task 1: 2 OK; task 2: 2 BAD")


def hold(name: str, proposal: str = "") -> NewDecision:
    return NewDecision(f"hold:{name}:0", "hold", CHECKING, {"proposal": proposal}, name, reason="in between")


def ask(name: str, task_id: str) -> NewDecision:
    said = {"overlap": 2, "generation": 0}
    return NewDecision(f"ask:{name}:{task_id}", "ask", CHECKING, said, name, task_id)


def page(name: str, *answers: Answer, **more: object) -> Page:
    return replace(Page(name, OUTLINING, "ann", "SUBMITTED", 0.05, AT - 600, AT, None, answers), **more)


def vote(at: int, verifier: str, task_id: str, **output: str) -> Page:
    name = f"v-{at}"
    answer = Answer(name, f"q-{task_id}", 0, {}, output, (), "a-1", task_id)
    return page(name, answer, pool_id=CHECKING, user_id=verifier, submitted=AT + at)


def refused(store: SqliteStore) -> None:
    """Let a page of two outlines be asked about, proposed for refusal, and refused by a person."""
    store.write_note(f"pool:{OUTLINING}", "outlines first outlining")
    store.write_note(f"pool:{CHECKING}", "outlines first checking")
    decide(store, told("a-1"), ask("a-1", "t1"), ask("a-1", "t2"))
    answers = [
        Answer("a-1", "t1", 0, {"image": "https://pictures.example/1.png"}, {"result": [{"left": 0.25}]}),
        Answer("a-1", "t2", 1, {"image": "javascript:alert(1)"}, {"nothing": True}),
    ]
    store.fold([page("a-1", *answers)])
    store.fold([vote(1, "bob", "t1", verdict="OK"), vote(2, "eve", "t2", verdict="BAD", wrong="loose")])
    decide(store, told("v-2", pool_id=CHECKING), hold("a-1", LOOSE))
    act = {"type": "PERSON_DECIDED", "who": "desk-ann", "act": "reject", "why": "I looked"}
    said = verdict("a-1", "reject", by="desk-ann", lane=CHECKING, comment="Box 2 is loose.\nDraw it anew.")
    decide(store, told("a-1", "PERSON_DECIDED", source="crowdhook", payload=act), said)
    store.append([(b"{}", [told("a-1", "ASSIGNMENT_REJECTED")])])
    store.fold([page("a-1", *answers, status="REJECTED", reviewed=AT + 9, comment="Box 2 is loose.\nDraw it anew.")])


def test_an_assignment_tells_what_it_is_what_was_said_of_it_and_why_it_was_decided_so(
    browser: FlaskClient, store: SqliteStore
) -> None:
    refused(store)
    story = text(browser, "/assignments/a-1")
    for said in (
        "a-1 REJECTED Refused by desk-ann task 1: 2 OK task 2: 2 BAD The performer reads Box 2 is loose. Draw it anew.",
        "Decided 2024-05-01 10:00:02 , after event 3",
        "Pool outlining 41",
        "Performer ann Reward without fee $0.05",
        "Taken platform, UTC 2024-05-01 09:50:00",
        "Rejected platform, UTC 2024-05-01 10:00:09",
        "Task 1 1 OK 1 of 2 votes Shown image https://pictures.example/1.png",
        "OK bob v-1 2024-05-01 10:00:01",
        "Task 2 1 BAD 1 of 2 votes",
        "BAD wrong: loose eve v-2 2024-05-01 10:00:02",
        f"Refusal proposed by the rule settle done in between The performer would read {LOOSE}",
        "2 questions and raises",
        "PERSON_DECIDED desk-ann: reject (I looked) crowdhook",
    ):
        assert said in story
    assert "What the platform shows its performer" not in story


def links(client: FlaskClient, path: str) -> set[str]:
    return {unescape(each) for each in re.findall(r'href="([^"]+)"', client.get(path).text)}


def test_the_story_links_to_its_events_and_votes_and_to_the_web_only_where_it_is_the_web(
    browser: FlaskClient, store: SqliteStore
) -> None:
    refused(store)
    found = links(browser, "/assignments/a-1")
    assert {f"/events/{seq}" for seq in (1, 2, 3, 4)} <= found
    assert {"/assignments/v-1", "/assignments/v-2", "https://pictures.example/1.png", "/?pool_id=41"} <= found
    assert not any(each.startswith("javascript") for each in found)
    here = [each for each in found if each.startswith("/") and not each.startswith("/static/")]
    assert [each for each in here if browser.get(each).status_code != 200] == []


def test_an_id_is_a_link_in_the_log_on_events_and_in_lists(browser: FlaskClient, store: SqliteStore) -> None:
    refused(store)
    for path in ("/", "/events/2", "/events/3", "/events/4", "/assignments?decided=refused", "/assignments/v-2"):
        assert "/assignments/a-1" in links(browser, path), path


def test_the_event_of_a_refusal_shows_why(browser: FlaskClient, store: SqliteStore) -> None:
    refused(store)
    shown = text(browser, "/events/4")
    assert "Why Refused by desk-ann task 1: 2 OK task 2: 2 BAD The performer reads Box 2 is loose." in shown
    assert "after event 3" in shown


def test_the_event_of_a_review_that_we_did_not_decide_says_so(browser: FlaskClient, store: SqliteStore) -> None:
    store.append([(b"{}", [told("a-1", "ASSIGNMENT_APPROVED")])])
    store.fold([page("a-1", status="ACCEPTED")])
    assert "Why No decision of ours" in text(browser, "/events/1")
    assert "Accepted on the platform No decision of ours" in text(browser, "/assignments/a-1")


def test_a_verdict_is_not_said_to_be_in_the_pool_whose_worker_sends_it(
    browser: FlaskClient, store: SqliteStore
) -> None:
    refused(store)
    shown = text(browser, "/events/3")
    assert "Lane whose worker carries it out checking 42" in shown
    assert "In pool" not in shown


def test_a_pool_is_called_by_its_role_and_by_its_bare_id_where_nobody_noted_it(
    browser: FlaskClient, store: SqliteStore
) -> None:
    store.append([(b"{}", [told("a-1"), told("a-2", pool_id="77")])])
    store.write_note(f"pool:{OUTLINING}", "outlines first outlining")
    shown = text(browser, "/")
    assert "a-1 outlining 41" in shown
    assert "a-2 77" in shown
    assert "outlines first outlining (41)" in shown


@pytest.mark.parametrize(
    ("decision", "status", "said"),
    [
        (hold("a-1", LOOSE), "SUBMITTED", "waits for a person, whose crowdhook reject confirms the refusal"),
        (hold("a-1"), "SUBMITTED", "It waits for a person; if nobody decides"),
        (hold("a-1"), "ACCEPTED", "Meanwhile it was accepted on the platform."),
        (replace(verdict("a-1", "reject", comment="no"), due_at=AT + 60), "SUBMITTED", "waits until 2024-05-01 10:01"),
        (verdict("a-1", anew=["t1"]), "ACCEPTED", "Paid for, but no result and asked anew: task 1."),
        (verdict("a-1", comment="It was right."), "ACCEPTED", "What the platform shows its performer Thank you."),
        (ask("a-1", "t1"), "SUBMITTED", "In verification"),
        (ask("a-2", "t1"), "SUBMITTED", "Nothing is decided about it"),
    ],
)
def test_how_an_assignment_stands_is_said_in_words(
    browser: FlaskClient, store: SqliteStore, decision: NewDecision, status: str, said: str
) -> None:
    decide(store, told("a-1"), decision)
    store.fold([page("a-1", Answer("a-1", "t1", 0, {}, {}), status=status, comment="Thank you.")])
    assert said in text(browser, "/assignments/a-1")


def test_a_control_question_is_shown_with_its_truth(browser: FlaskClient, store: SqliteStore) -> None:
    asked = ask("control:7", "t1")
    decide(store, told("a-1"), replace(asked, payload=dict(asked.payload) | {"truth": False}))
    shown = text(browser, "/assignments/control:7")
    assert "Control question" in shown
    assert "what it shows is wrong on purpose" in shown


@pytest.mark.parametrize("sought", ["a-1", "  a-1 ", "a/b c?d#é%2F", "uuid-ASSIGNMENT_SUBMITTED-a-1"])
def test_what_is_sought_by_its_exact_name_is_found(browser: FlaskClient, store: SqliteStore, sought: str) -> None:
    store.append([(b"{}", [told("a-1"), told("a/b c?d#é%2F")])])
    reply = browser.get("/", query_string={"find": sought}, follow_redirects=True)
    assert (reply.status_code, len(reply.history)) == (200, 1)
    kind = "events/1" if sought.startswith("uuid") else "assignments/"
    assert kind in reply.request.path
    assert (sought.strip() if kind == "assignments/" else "uuid-") in unescape(reply.text)


@pytest.mark.parametrize("sought", ["a-", "A-1", "uuid", "1", "'; --", "\x00", "%"])
def test_what_is_not_found_is_said_above_the_log(browser: FlaskClient, store: SqliteStore, sought: str) -> None:
    store.append([(b"{}", [told("a-1")])])
    reply = browser.get("/", query_string={"find": sought})
    assert reply.status_code == 200
    assert "nothing is known of an assignment of that name" in reply.text
    assert "/events/1" in reply.text


@pytest.mark.parametrize("path", ["/assignments/nobody", "/assignments/", "/assignments/..", "/assignments?decided=x"])
def test_an_assignment_that_nothing_tells_of_is_no_page(browser: FlaskClient, path: str) -> None:
    reply = browser.get(path)
    assert reply.status_code == 404
    assert "Nothing here" in reply.text


def test_assignments_are_listed_by_what_was_decided(browser: FlaskClient, store: SqliteStore) -> None:
    some = (verdict("paid"), verdict("loose", "reject", by="desk-ann", comment=LOOSE), hold("doubtful"))
    decide(store, told("paid"), *some, hold("bad", "Do it again."))
    store.fold([page("paid", reward=0.0125, status="ACCEPTED")])
    assert "paid Accepted by the rule settle task 1: 2 OK task 2: 2 BAD 41 $0.0125 ann" in text(
        browser, "/assignments?decided=accepted"
    )
    shown = text(browser, "/assignments?decided=refused")
    assert f"loose Refused by desk-ann task 1: 2 OK task 2: 2 BAD {LOOSE}" in shown
    assert "bad Refusal proposed by the rule settle in between Do it again." in text(
        browser, "/assignments?decided=proposed"
    )
    both = text(browser, "/assignments")
    assert both.index("bad Refusal proposed") < both.index("doubtful Held for a person")
    assert "paid Accepted" not in both


def test_a_list_without_assignments_says_so(browser: FlaskClient) -> None:
    assert "Nothing waits for a person" in text(browser, "/assignments")
    assert "No assignment stands as refused." in text(browser, "/assignments?decided=refused")


def test_a_list_goes_on_from_page_to_page(browser: FlaskClient, store: SqliteStore) -> None:
    decide(store, told("a-1"), *[verdict(f"b-{n}") for n in range(PAGE_LENGTH + 1)])
    first = browser.get("/assignments?decided=accepted").text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    second = browser.get(unescape(older[1])).text
    assert re.findall(r'href="/assignments/(b-\d+)"', first) == [f"b-{n}" for n in range(PAGE_LENGTH, 0, -1)]
    assert re.findall(r'href="/assignments/(b-\d+)"', second) == ["b-0"]
    assert "These are all." in second


def test_nothing_is_cut_off_on_a_narrow_screen(store: SqliteStore, database: Path) -> None:
    name = "17487702b1--677b9bc882888950df7a346e"
    decide(store, told("a-1"), verdict(name, "reject", comment="x" * 300), hold("held"))
    store.append([(b"{}", [told(name, "ASSIGNMENT_REJECTED")])])
    store.fold([page(name, Answer(name, "t" * 90, 0, {"image": "https://" + "i" * 300}, {}), user_id="u" * 64)])
    with running(database) as server, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        narrow = chromium.new_page(viewport={"width": 420, "height": 900}, java_script_enabled=True)
        for path in ("/", "/events/1", "/events/2", f"/assignments/{name}", "/assignments?decided=refused"):
            narrow.goto(f"http://127.0.0.1:{server.port}{path}")
            assert narrow.evaluate("document.documentElement.scrollWidth") <= 420, path
            cut = "[...document.querySelectorAll('.sheet')].filter(each => each.scrollWidth > each.clientWidth).length"
            assert narrow.evaluate(cut) == 0, path
        narrow.goto(f"http://127.0.0.1:{server.port}/")
        shown = narrow.locator("table.log tbody tr").first.inner_text()
        chromium.close()
    assert all(label in shown for label in ("ASSIGNMENT_REJECTED", name, "41", "2024-05-01", "new"))
