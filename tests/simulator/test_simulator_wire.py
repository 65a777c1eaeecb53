import json

import httpx
import pytest
from simulated import checking_project

AUTH = {"Authorization": "OAuth token"}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", r'"\ud800"', r'{"\udfff": 1}'])
def test_what_cannot_be_said_in_json_again_is_refused(bench, value):
    project = json.dumps(checking_project().unstructure() | {"metadata": {"a": "VALUE"}}).replace('"VALUE"', value)
    answer = httpx.post(f"{bench.url}/api/v1/projects", content=project, headers=AUTH)
    assert (answer.status_code, answer.json()["payload"][""]["code"]) == (400, "JSON_EXPECTED")
    assert list(bench.client.get_projects()) == []


def test_characters_written_as_two_halves_are_one(bench):
    project = json.dumps(checking_project().unstructure() | {"public_description": "🟡"})
    assert r"\ud83d\udfe1" in project
    made = httpx.post(f"{bench.url}/api/v1/projects", content=project, headers=AUTH).json()
    assert bench.client.get_project(made["id"]).public_description == "🟡"
