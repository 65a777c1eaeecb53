"""`crowdhook simulator --state FILE` is killed while a script works against it, and loses nothing that it answered."""

import json
import os
import re
import resource
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from random import Random

import httpx
import toloka.client as toloka
from click.testing import CliRunner
from toloka.client.primitives.retry import TolokaRetry
from urllib3.exceptions import HTTPError

from app.cli import main

KILLS = 3
OPTIONS = ("--no-quotas", "--speed", "5000")


@contextmanager
def simulator(
    state: Path, port: int, *options: str, folder: Path | None = None, limit: int = resource.RLIM_INFINITY
) -> Iterator[tuple["subprocess.Popen[str]", toloka.TolokaClient]]:
    command = [str(Path(sys.executable).with_name("crowdhook")), "simulator", "--port", str(port), *OPTIONS]
    command += [*options, "--state", str(state)]
    told = None if limit == resource.RLIM_INFINITY else subprocess.PIPE
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=told,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)),
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split('"')[3]
        never = TolokaRetry(retry_quotas=None, total=0, status_forcelist=[])
        client = toloka.TolokaClient("token", url=url, retryer_factory=lambda: never)
        with closing(client._session):
            yield process, client
    finally:
        process.kill()
        process.communicate()


def set_up(client: toloka.TolokaClient) -> toloka.Pool:
    spec = toloka.project.task_spec.TaskSpec(
        input_spec={"text": toloka.project.StringSpec()},
        output_spec={"result": toloka.project.BooleanSpec()},
        view_spec=toloka.project.ClassicViewSpec(script="", markup="", styles="", assets={}),
    )
    project = client.create_project(toloka.Project(public_name="p", public_description="d", task_spec=spec))
    pool = toloka.Pool(
        project_id=project.id,
        private_name="pool",
        may_contain_adult_content=False,
        will_expire=datetime(2030, 1, 1),
        reward_per_assignment=0.01,
        assignment_max_duration_seconds=600,
        defaults=toloka.Pool.Defaults(default_overlap_for_new_tasks=2, default_overlap_for_new_task_suites=2),
        filter=toloka.filter.Languages.in_("EN"),
    )
    pool.set_mixer_config(real_tasks_count=3, force_last_assignment_delay_seconds=10)
    return client.open_pool(add(client, client.create_pool(pool), 0).pool_id)


def add(client: toloka.TolokaClient, pool: toloka.Pool, number: int) -> toloka.Task:
    task = toloka.Task(pool_id=pool.id, input_values={"text": str(number)})
    return client.create_task(task, allow_defaults=True, open_pool=True)


def test_kills_lose_nothing_that_was_answered(tmp_path):
    draw, told, answered, port = Random(7), dict[str, str](), 0, 0
    pool: toloka.Pool | None = None
    requests = tmp_path / "requests.jsonl"
    for kill in range(KILLS + 1):
        with simulator(tmp_path / "state", port, "--requests", str(requests)) as (process, client):
            port = int(client.url.rpartition(":")[2])
            pool = pool or set_up(client)
            found = {task.id: task.input_values["text"] for task in client.get_tasks(pool_id=pool.id)}
            assert told.items() <= found.items()
            assert len(found) <= len(told) + 1, "one at most was carried out without its answer"
            if kill == KILLS:
                break
            told = dict(found)
            killing = threading.Timer(0.1 + draw.random() / 2, process.kill)
            killing.start()
            try:
                while True:
                    task = add(client, pool, len(told))
                    told[task.id] = task.input_values["text"]
                    answered += 1
            except (httpx.TransportError, HTTPError):
                killing.join()
    assert len(told) > 3 * KILLS

    with simulator(tmp_path / "state", port, "--requests", str(requests)) as (process, client):
        assert {task.id for task in client.get_tasks(pool_id=pool.id)} == found.keys()
        before = float(client.get_requester().balance)
        pages = list(client.get_assignments(pool_id=pool.id))
        answers = Counter(task.id for page in pages if page.solutions for task in page.tasks)
        assert answers
        assert max(answers.values()) <= 2
        paid = sum(page.status == toloka.Assignment.ACCEPTED for page in pages)
        assert before >= round(10_000 - 0.013 * paid, 6) >= float(client.get_requester().balance)
        process.terminate()
        assert process.wait(30) == 0
    asked = [json.loads(line) for line in requests.read_text(encoding="utf-8").splitlines()]
    assert [line["number"] for line in asked] == list(range(1, len(asked) + 1))
    assert sum(line["path"] == "/api/v1/tasks" and line["method"] == "POST" for line in asked) >= answered
    other = CliRunner().invoke(main, ["simulator", "--state", str(tmp_path / "state"), "--seed", "5"])
    assert other.exit_code == 2
    assert "--no-quotas before, not now; --seed 0 before, --seed 5 now." in other.stderr


ANSWERS = """
def answer(task, project, performer):
    return {"result": %s}
"""


def test_the_options_of_another_world_are_told_as_they_were_given(tmp_path):
    module, faults = tmp_path / "our_answers.py", tmp_path / "faults.toml"
    module.write_text(ANSWERS % "True")
    faults.write_text("seed = 5\n")
    begun = ["--answers", "our_answers:answer", "--faults", str(faults), "--replenish", "5"]
    with simulator(tmp_path / "state", 0, *begun, folder=tmp_path):
        pass
    with simulator(tmp_path / "state", 0, *begun, folder=tmp_path):
        pass
    module.write_text(ANSWERS % "False")
    faults.write_text("seed = 6\n")
    again = [*begun[:-2], "--fault", "lose=0.1", "--fault", "repeat=0.1", "--state", str(tmp_path / "state")]
    command = [str(Path(sys.executable).with_name("crowdhook")), "simulator", *OPTIONS, *again]
    refused = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    told = re.sub(r"content [0-9a-f]{8}", "…", refused.stderr.partition("state: ")[2])
    assert refused.returncode == 2
    assert told == (
        "--answers our_answers:answer (…) before, --answers our_answers:answer (…) now; "
        "--fault lose=0.1 --fault repeat=0.1 now, not before; "
        f"--faults {faults} (…) before, --faults {faults} (…) now; "
        "--replenish 5 before, not now.\n"
    )


def test_a_state_that_can_grow_no_more_ends_it_with_the_files_name_and_loses_nothing(tmp_path):
    path, made = tmp_path / "state", set[str]()
    with simulator(path, 0, limit=300_000) as (process, client):
        with suppress(httpx.TransportError, HTTPError):
            for size in (110_000, 10_000, 1_000, 100):
                with suppress(toloka.exceptions.ApiError):
                    while True:
                        made.add(client.create_skill(toloka.Skill(name=f"{len(made)}", private_comment="x" * size)).id)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 2
    assert errors.splitlines()[-1].endswith(f"choose another file for --state: {path} (File too large).")
    assert made
    with simulator(path, 0) as (_, client):
        found = {skill.id for skill in client.get_skills()}
    assert made <= found
    assert len(found) <= len(made) + 1, "one at most was carried out without its answer"


def test_what_is_no_regular_file_is_refused_and_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "state")
    refused = CliRunner().invoke(main, ["simulator", "--port", "0", "--state", str(tmp_path / "state")])
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (2, 1)
    assert refused.stderr.endswith(f"Choose another for --state: {tmp_path / 'state'}.\n")
    assert (tmp_path / "state").is_fifo()
