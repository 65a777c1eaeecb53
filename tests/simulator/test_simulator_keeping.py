"""A simulator that is killed comes back as it was at its last input, and goes on as if nothing had happened."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import toloka.client as toloka
from simulated import START, Bench, outlining_project, world

from simulator.crowd.performers import Crowd
from simulator.faults.file import read_plan
from simulator.memory.journal import Journal, StateDiffers, StateInUse
from simulator.memory.keeping import LEAST, Keeper
from simulator.memory.twice import done_twice
from simulator.server import Simulator

CROWD = Crowd(skip=0.1, expire=0.1, seed=3)
STEPS = 12


@contextmanager
def kept(
    path: Path, port: int = 0, *faults: str, requests: Path | None = None, least: float = LEAST, **settings: Any
) -> Iterator[tuple[Bench, Keeper]]:
    """A simulator that keeps its state; it ends like one that is killed: nothing is saved then."""
    journal = Journal(path, {"--seed": "--seed 3"})
    plan = read_plan(options=faults)
    simulator = Simulator(world(CROWD, **settings), gate=None, files=None, port=port, faults=plan, requests=requests)
    bench = Bench(simulator.world, simulator.url, simulator)
    keeper = Keeper(simulator.world, simulator.app, journal, least)
    try:
        keeper.restore()
        simulator.start()
        yield bench, keeper
    finally:
        bench.close()
        simulator.stop()
        journal.close()


def step(bench: Bench, number: int) -> None:
    """One of a dozen steps of a requester's life; each finds what it needs by asking."""
    client, find = bench.client, lambda name: next(p for p in bench.client.get_pools() if p.private_name == name)
    if number == 0:
        bench.outlining(), bench.checking()
        client.create_skill(toloka.Skill(name="apt"))
    elif number == 1:
        bench.fill(find("outlining"), 40), bench.fill(find("checking"), 60)
        client.open_pool(find("outlining").id), client.open_pool(find("checking").id)
    elif number == 5:
        with pytest.raises(toloka.exceptions.DoesNotExistApiError):
            client.open_pool(find("outlining").id + "0")
        client.upsert_webhook_subscriptions(
            [
                toloka.webhook_subscription.WebhookSubscription(
                    webhook_url="http://127.0.0.1:9/", event_type="ASSIGNMENT_SUBMITTED", pool_id=find("checking").id
                )
            ]
        )
    else:
        for at, page in enumerate(client.get_assignments(pool_id=find("outlining").id, status="SUBMITTED")):
            client.reject_assignment(page.id, "no: ü") if at % 3 else client.accept_assignment(page.id, "yes")
            if at == number:
                client.set_user_skill(
                    skill_id=next(client.get_skills()).id, user_id=page.user_id, value=Decimal(70 + number)
                )
        bench.world.forget_notices(bench.world.due_notices()[: number // 2])
        bench.world.next_event_at()
    bench.run(hours=0.05)


def seen(bench: Bench) -> list[Any]:
    """All that a requester can see."""
    client, pools = bench.client, list(bench.client.get_pools())
    return [
        bench.world.history(),
        [notice.body for notice in bench.world.due_notices()],
        [toloka.Pool.unstructure(pool) for pool in pools],
        [toloka.Assignment.unstructure(page) for pool in pools for page in client.get_assignments(pool_id=pool.id)],
        [toloka.Task.unstructure(task) for pool in pools for task in client.get_tasks(pool_id=pool.id)],
        [toloka.UserSkill.unstructure(held) for held in client.get_user_skills()],
        client.get_requester().balance,
    ]


def test_a_world_killed_after_every_step_is_that_of_one_that_was_not(tmp_path):
    with kept(tmp_path / "whole") as (bench, _):
        port = int(bench.url.rpartition(":")[2])
        for number in range(STEPS):
            step(bench, number)
        whole = seen(bench)
        assert len(whole[0]) > 300
    for number in range(STEPS):
        with kept(tmp_path / "killed", port) as (bench, keeper):
            step(bench, number)
            if number % 4 == 3:
                keeper.look_after()
    with kept(tmp_path / "killed", port) as (bench, _):
        assert seen(bench) == whole


def test_what_was_answered_is_there_and_what_was_cut_off_is_not(tmp_path):
    path = tmp_path / "state"
    with kept(path) as (bench, _):
        names = [bench.client.create_skill(toloka.Skill(name=f"skill {n}")).name for n in range(3)]
        before = path.read_bytes()
    for cut, left in ((0, 3), (1, 2), (40, 2)):
        path.write_bytes(before[: len(before) - cut])
        with kept(path) as (bench, _):
            assert sorted(skill.name for skill in bench.client.get_skills()) == names[:left]


def test_a_value_is_kept_no_longer_for_a_simulator_that_was_killed(tmp_path):
    with kept(tmp_path / "state") as (bench, keeper):
        skill = bench.client.create_skill(name="apt", skill_ttl_hours=10)
        user_id = sorted(bench.world.state.people)[0]
        bench.client.set_user_skill(skill_id=skill.id, user_id=user_id, value=Decimal(70))
        keeper.look_after()
        bench.run(6)
    with kept(tmp_path / "state") as (bench, _):
        assert [each.value for each in bench.client.get_user_skills()] == [70]
        bench.run(6)
        assert list(bench.client.get_user_skills()) == []


def test_nobody_else_reads_it_and_a_second_simulator_is_refused(tmp_path):
    path = tmp_path / "state"
    with kept(path) as (bench, keeper):
        bench.outlining()
        keeper.look_after()
        assert [(each.name, oct(each.stat().st_mode)[-3:]) for each in tmp_path.iterdir()] == [("state", "600")]
        with pytest.raises(StateInUse, match=r"state$"):
            Journal(path, {})


def test_the_file_of_another_world_is_refused_by_what_differs(tmp_path):
    path = tmp_path / "state"
    with kept(path):
        pass
    newer = path.read_bytes().replace(b'"version": "', b'"version": "0')
    for content, seed, told in (
        (path.read_bytes(), 4, "--seed 3 before, --seed 4 now"),
        (newer, 3, "another version"),
        (b"my diary\n", 3, "none that this simulator wrote"),
    ):
        path.write_bytes(content)
        with closing(Journal(path, {"--seed": f"--seed {seed}"})) as journal, pytest.raises(StateDiffers, match=told):
            journal.read()


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "state"
    with kept(path) as (bench, _):
        for number in range(3):
            bench.client.create_skill(toloka.Skill(name=f"skill {number}"))
    whole = path.read_bytes()
    for part in (b"skill 0", b"balance"):
        path.write_bytes(whole.replace(part, part[::-1], 1))
        with pytest.raises(StateDiffers, match="damaged"), kept(path):
            pass


@pytest.mark.parametrize("quoted", ["{id}%3Fx", "{id}?x", "{cut}%25{last:x}", "{cut}%{last:x}", "%D0%B6%FF", "{id}%0A"])
def test_a_path_is_read_again_as_it_was(tmp_path, quoted):
    with kept(tmp_path / "state") as (bench, _):
        made = bench.client.create_skill(toloka.Skill(name="apt"))
        path = quoted.format(id=made.id, cut=made.id[:-1], last=ord(made.id[-1]))
        raw(bench, "DELETE", f"/api/v1/skills/{path}")
        before = [each.name for each in bench.client.get_skills()]
    with kept(tmp_path / "state") as (bench, _):
        assert [each.name for each in bench.client.get_skills()] == before


def test_no_header_keeps_a_state_from_being_read_again(tmp_path):
    with kept(tmp_path / "state") as (bench, _):
        headers = {"X-Trace": "a\r\n b", "Content-Type": "application/json;\r\n charset=utf-8", "Host": "a b"}
        assert raw(bench, "POST", "/api/v1/skills?x=%FF", b'{"name": "apt"}', **headers) == 201
    with kept(tmp_path / "state") as (bench, _):
        assert [each.name for each in bench.client.get_skills()] == ["apt"]


def raw(bench: Bench, method: str, target: str, body: bytes = b"", **headers: str) -> int:
    """The status of what a client that tidies nothing up is answered."""
    with closing(HTTPConnection(bench.url.removeprefix("http://"), timeout=10)) as connection:
        connection.request(method, target, body, {"Authorization": "OAuth token", **headers})
        return connection.getresponse().status


@pytest.mark.parametrize("entry", [["nonsense", 0.0], ["advance", 0.0, "x"], ["request", 0.0], []])
def test_an_input_that_cannot_be_had_again_is_told_in_a_line(tmp_path, entry):
    path = tmp_path / "state"
    with kept(path):
        pass
    with closing(Journal(path, {"--seed": "--seed 3"})) as journal:
        journal.begin(journal.read()[0])  # type: ignore[index]
        journal.note(entry)
    with pytest.raises(StateDiffers, match=r"state does not lead to what it says: \w+Error.*\.$"), kept(path):
        pass


def test_instant_work_that_was_put_off_goes_as_far_again(tmp_path):
    faults = "applied-late,nth=1,path=/pools/*/open,seconds=5"
    with kept(tmp_path / "state", 0, faults, instant=True) as (bench, _):
        bench.world.latest = lambda: START + 50
        pool = bench.checking()
        bench.fill(pool, 400)
        assert raw(bench, "POST", f"/api/v1/pools/{pool.id}/open") == 503
        bench.world.latest = lambda: START + 600
        bench.world.advance(START + 5)
        bench.client.create_skill(toloka.Skill(name="apt"))
        port, whole = int(bench.url.rpartition(":")[2]), seen(bench)
        assert START + 300 < bench.world.now <= START + 600
        assert bench.client.get_pool(pool.id).is_open()
    with kept(tmp_path / "state", port, faults, instant=True) as (bench, _):
        assert seen(bench) == whole


def create_late(bench: Bench, key: str = "token") -> None:
    """Ask for a project, which is put off."""
    headers = {"Authorization": f"OAuth {key}"}
    assert bench.http.post("/projects", json=outlining_project().unstructure(), headers=headers).status_code == 503


def asked(bench: Bench) -> list[Any]:
    return [json.loads(line) for line in bench.simulator.history.after(0, 100).splitlines()]


LATE = "applied-late,nth=1,path=/projects,method=POST"


def test_nothing_that_was_put_off_is_lost_and_the_line_that_told_of_it_is_known(tmp_path):
    for _ in range(2):
        with kept(tmp_path / "state", 0, LATE) as (bench, _):
            create_late(bench)
    with kept(tmp_path / "state", 0, LATE) as (bench, _):
        bench.client.get_requester()
        bench.run(hours=1)
        assert len(list(bench.client.get_projects())) == 2
        assert [line["late"] for line in asked(bench) if "late" in line] == [0, 0]


def test_what_happens_again_is_not_written_down_again(tmp_path):
    requests = tmp_path / "requests"
    with kept(tmp_path / "state", 0, LATE, requests=requests) as (bench, _):
        create_late(bench)
        bench.run(hours=1)
        bench.client.create_project(outlining_project())
        before = asked(bench)
        assert [line.get("late") for line in before] == [None, 1, None]
    with kept(tmp_path / "state", 0, LATE, requests=requests) as (bench, _):
        assert asked(bench) == before
        create_late(bench)
    with kept(tmp_path / "state", 0, LATE, requests=requests) as (bench, _):
        bench.run(hours=1)
        assert [line.get("late") for line in asked(bench)] == [None, 1, None, None, 4]
        assert len(done_twice(bench.world.history(), asked(bench))) == 1


def test_the_key_of_what_is_put_off_is_not_kept_but_that_it_was_good(tmp_path):
    path = tmp_path / "state"
    with kept(path, 0, LATE) as (bench, keeper):
        create_late(bench, "canary")
        assert b"canary" not in path.read_bytes()
        keeper.close()
    assert b"canary" not in path.read_bytes()
    with kept(path, 0, LATE) as (bench, _):
        bench.run(hours=1)
        assert len(list(bench.client.get_projects())) == 1


def test_a_snapshot_that_cannot_be_written_is_told_and_tried_again(tmp_path, caplog):
    path, beside = tmp_path / "state", tmp_path / "state.new"
    with kept(path, least=0.0) as (bench, keeper):
        beside.mkdir()
        bench.client.create_skill(toloka.Skill(name="one"))
        inode = path.stat().st_ino
        while not caplog.records:
            keeper.look_after()
        (told,) = caplog.records
        assert (told.levelname, told.reason) == ("WARNING", f"{beside} (Is a directory).")  # type: ignore[attr-defined]
        bench.client.create_skill(toloka.Skill(name="two"))
        keeper.close()
        assert path.stat().st_ino == inode
    beside.rmdir()
    with kept(path, least=0.0) as (bench, keeper):
        assert sorted(each.name for each in bench.client.get_skills()) == ["one", "two"]
        beside.mkdir()
        while len(caplog.records) < 3:
            keeper.look_after()
        beside.rmdir()
        inode = path.stat().st_ino
        while path.stat().st_ino == inode:
            keeper.look_after()
