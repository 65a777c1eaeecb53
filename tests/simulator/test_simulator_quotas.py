"""So much may be created in a minute and in a day of platform time, and no more."""

from collections.abc import Iterator

import httpx
import pytest
from simulated import Bench, serving, world


@pytest.fixture
def bench() -> Iterator[Bench]:
    with serving(world(quotas=True)) as made:
        yield made


def created(bench: Bench, kind: str, count: int) -> list[httpx.Response]:
    """Create so many, past the kit, which cannot read this refusal."""
    name = {"name": "skill"}
    spec = {"input_spec": {}, "output_spec": {}, "view_spec": {"type": "classic"}}
    project = {"public_name": "p", "public_description": "p", "task_spec": spec}
    headers, url = {"Authorization": "OAuth token"}, f"{bench.url}/api/v1/{kind}"
    body = name if kind == "skills" else project
    return [httpx.post(url, json=body, headers=headers) for _ in range(count)]


@pytest.mark.parametrize(("kind", "most"), [("projects", 20), ("skills", 10)])
def test_the_quota_of_a_minute_is_open_again_after_it(bench, kind, most):
    answers = created(bench, kind, most + 1)
    assert [each.status_code for each in answers] == [201] * most + [429]
    refusal = answers[-1].json()
    assert (refusal["code"], refusal["payload"]) == ("TOO_MANY_REQUESTS", {"interval": "MIN"})
    bench.world.advance(bench.world.now + 60.0)
    assert created(bench, kind, 1)[0].status_code == 201


def test_the_quota_of_a_day_is_longer(bench):
    for _ in range(5):
        created(bench, "projects", 20)
        bench.world.advance(bench.world.now + 61.0)
    (refused,) = created(bench, "projects", 1)
    assert (refused.status_code, refused.json()["payload"]) == (429, {"interval": "DAY"})
    bench.run(24)
    assert created(bench, "projects", 1)[0].status_code == 201


def test_quotas_can_be_switched_off():
    with serving(world()) as bench:
        assert [each.status_code for each in created(bench, "skills", 30)] == [201] * 30
