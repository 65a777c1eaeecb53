"""What the tests of this room share: one running receiver, and notifications that nobody else has sent."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from deployed_receiver import Receiver, running

from store.migrations import migrate


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    database = tmp_path_factory.mktemp("receiver") / "crowdhook.db"
    migrate(database)
    with running(database) as receiver:
        yield receiver


@pytest.fixture
def notification() -> Any:
    """A notification whose events nobody else has: pass the fields that matter."""

    def build(*events: Mapping[str, Any]) -> dict[str, Any]:
        return {"events": [_event(fields) for fields in events or ({},)]}

    return build


def _event(fields: Mapping[str, Any]) -> dict[str, Any]:
    unique = os.urandom(8).hex()
    return {
        "uuid": unique,
        "event_time": "2024-05-01T10:00:00.123",
        "project_id": "1001",
        "pool_id": "1004",
        "assignment_id": f"a-{unique}",
        "type": "ASSIGNMENT_SUBMITTED",
        **fields,
    }
