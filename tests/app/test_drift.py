"""The audit of a simulated platform over real HTTP: what somebody changed there is told, nothing is changed back."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ledger import Ledger, accept, ask, hold

from app.config import Settings
from app.drift import ANEW, GONE, STARVED, WORKS, Audit, Auditor, Drift, audit, last_audit
from app.pipelines import find
from app.runs import gateway_of
from handlers.gateway import Gateway
from handlers.provisioning import Provisioner
from handlers.routing import Running
from handlers.trouble import TolokaTrouble
from simulator.crowd.performers import Crowd
from simulator.server import Simulator
from simulator.world.world import World
from store.migrations import migrate
from store.records import Binding, DecisionState, Event, NewDecision, Outcome, Route
from store.spending import RunControl, RunState
from store.sqlite import SqliteStore

NOW = datetime.datetime(2025, 1, 6, 9, tzinfo=datetime.UTC).timestamp()
RUN = "image-segmentation", "test"


@dataclass
class Site:
    """A run that was set up, and the platform that it was set up on."""

    world: World
    gateway: Gateway
    store: SqliteStore
    running: Running

    def id(self, role: str) -> str:
        return next(each.object_id for each in self.store.bindings(*RUN) if each.role == role)

    def change(self, role: str, change: Callable[[Any], None]) -> None:
        """Let a person change a project or a pool on the site."""
        kind = role.partition(":")[0]
        found = getattr(self.gateway.client, f"get_{kind}")(self.id(role))
        change(found)
        getattr(self.gateway.client, f"update_{kind}")(self.id(role), found)

    def audit(self, now: float = NOW) -> list[Drift]:
        return list(audit(self.store, self.gateway, self.running, now).drift)

    def look(self, now: float) -> Audit:
        """Audit as the worker does, and return what was kept."""
        Auditor(self.store, self.gateway, [self.running]).look(now)
        kept = last_audit(self.store, *RUN)
        assert kept is not None
        return kept


def draws_nothing(task: Any, project: Any, performer: Any) -> dict[str, Any]:
    return {"nothing": True}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    world = World(Crowd(performers=4, skip=0.0, expire=0.0), draws_nothing, start=NOW)
    simulator = Simulator(world, gate=None, files=None, token="token")
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def gateway(simulator: Simulator) -> Iterator[Gateway]:
    gateway, _ = gateway_of(Settings(token="token", environment=simulator.url, requests_per_second=1e6))
    yield gateway
    gateway.close()


@pytest.fixture
def site(simulator: Simulator, gateway: Gateway, tmp_path: Path) -> Iterator[Site]:
    migrate(tmp_path / "crowdhook.db")
    store = SqliteStore(tmp_path / "crowdhook.db", lambda: 1.0)
    running = Provisioner(store, gateway, find(RUN[0]), RUN[1], {"label": "cell"}).provide(NOW)
    yield Site(simulator.world, gateway, store, running)
    store.close()


def test_a_run_as_it_was_set_up_has_no_drift(site: Site) -> None:
    assert site.audit(NOW + 30 * 86400) == []


def price(pool: Any) -> None:
    pool.reward_per_assignment = 0.5


def pages(pool: Any) -> None:
    pool.mixer_config.real_tasks_count = 7


def acceptance(pool: Any) -> None:
    pool.auto_accept_period_day = 2


def everybody(pool: Any) -> None:
    pool.filter.and_.pop()


def no_rule(pool: Any) -> None:
    pool.quality_control.configs.pop()


def name(project: Any) -> None:
    project.public_name = "Find cells"


def one_input_less(project: Any) -> None:
    project.task_spec.input_spec["image"].required = False


def another_order(project: Any) -> None:
    project.task_spec.view_spec.config.view.items.reverse()


@pytest.mark.parametrize(
    ("role", "change", "what", "declared", "found"),
    [
        ("pool:checking", price, "reward_per_assignment", "0.01", "0.5"),
        ("pool:outlining", pages, "mixer_config.real_tasks_count", "1", "7"),
        ("pool:outlining", acceptance, "auto_accept_period_day", "14", "2"),
        ("pool:checking", everybody, "filter", None, None),
        ("pool:outlining", no_rule, "quality_control.configs", None, None),
        ("project:outlining", name, "public_name", "Outline each cell", "Find cells"),
        ("project:outlining", one_input_less, "task_spec.input_spec.image.required", "true", "false"),
        ("project:checking", another_order, "task_spec.view_spec.config", None, None),
    ],
)
def test_what_somebody_changed_is_told_with_both_values(
    site: Site, role: str, change: Callable[[Any], None], what: str, declared: str | None, found: str | None
) -> None:
    site.change(role, change)
    (drift,) = site.audit()
    assert drift.what == f"{role.replace(':', ' ')}: {what}"
    assert (drift.since, bool(drift.advice)) == (NOW, True)
    if declared is not None:
        assert (drift.declared, drift.found) == (declared, found)


def test_a_price_that_was_changed_on_the_site_is_what_caps_count(site: Site) -> None:
    checking, caps = site.running.pool_ids["checking"], RunControl(*RUN, RunState.STARTED, cap=1.0)
    site.store.write_run(caps)
    assert site.store.allowance(checking, NOW).places == 100
    site.change("pool:checking", price)
    site.audit()
    assert site.store.allowance(checking, NOW).places == 2


def test_long_texts_are_shown_from_where_they_differ(site: Site) -> None:
    def later(project: Any) -> None:
        project.public_instructions = project.public_instructions.replace("no cell", "no such thing as a cell")

    site.change("project:outlining", later)
    (drift,) = site.audit()
    assert "If there is no cell" in drift.declared
    assert "If there is no such thing" in drift.found
    assert max(len(drift.declared), len(drift.found)) <= 82


def test_the_order_of_filters_and_rules_means_nothing(site: Site) -> None:
    def turned(pool: Any) -> None:
        pool.filter.and_.reverse()
        pool.quality_control.configs.reverse()

    site.change("pool:checking", turned)
    assert site.audit() == []


def opened(site: Site, role: str = "outlining") -> None:
    task = {"image": "http://127.0.0.1/a.png", "item": "a", "round": 1}
    body = {"pool_id": site.id(f"pool:{role}"), "input_values": task, "overlap": 1}
    site.gateway.client.create_tasks([body], async_mode=False, open_pool=True)


def test_a_pool_that_somebody_closed_is_told_with_when_and_what_to_do(site: Site) -> None:
    opened(site)
    site.gateway.client.close_pool(site.id("pool:outlining"))
    (drift,) = site.audit(NOW + 900)
    advice = "closed by hand; open it on the site when the work should go on"
    assert drift == Drift("pool outlining: status", WORKS, "CLOSED by MANUAL", NOW, advice)


def test_a_pool_that_was_closed_again_is_told_with_the_last_time(site: Site) -> None:
    opened(site)
    for moment in (NOW + 100, NOW + 500):
        site.world.advance(moment)
        site.gateway.client.open_pool(site.id("pool:outlining"))
        site.gateway.client.close_pool(site.id("pool:outlining"))
        assert [each.since for each in site.look(moment + 50).drift] == [moment]


def test_what_was_archived_is_told(site: Site) -> None:
    site.gateway.client.archive_pool(site.id("pool:checking"))
    site.gateway.client.archive_project(site.id("project:checking"))
    assert site.audit() == [
        Drift("project checking: status", "ACTIVE", "ARCHIVED", NOW, ANEW),
        Drift("pool checking: status", WORKS, "ARCHIVED", NOW, ANEW),
    ]


def test_what_is_gone_is_told(site: Site) -> None:
    for role in ("skill:outlining", "project:outlining", "project:checking", "pool:outlining", "pool:checking"):
        site.store.bind(Binding(*RUN, role, "999"))
    gone = Running(site.running.pipeline, "test", site.running.settings, {"outlining": "999", "checking": "999"})
    found = audit(site.store, site.gateway, gone, NOW).drift
    assert [(each.what, each.found) for each in found] == [
        ("project outlining", GONE),
        ("project checking", GONE),
        ("pool outlining", GONE),
        ("pool checking", GONE),
        ("skill outlining", GONE),
    ]


def test_a_performer_who_lost_a_skill_is_told_until_he_has_it_again(site: Site) -> None:
    client, performer = site.gateway.client, next(iter(site.world.state.people))
    given = client.set_user_skill(skill_id=site.id("skill:outlining"), user_id=performer, value=Decimal(1))
    assert site.look(NOW).drift == ()
    client.delete_user_skill(given.id)
    for hours in (1, 2):
        (drift,) = site.look(NOW + hours * 3600).drift
        assert (drift.what, drift.found) == (f"skill outlining of {performer}", "taken away")
        assert drift.since == NOW + 3600
    client.set_user_skill(skill_id=site.id("skill:outlining"), user_id=performer, value=Decimal(1))
    assert site.look(NOW + 3 * 3600).drift == ()


def test_drift_keeps_the_time_at_which_it_was_first_seen(site: Site) -> None:
    site.change("pool:checking", price)
    site.look(NOW + 10)
    site.change("project:checking", name)
    drift = site.look(NOW + 4000).drift
    assert {each.what: each.since for each in drift} == {
        "pool checking: reward_per_assignment": NOW + 10,
        "project checking: public_name": NOW + 4000,
    }


def test_an_audit_is_due_at_the_start_and_once_an_hour(site: Site) -> None:
    auditor = Auditor(site.store, site.gateway, [site.running])
    assert auditor.due(NOW)
    auditor.look(NOW)
    assert not auditor.due(NOW + 3599)
    assert auditor.due(NOW + 3600)


def test_an_audit_that_toloka_did_not_let_through_is_tried_again_soon(
    site: Site, gateway: Gateway, simulator: Simulator
) -> None:
    auditor = Auditor(site.store, site.gateway, [site.running])
    auditor.look(NOW)
    before = last_audit(site.store, *RUN)
    simulator.stop()
    with pytest.raises(TolokaTrouble):
        auditor.look(NOW + 3600)
    assert last_audit(site.store, *RUN) == before
    assert not auditor.due(NOW + 3659)
    assert auditor.due(NOW + 3660)


def test_a_run_that_cannot_be_audited_keeps_nobody_from_anything(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    unreadable = replace(site.running, settings=None)
    Auditor(site.store, site.gateway, [unreadable]).look(NOW)
    assert last_audit(site.store, *RUN) is None
    assert [each.message for each in caplog.records] == ["not audited"]
    Auditor(site.store, site.gateway, [unreadable, site.running]).look(NOW)
    assert last_audit(site.store, *RUN) == Audit(NOW, (), {"outlining": [], "checking": []})


def test_a_run_that_was_never_audited_has_no_audit(site: Site) -> None:
    assert last_audit(site.store, *RUN) is None


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    (tmp_path / "ledger").mkdir()
    ledger = Ledger(tmp_path / "ledger")
    yield ledger
    ledger.store.close()


def test_decisions_that_came_to_something_else_are_told_together(ledger: Ledger, gateway: Gateway) -> None:
    ledger.record(accept("a1"), hold("a3"))
    ledger.record(accept("a2"), accept("a4"), state=DecisionState.CONFLICT)
    ledger.record(ask("b.jpg", "t1"), state=DecisionState.UNKNOWN)
    found = audit(ledger.store, gateway, ledger.running, NOW).drift
    assert [(each.what, each.found) for each in found if each.declared == "done"] == [
        ("accept a2 and 1 more", "conflict: the platform shows nothing"),
        ("ask ask:101:t1", "unknown: the platform shows nothing"),
    ]


def asked(site: Site, task_id: str, about: str | None = None) -> None:
    """Record that a task was put into the outlining pool, which one answer is wanted for."""
    pool_id = site.id("pool:outlining")
    event = Event(f"asked-{task_id}", "ITEMS_ADDED", pool_id, NOW)
    site.store.append([(b"{}", [event])])
    site.store.route(lambda _: [Route(*RUN, "ask_for_outlines")])
    taken = site.store.claim("test", 60.0)
    assert taken is not None
    lane, (delivery,) = taken
    payload = {"overlap": 1, "input": {}, "unavailable_for": [], "generation": 0}
    new = NewDecision(f"ask:{task_id}", "ask", pool_id, payload, assignment_id=about)
    (ask,) = site.store.decide(lane, [delivery.id], [(delivery.id, new)], [], NOW)
    site.store.settle(lane, [Outcome(ask.id, DecisionState.DONE, {"task_id": task_id})], [])


def test_a_pool_that_closed_with_work_left_is_told(site: Site) -> None:
    opened(site)
    site.world.advance(NOW + 4 * 3600)
    pool = site.gateway.pool(site.id("pool:outlining"))
    assert (pool.status, pool.close_reason) == ("CLOSED", "COMPLETED")
    (page,) = site.gateway.listed(pool.pool_id, "submitted", NOW, NOW + 4 * 3600)
    site.store.fold([page])
    asked(site, page.answers[0].task_id)
    asked(site, "about-a-page-that-is-reviewed", "a1")
    assert site.audit() == []
    asked(site, "not-answered")
    asked(site, "about-a-page-that-waits", page.assignment_id)
    (drift,) = site.audit()
    assert drift == Drift("pool outlining: status", WORKS, "CLOSED with work left", NOW, STARVED)
