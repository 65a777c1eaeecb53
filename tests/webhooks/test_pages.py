"""The window on the log: it shows what is there, as text, whatever the text is."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from deployed_receiver import Receiver, running
from flask.testing import FlaskClient
from looking import AT, client, text
from playwright.sync_api import Page, sync_playwright

from store.migrations import migrate
from store.records import (
    Answer,
    Attempt,
    CallState,
    DecisionState,
    Event,
    EventState,
    NewCall,
    NewDecision,
    Outcome,
    Route,
)
from store.records import Page as Assignment
from store.sqlite import SqliteStore
from webhooks.pages import PAGE_LENGTH

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


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


def event(n: int, **changes: Any) -> Event:
    fields = {"uuid": f"u{n}", "type": "POOL_CLOSED", "pool_id": "41", "event_time": AT + n, "payload": {"n": n}}
    return Event(**(fields | changes))


def append(store: SqliteStore, *events: Event) -> None:
    store.append([(b'{"events": []}', events)])


def listed(client: FlaskClient, path: str) -> list[int]:
    """The numbers of the events on a page of the log, from top to bottom."""
    reply = client.get(path)
    assert reply.status_code == 200
    return [int(seq) for seq in re.findall(r'href="/events/(\d+)"', reply.text)]


def test_an_empty_log_says_what_to_do(browser: FlaskClient) -> None:
    page = text(browser, "/")
    assert "Nothing has happened yet" in page
    assert "/webhooks/toloka/<tag>" in page
    assert "crowdhook rehearse" in page


def test_the_log_is_shown_newest_first_a_page_at_a_time(browser: FlaskClient, store: SqliteStore) -> None:
    append(store, *map(event, range(2 * PAGE_LENGTH + 1)))
    seen, path = [], "/"
    while path:
        seen.append(listed(browser, path))
        older = re.search(r'rel="next" href="([^"]+)"', browser.get(path).text)
        path = unescape(older[1]) if older else ""
    assert [len(page) for page in seen] == [PAGE_LENGTH, PAGE_LENGTH, 1]
    assert [seq for page in seen for seq in page] == list(range(2 * PAGE_LENGTH + 1, 0, -1))


def test_it_is_filtered_by_type_pool_and_state(browser: FlaskClient, store: SqliteStore) -> None:
    append(store, event(1), event(2, pool_id="42"), event(3, type="TEST_EVENT", state=EventState.IGNORED))
    assert listed(browser, "/?pool_id=42") == [2]
    assert listed(browser, "/?type=TEST_EVENT") == [3]
    assert listed(browser, "/?state=new") == [2, 1]
    assert listed(browser, "/?type=POOL_CLOSED&pool_id=41&state=new") == [1]
    assert "No event matches" in text(browser, "/?pool_id=43")


def test_a_filter_stays_chosen_and_follows_to_the_next_page(browser: FlaskClient, store: SqliteStore) -> None:
    append(store, *[event(n, pool_id=str(n % 2)) for n in range(3 * PAGE_LENGTH)])
    page = browser.get("/?pool_id=1").text
    assert "<option selected>1</option>" in page
    assert all("pool_id=1" in older for older in re.findall(r'rel="next" href="([^"]+)"', page))
    assert 'rel="next"' in page


@pytest.mark.parametrize("before", ["x", "0", "-5", "9" * 30, "1.5", ""])
def test_no_place_in_the_log_can_break_it(browser: FlaskClient, before: str) -> None:
    assert browser.get("/", query_string={"before": before}).status_code == 200


def test_times_say_whose_they_are(browser: FlaskClient, store: SqliteStore) -> None:
    append(store, event(0))
    page = browser.get("/events/1").text
    assert 'title="2024-05-01 10:00:00.000 platform time, UTC"' in page
    assert 'title="2024-05-01 10:00:01.500 machine time, UTC"' in page


def test_the_only_clock_shown_is_the_machines_for_the_platforms_is_not_known_here(browser: FlaskClient) -> None:
    shown = browser.get("/").text
    assert 'title="2024-05-01 10:01:00.000 machine time, UTC"' in shown
    assert "platform time" not in shown


def test_what_is_to_be_carried_out_is_counted_without_asking_what_time_it_is(
    browser: FlaskClient, store: SqliteStore
) -> None:
    decided(store)
    assert "2 decisions to carry out" in text(browser, "/")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Nobody yet: a worker routes events"),
        ({"state": EventState.ROUTED}, "Nobody: no pipeline listens to POOL_CLOSED"),
        ({"state": EventState.IGNORED, "reason": "test call"}, "It is ignored: test call."),
        ({"state": EventState.DEAD, "reason": "uuid is missing or malformed", "event_time": 0.0}, "not readable"),
    ],
)
def test_an_event_that_nobody_was_told_of_says_why(
    browser: FlaskClient, store: SqliteStore, changes: dict[str, Any], said: str
) -> None:
    append(store, event(1, **changes))
    assert said in text(browser, "/events/1")


def decided(store: SqliteStore) -> None:
    """Let one event lead to a refusal, carried out at the second try, and to an ask, sent in a call."""
    append(store, event(1, type="ASSIGNMENT_SUBMITTED", assignment_id="a-1"))
    store.write_note("handler:outlines:settle", "Pay what its checkers confirm.")
    store.route(lambda _: [Route("outlines", "first", "settle")])
    claimed = store.claim("worker", 60)
    assert claimed is not None
    lane, (delivery,) = claimed
    refusal = NewDecision("verdict:a-1", "reject", "41", {"comment": "too small"}, "a-1", reason="3 of 3 say no")
    ask = NewDecision("ask:1", "ask", "41", {"overlap": 3}, buffer="42", reason="to be done again")
    later = NewDecision("close:41", "close", "41", {}, due_at=AT + 90)
    both = store.decide(lane, [delivery.id], [(delivery.id, each) for each in (refusal, ask, later)], [], AT + 2)
    (call,) = store.fix_calls(lane, [NewCall("operation-1", "ask", "42", (both[1].id,))], [])
    store.mark_sent(lane, [both[0].id], [call.id])
    tries = [
        Attempt(both[0].id, None, AT + 3, "transient", 503, "UNAVAILABLE", "r-1", "try later"),
        Attempt(both[0].id, None, AT + 4, "", 200, "", "r-2"),
        Attempt(None, call.id, AT + 5, "", 202, "", "r-3"),
    ]
    done = Outcome(both[0].id, DecisionState.DONE, {"status": "REJECTED"})
    store.settle(lane, [done], tries, {call.id: CallState.SENT})


def test_an_event_shows_who_was_told_what_was_decided_and_what_came_of_it(
    browser: FlaskClient, store: SqliteStore
) -> None:
    decided(store)
    page = text(browser, "/events/1")
    for said in (
        "settle outlines, run first done Pay what its checkers confirm.",
        "reject a-1 done 3 of 3 say no",
        "close close:41 planned",
        '"comment": "too small"',
        '"status": "REJECTED"',
        "transient try later 503 UNAVAILABLE r-1",
        "it worked 200 r-2",
        "ask ask:1 sent to be done again",
        "Not before platform, UTC 2024-05-01 10:01:30.000",
        "Call 1 ask, 1 decision sent",
        "Operation operation-1",
        "it worked 202 r-3",
        '{ "n": 1 }',
        "The whole body, 14 bytes",
    ):
        assert said in page
    assert "routed" in text(browser, "/")
    assert "1 handler" in text(browser, "/")


def test_a_parked_handler_is_seen_from_the_log_and_says_what_went_wrong(
    browser: FlaskClient, store: SqliteStore
) -> None:
    append(store, event(1), event(2))
    store.route(lambda happened: [Route("outlines", "first", "settle")] if happened.uuid == "u1" else [])
    claimed = store.claim("worker", 60)
    assert claimed is not None
    lane, (delivery,) = claimed
    store.fail(lane, delivery.id, "KeyError: 'result'", park=True)
    assert "1 parked: a person must look" in text(browser, "/")
    assert listed(browser, "/?state=parked") == [1]
    assert "KeyError: 'result'" in text(browser, "/events/1")
    assert "1 parked" not in text(browser, "/events/2")


POLYGLOTS = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "javascript:alert(1)//</title></style></textarea></pre><svg onload=alert(1)>",
    "{{7*7}}{% raise %}${7*7}<%= 7*7 %>",
    "<link rel=stylesheet href=//outside.example/x.css><base href=//outside.example/>",
    "<form action=//outside.example><meta http-equiv=refresh content='0;url=//outside.example'>",
    "\u202etxt.exe\u2028\u2029]]>--!><!--",
    "&lt;script&gt;alert(1)&lt;/script&gt;&#60;img src=x onerror=alert(1)&#62;",
]


def watched(page: Page, server: Receiver) -> list[str]:
    """Everything that a page must not do, as it happens."""
    trouble: list[str] = []

    def dismiss(dialog: Any) -> None:
        trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def outside(request: Any) -> None:
        if urlsplit(request.url).netloc != f"127.0.0.1:{server.port}":
            trouble.append(f"request: {request.url}")

    page.on("dialog", dismiss)
    page.on("request", outside)
    page.on("console", lambda message: trouble.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
    return trouble


def shown(assignment_id: str, poison: str, answer: Answer) -> Assignment:
    """An assignment whose every text is hostile."""
    return Assignment(assignment_id, poison, poison, "SUBMITTED", 0.01, AT, AT, None, (answer,), poison)


def hostile_log(store: SqliteStore) -> None:
    """Fill every text that a page shows with what would harm a page that did not treat it as text."""
    for n, poison in enumerate(POLYGLOTS):
        fields = {"reason": poison, "assignment_id": poison, "pool_id": poison, "payload": {poison: [poison]}}
        sent = event(n, type=f"ASSIGNMENT_{n}_{poison}", **fields)
        store.append([(json.dumps({"events": [poison]}, ensure_ascii=False).encode(), [sent])])
        store.write_note(f"handler:{poison}:{poison}", poison)
        store.write_note(f"pool:{poison}", f"{poison} {poison}")
        said = {"verdict": poison, poison: poison, "image": f"http://{poison}", "list": [poison]}
        vote = Answer(f"vote {n}", f"q{n}", 0, said, said, (), poison, poison)
        answer = Answer(poison, poison, 0, said, {})
        store.fold([shown(poison, poison, answer), shown(f"vote {n}", poison, vote)])
    store.route(lambda happened: [Route(happened.pool_id, happened.pool_id, happened.pool_id)])
    while claimed := store.claim("worker", 60):
        lane, deliveries = claimed
        for delivery in deliveries:
            poison = delivery.handler
            decision = NewDecision(f"{poison}{delivery.id}", poison, poison, {poison: poison}, poison, reason=poison)
            said = {"proposal": poison, "comment": poison, "by": poison}
            hold = NewDecision(f"hold {delivery.id}", "hold", poison, said, poison, reason=poison)
            made, _ = store.decide(lane, [delivery.id], [(delivery.id, decision), (delivery.id, hold)], [], AT)
            tried = Attempt(made.id, None, AT, poison, 500, poison, poison, poison)
            store.settle(lane, [Outcome(made.id, DecisionState.FAILED, {poison: poison})], [tried])


def hostile_addresses() -> Iterator[tuple[str, str]]:
    """The pages that show a hostile text, each with what must be seen there."""
    for seq, poison in enumerate(POLYGLOTS, 1):
        seen = poison.splitlines()[0]
        yield f"/events/{seq}", seen
        yield f"/assignments/{quote(poison, safe='')}", seen
    yield f"/?find={quote(' '.join(POLYGLOTS), safe='')}", POLYGLOTS[0]


def test_no_text_becomes_anything_but_text_in_a_real_browser(store: SqliteStore, database: Path) -> None:
    assert shutil.which(CHROMIUM), "this test needs a browser: install the Debian package chromium"
    hostile_log(store)
    with running(database) as server, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = chromium.new_page()
        trouble = watched(page, server)
        lists = ("/", "/assignments?decided=held", "/assignments?decided=proposed")
        for path, poison in (*((each, "") for each in lists), *hostile_addresses()):
            answer = page.goto(f"http://127.0.0.1:{server.port}{path}", wait_until="networkidle")
            assert answer is not None
            assert answer.ok
            assert page.evaluate("document.querySelectorAll('script, iframe, base, meta[http-equiv]').length") == 0
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            assert poison in page.inner_text("body")
        chromium.close()
    assert trouble == []


def test_the_pages_are_readable_with_their_style_and_without_scripts(store: SqliteStore, database: Path) -> None:
    assert shutil.which(CHROMIUM), "this test needs a browser: install the Debian package chromium"
    append(store, event(1), event(2, pool_id="42"))
    with running(database) as server, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = chromium.new_context(java_script_enabled=False).new_page()
        trouble = watched(page, server)
        page.goto(f"http://127.0.0.1:{server.port}/")
        page.select_option("select[name=pool_id]", "42")
        page.click("button")
        assert page.locator("table.log tbody tr").count() == 1
        page.click("table.log a")
        assert page.inner_text("h1").startswith("POOL_CLOSED")
        assert page.locator(".top").evaluate("each => getComputedStyle(each).display") == "flex"
        chromium.close()
    assert trouble == []
