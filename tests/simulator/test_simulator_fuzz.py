"""Whatever is sent, the answer has a documented status and shape, and the world goes on."""

from collections.abc import Iterator

import pytest
from conformance import STEPS, Step
from fuzzing import fuzz
from hypothesis import HealthCheck, Phase, given, settings
from lived import Lived, Request, faults, living
from mutations import spoilt
from openapi import NEEDED

FEW = settings(
    max_examples=25,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    with living() as made:
        yield made


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_spoilt_requests_get_documented_answers(lived: Lived, step: Step) -> None:
    @FEW
    @given(spoilt(lived.asked[step.name]))
    def send(request: Request) -> None:
        assert faults(lived.send(request)) == []

    send()


@NEEDED
def test_requests_made_up_from_the_openapi_file_get_documented_answers() -> None:
    tally = fuzz(80, every=6)
    assert tally.failures == []
    assert {200, 201, 400, 404} <= tally.statuses.keys()
