"""`crowdhook doctor`: a healthy deployment is told to be, and each ailment is found, named, and given advice."""

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from clinic import HOOK, Clinic, opened

from app.deadlines import DAY
from app.keyring import Keyring
from store.migrations import migrate
from store.records import DecisionState, Event, NewDecision, Outcome, Route
from store.sqlite import SqliteStore


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    with opened(tmp_path) as clinic:
        yield clinic


def test_a_healthy_deployment_has_nothing_but_ok(clinic: Clinic) -> None:
    assert set(clinic.levels().values()) == {"ok"}
    result = clinic.doctor()
    print(result.stdout)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) >= 25
    assert all(line.startswith("ok    ") for line in lines)


def test_as_json_it_says_whether_all_is_well(clinic: Clinic) -> None:
    assert json.loads(clinic.doctor("--json").stdout)["ok"] is True
    del clinic.env["TOLOKA_TOKEN"]
    result = clinic.doctor("--json")
    assert (result.exit_code, json.loads(result.stdout)["ok"]) == (1, False)


def test_nothing_is_changed_by_a_look(clinic: Clinic) -> None:
    before, requests = clinic.store.version(), clinic.world.history()
    clinic.doctor("--thorough")
    assert (clinic.store.version(), clinic.world.history()) == (before, requests)


def test_without_a_token_the_local_checks_are_done(clinic: Clinic) -> None:
    del clinic.env["TOLOKA_TOKEN"]
    level, said = clinic.found("token")
    assert level == "fail"
    assert "left out" in said
    assert "TOLOKA_TOKEN" in said
    assert clinic.levels()["worker"] == "ok"
    assert "main/checking pool" not in clinic.levels()


def test_a_wrong_token_is_told(clinic: Clinic) -> None:
    clinic.env["TOLOKA_TOKEN"] = "wrong"
    assert clinic.found("token")[0] == "fail"
    assert "does not accept it" in clinic.found("token")[1]


def test_an_unreachable_platform_is_told_and_the_rest_is_looked_at(clinic: Clinic) -> None:
    clinic.env["TOLOKA_ENVIRONMENT"] = "http://127.0.0.1:9"
    level, said = clinic.found("token")
    assert level == "fail"
    assert "http://127.0.0.1:9 is not reached" in said
    assert clinic.levels()["worker"] == "ok"


def test_a_missing_database_is_told_and_the_platform_is_looked_at(clinic: Clinic, tmp_path: Path) -> None:
    clinic.env["CROWDHOOK_DATABASE"] = str(tmp_path / "none.db")
    clinic.env["CROWDHOOK_KEYRING"] = str(clinic.settings.keyring)
    levels = clinic.levels()
    assert (levels["database"], levels["token"], levels["balance"]) == ("fail", "ok", "ok")
    assert not (tmp_path / "none.db").exists()


def test_a_database_of_another_account_is_told(clinic: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    migrate(path)
    with closing(SqliteStore(path, time.time)) as other:
        other.claim_identity("somebody", "PRODUCTION")
    clinic.env["CROWDHOOK_DATABASE"] = str(path)
    level, said = clinic.found("identity")
    assert level == "fail"
    assert "account somebody, PRODUCTION" in said


def test_files_that_others_can_read_are_told(clinic: Clinic) -> None:
    clinic.settings.database.chmod(0o644)
    clinic.settings.keyring.chmod(0o640)
    assert clinic.found("permissions")[0] == "fail"
    level, said = clinic.found("keyring")
    assert level == "fail"
    assert f"chmod 600 {clinic.settings.keyring}" in said


def test_a_broken_database_is_told(clinic: Clinic) -> None:
    with clinic.settings.database.open("r+b") as file:
        for page in range(3, clinic.settings.database.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
    clinic.store.checkpoint()
    level, said = clinic.found("database")
    assert level == "fail"
    assert "is damaged" in said
    assert clinic.levels()["token"] == "ok"


def test_without_a_webhook_secret_it_fails(clinic: Clinic) -> None:
    clinic.settings.keyring.unlink()
    assert clinic.found("webhook secrets")[0] == "fail"


def test_a_broken_keyring_is_told(clinic: Clinic) -> None:
    clinic.settings.keyring.write_text("not json")
    levels = json.loads(clinic.doctor("--json").stdout)["findings"]
    assert any(each["level"] == "fail" and str(clinic.settings.keyring) in each["found"] for each in levels)


def test_secrets_that_are_being_retired_are_counted(clinic: Clinic) -> None:
    keyring = Keyring(clinic.settings.keyring)
    keyring.add("main")
    keyring.retire("main", time.time() + DAY)
    level, said = clinic.found("webhook secrets main")
    assert level == "ok"
    assert "2 believed" in said
    assert "being retired: 1" in said


@pytest.mark.parametrize(("password", "level"), [("hunter2", "warn"), ("a good long password", "ok")])
def test_a_short_page_password_is_told(clinic: Clinic, password: str, level: str) -> None:
    clinic.env["CROWDHOOK_PAGE_PASSWORD"] = password
    found, said = clinic.found("page password")
    assert found == level
    assert password not in said


@pytest.mark.parametrize("url", ["http://example.invalid", ""])
def test_an_address_that_is_not_https_or_not_told_is_told(clinic: Clinic, url: str) -> None:
    clinic.env["CROWDHOOK_URL"] = url
    assert clinic.found("address")[0] == "warn"


def test_a_worker_that_is_silent_is_told(clinic: Clinic) -> None:
    beat = clinic.settings.database.with_name("crowdhook.db.beat")
    for age, level in ((5.0, "ok"), (45.0, "warn"), (3600.0, "fail")):
        os.utime(beat, (time.time() - age, time.time() - age))
        assert clinic.found("worker")[0] == level
    beat.unlink()
    assert "none ever was" in clinic.found("worker")[1]


@pytest.mark.parametrize(("age", "level"), [(5.0, "ok"), (100.0, "warn"), (400.0, "fail")])
def test_events_that_wait_too_long_are_told(clinic: Clinic, age: float, level: str) -> None:
    with closing(SqliteStore(clinic.settings.database, lambda: time.time() - age)) as earlier:
        earlier.append([(b"{}", [Event("u1", "POOL_CLOSED", clinic.pool_id("checking"), 1.0)])])
    clinic.arrive("u2")
    found, said = clinic.found("events")
    assert found == level
    assert "2 to route" in said


def test_what_a_person_must_look_at_is_told(clinic: Clinic) -> None:
    clinic.arrive("u1")
    clinic.arrive("u2")
    clinic.store.route(lambda event: [Route("image-segmentation", "main", "settle")])
    taken = clinic.store.claim("test", 60.0)
    assert taken is not None
    lane, (first, second) = taken
    clinic.store.fail(lane, first.id, "KeyError", park=True)
    accept = NewDecision("verdict:a1", "accept", lane.pool_id, {}, assignment_id="a1")
    (decision,) = clinic.store.decide(lane, [second.id], [(second.id, accept)], [], 1.0)
    clinic.store.settle(lane, [Outcome(decision.id, DecisionState.CONFLICT)], [])
    assert (clinic.found("parked")[0], clinic.found("decisions")[0]) == ("warn", "warn")
    assert "1 accept conflict" in clinic.found("decisions")[1]
    assert clinic.doctor().exit_code == 0


def test_a_pool_that_does_not_go_on_by_itself_is_told(clinic: Clinic) -> None:
    pool = clinic.world.state.pools[clinic.pool_id("checking")]
    pool.close_reason = "NOT_ENOUGH_BALANCE"
    level, said = clinic.found("main/checking pool")
    assert level == "fail"
    assert "top it up" in said
    clinic.gateway.client.archive_pool(clinic.pool_id("outlining"))
    assert clinic.found("main/outlining pool")[0] == "fail"


def test_a_pool_that_is_gone_is_told_and_the_others_are_looked_at(clinic: Clinic) -> None:
    del clinic.world.state.pools[clinic.pool_id("outlining")]
    level, said = clinic.found("main/outlining")
    assert level == "fail"
    assert "DOES_NOT_EXIST" in said
    assert clinic.levels()["main/checking pool"] == "ok"


@pytest.mark.parametrize(("left", "level"), [(10 * DAY, "ok"), (2 * DAY, "warn"), (-DAY, "fail")])
def test_a_date_that_is_near_or_over_is_told(clinic: Clinic, left: float, level: str) -> None:
    clinic.world.state.pools[clinic.pool_id("outlining")].expires = time.time() + left
    assert clinic.found("main/outlining expiry")[0] == level


def test_a_missing_subscription_is_told(clinic: Clinic) -> None:
    client = clinic.gateway.client
    (gone,) = client.get_webhook_subscriptions(pool_id=clinic.pool_id("checking"), event_type="POOL_CLOSED")
    client.delete_webhook_subscription(gone.id)
    level, said = clinic.found("main/checking subscriptions")
    assert level == "fail"
    assert "not sent here: POOL_CLOSED" in said
    assert clinic.levels()["main/outlining subscriptions"] == "ok"


def test_a_subscription_to_another_address_is_none(clinic: Clinic) -> None:
    clinic.env["CROWDHOOK_URL"] = "https://elsewhere.example"
    level, said = clinic.found("main/checking subscriptions")
    assert level == "fail"
    assert f"but to {HOOK}" in said


def test_the_last_event_of_each_subscription_is_told(clinic: Clinic) -> None:
    clinic.arrive("u1")
    clinic.arrive("u2", "TEST_EVENT")
    level, said = clinic.found("main/checking subscriptions")
    assert level == "ok"
    assert re.search(r"SUBMITTED never, POOL_CLOSED \d+ s ago, TEST_EVENT \d+ s ago", said)
    assert "ASSIGNMENT_SUBMITTED never" in said


def test_notifications_that_do_not_arrive_are_told(clinic: Clinic) -> None:
    clinic.arrive("u1", "ASSIGNMENT_SUBMITTED", source="reconciler")
    level, said = clinic.found("main/checking subscriptions")
    assert level == "warn"
    assert "only found by looking: ASSIGNMENT_SUBMITTED" in said


def test_pages_that_the_platform_will_pay_by_itself_are_told(clinic: Clinic) -> None:
    for days, level, share in ((1, "ok", 10), (6, "warn", 60), (9, "fail", 90)):
        clinic.handed_in(f"a{days}", time.time() - days * DAY)
        found, said = clinic.found("main/outlining review")
        assert found == level
        assert f"the oldest at {share} % of its 10 days" in said


def test_a_balance_below_what_is_under_way_is_told(clinic: Clinic) -> None:
    clinic.handed_in("a1", time.time())
    clinic.world.state.balance = 0.001
    level, said = clinic.found("balance")
    assert level == "warn"
    assert "0.00 dollars, at most 0.05" in said


def test_a_clock_that_is_wrong_is_told(clinic: Clinic) -> None:
    clinic.world.advance(clinic.world.now + 300.0)
    level, said = clinic.found("clock")
    assert level == "warn"
    assert "5 min behind the platform's" in said


def test_a_pipeline_that_is_gone_is_told(clinic: Clinic) -> None:
    clinic.store.write_note("module:image-segmentation", "no.such.module")
    level, said = clinic.found("runs")
    assert level == "fail"
    assert "no.such.module" in said
