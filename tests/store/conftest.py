"""The backends that the contract's tests run on; a further backend is one more function here."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from store_examples import Clock, Deployment

from store.contract import Store
from store.migrations import migrate
from store.sqlite import SqliteStore


def sqlite_deployment(directory: Path, at_end: ExitStack) -> Deployment:
    path, clock = directory / "crowdhook.db", Clock()
    migrate(path)

    def open_store() -> Store:
        store = SqliteStore(path, clock)
        at_end.callback(store.close)
        return store

    return Deployment(open_store, clock)


BACKENDS: dict[str, Callable[[Path, ExitStack], Deployment]] = {"sqlite": sqlite_deployment}


@pytest.fixture(params=sorted(BACKENDS))
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    with ExitStack() as at_end:
        yield BACKENDS[request.param](tmp_path, at_end)


@pytest.fixture
def store(deployment: Deployment) -> Store:
    return deployment.open()


@pytest.fixture
def clock(deployment: Deployment) -> Clock:
    return deployment.clock
