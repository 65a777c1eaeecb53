"""A bad day: what was asked is done, and the answer never arrives."""

import httpx
import pytest
from simulated import outlining_project, serving, world

from simulator.faults import LostAnswers


def test_a_named_answer_is_lost_after_it_was_carried_out():
    with serving(world(), faults=LostAnswers(numbers={1})) as bench:
        body = outlining_project().unstructure()
        headers = {"Authorization": "OAuth token"}
        with pytest.raises(httpx.TransportError):
            httpx.post(f"{bench.url}/api/v1/projects", json=body, headers=headers)
        assert [each.public_name for each in bench.client.get_projects()] == ["Outline cells"]


def test_a_share_of_the_answers_to_changes_is_lost_and_the_same_ones_every_time():
    lost = LostAnswers(share=0.3, seed=7)
    drawn = [lost.loses_answer(number, "POST /api/v1/tasks") for number in range(1, 1001)]
    assert drawn == [lost.loses_answer(number, "POST /api/v1/tasks") for number in range(1, 1001)]
    assert 240 < sum(drawn) < 360
    assert not any(lost.loses_answer(number, "GET /api/v1/tasks") for number in range(1, 1001))
