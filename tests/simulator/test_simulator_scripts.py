"""Scripts of the documentation, which know nothing of the simulator but its address, run to their end."""

import asyncio
import gc
import importlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import blood
import httpx
import pytest
from exchanges import Exchange
from openapi import FILE, error_faults, the_document
from simulated import Bench, serving, world
from toloka.async_client import AsyncTolokaClient
from toloka.client import TolokaClient
from toloka.streaming import Pipeline

from simulator.crowd.performers import Crowd, Performer
from simulator.running import run
from simulator.world.world import World

EXAMPLES = Path(__file__).parent.parent.parent / "docs" / "examples" / "simulator"
SPEED = 40_000
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def _found(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The scripts can be imported; what they and the client never close is gone before another test."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    yield
    TolokaClient._session_for_thread.cache_clear()
    gc.collect()


def script(name: str) -> Any:
    return importlib.import_module(name)


def faults_in(bench: Bench) -> list[str]:
    """What Toloka's OpenAPI file, where it is present, does not allow in all that was answered until now."""
    asked = httpx.get(f"{bench.url}/history/requests", params={"limit": 100_000}).text.splitlines()
    exchanges = [exchange_of(json.loads(line)) for line in asked]
    assert len(exchanges) > 30
    judge = the_document().faults if FILE.exists() else lambda exchange: ()
    return [fault for each in exchanges for fault in (*error_faults(each), *judge(each))]


def exchange_of(line: dict[str, Any]) -> Exchange:
    kind = "application/json" if isinstance(line.get("answer"), dict | list) else "text/plain"
    said = json.dumps(line.get("answer")).encode() if "answer" in line else b""
    return Exchange(line["method"], line["path"].removeprefix("/api"), "", b"", line["status"], kind, said)


@contextmanager
def running(of: World) -> Iterator[str]:
    """The address of a simulator whose time runs by itself, about eleven hours a second."""
    stop, started, addresses = threading.Event(), threading.Event(), []

    def tell(url: str) -> None:
        addresses.append(url)
        started.set()

    settings = {"clock": time.time, "stop": stop, "started": tell}
    thread = threading.Thread(target=run, args=(of, 0, SPEED), kwargs=settings)
    thread.start()
    try:
        assert started.wait(60)
        yield addresses[0]
    finally:
        stop.set()
        thread.join()


def some_draw_nothing(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
    return {"result": [{"left": 0.5}] if performer.draw("draws", task["id"]) < 0.6 else []}


def test_a_pipeline_of_streaming_hears_every_page(tmp_path, monkeypatch):
    monkeypatch.setattr(Pipeline, "MIN_SLEEP_SECONDS", 0)
    made = world(Crowd(skip=0.0, expire=0.0), lambda task, project, performer: {"result": [{"left": 0.5}]})
    with running(made) as url:
        boxes = script("stream_assignments").main(url, str(tmp_path), timedelta(seconds=0.05))
    assert len(boxes) == 10
    assert sum(line["kind"] == "ASSIGNMENT_APPROVED" for line in made.history()) == 10
    assert {page.status for page in made.state.assignments.values()} == {"ACCEPTED"}


def test_pools_are_filled_at_the_same_time_by_the_asynchronous_client():
    made = world(Crowd(skip=0.0, expire=0.0))
    with running(made) as url:
        found = asyncio.run(script("collect_async").collect(url, ["day", "rain", "far"], pause=0.01))
    assert set(found) == {"day", "rain", "far"}
    for votes in found.values():
        assert {sum(counts.values()) for counts in votes.values()} == {3}
        assert len(votes) == 10


def test_a_pipeline_that_was_ended_goes_on_from_its_saved_state(tmp_path):
    stream = script("stream_assignments")

    async def look(url: str, pool: Any) -> dict[str, Any]:
        client = AsyncTolokaClient("any token", url=url)
        judge = stream.Judge(client)
        async for state in stream.pipeline(client, pool, judge, timedelta(0), str(tmp_path)).run_manually():
            if not state.waiting:
                break
        return judge.boxes

    with serving(world(Crowd(skip=0.0, expire=0.0), some_draw_nothing)) as bench:
        pool = stream.set_up(bench.client, 10)
        seen = []
        for hours in (0.5, 1, 12):
            bench.run(hours)
            seen.append(len(asyncio.run(look(bench.url, pool))))
        accepted, refused = (
            list(bench.client.get_assignments(pool_id=pool.id, status=status)) for status in ("ACCEPTED", "REJECTED")
        )
    assert 0 < seen[0] < seen[1] < seen[2] == len(accepted)
    assert refused


def test_cells_are_labelled_right_by_those_who_learned_and_passed():
    made = world(Crowd(performers=150, skip=0.0, expire=0.0), blood.answer, instant=True)
    cells = script("blood_cells")
    with serving(made) as bench:
        asked = [cells.image(cells.LABELS[number % 4], number) for number in range(1000, 1024)]
        found = cells.label(bench.url, asked)
        kinds = {pool.private_name: pool.last_close_reason.value for pool in bench.client.get_pools()}
        assert faults_in(bench) == []
    assert kinds == {"exam": "MANUAL", "cells": "COMPLETED"}
    assert found == {address: blood.label_of({"image": address}) for address in asked}


def signs(image: str) -> list[dict[str, Any]]:
    """The truth about a picture."""
    return [{"shape": "rectangle", "left": 0.25, "top": 0.5, "width": 0.125, "height": len(image) / 64}]


def outline_or_verify(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
    inputs = task["input_values"]
    truth, right = signs(inputs["image"]), performer.draw("signs", task["id"]) < performer.accuracy
    if "selection" in inputs:
        return {"result": "OK" if (inputs["selection"] == truth) == right else "BAD"}
    return {"result": truth if performer.draw("draws", task["id"]) < 0.7 else []}


def test_signs_are_outlined_verified_and_made_anew_until_all_are_right():
    made = world(Crowd(performers=200, skip=0.0, expire=0.0, accuracy=0.97), outline_or_verify, instant=True)
    with serving(made) as bench:
        images = [f"https://example.com/signs/{number:02}.png" for number in range(20)]
        boxes = script("traffic_signs").outline(bench.url, images)
        statuses = Counter(page.status for page in made.state.assignments.values())
        assert faults_in(bench) == []
    assert boxes == {image: signs(image) for image in images}
    assert statuses["REJECTED"] > 0
    assert statuses["SUBMITTED"] == 0
