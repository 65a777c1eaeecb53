import json

import httpx
from simulated import serving


def test_two_ports_write_the_same_lines():
    histories = []
    for _ in range(2):
        with serving() as bench:
            bench.fill(bench.checking(), 3)
            histories.append((bench.url, bench.world.history()))
    assert histories[0][0] != histories[1][0]
    assert histories[0][1] == histories[1][1]
    assert histories[0][1][-1]["input_values"]["image"].startswith("/files/")


def test_old_lines_are_packed_and_lose_nothing():
    with serving() as bench:
        pool = bench.checking()
        made = [bench.fill(pool, 400), bench.run(0.01), bench.fill(pool, 700), bench.run(0.01), bench.fill(pool, 300)]
        told = [json.loads(line) for line in httpx.get(f"{bench.url}/history").text.splitlines()]
        assert told == bench.world.history()
        tasks = [task.id for some in made if some for task in some]
        assert sorted(line["id"] for line in told if line["kind"] == "TASK_CREATED") == sorted(tasks)
        assert [(line["at"], line["kind"], line["id"]) for line in told] == sorted(
            (line["at"], line["kind"], line["id"]) for line in told
        )
        recent = bench.world.state.history.recent(1100)
        assert {line["id"] for line in recent} == {line["id"] for line in told[-1100:]}
