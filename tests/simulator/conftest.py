"""A running simulator for tests that need nothing special about it."""

from collections.abc import Iterator

import pytest
from simulated import Bench, serving


@pytest.fixture
def bench() -> Iterator[Bench]:
    with serving() as made:
        yield made
