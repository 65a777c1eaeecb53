"""What the pools look like on the platform, and which settings can be used."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import toloka.client as toloka
from pages import BOX

from handlers.controls import Known
from handlers.pipelines import image_segmentation as pipeline
from handlers.pipelines.image_segmentation import settings
from handlers.reasons import NoText
from handlers.segmentation_pools import BadSettings, warnings
from handlers.verdict import BadPolicy
from simulator.crowd.performers import Crowd, answers_by_spec
from simulator.server import Simulator
from simulator.world.world import World

NOW = 1_700_000_000.0
KNOWN = [{"key": f"{at}.png", "image": f"https://pictures.example/{at}.png", "shapes": [BOX]} for at in range(5)]


@pytest.fixture
def client() -> Iterator[toloka.TolokaClient]:
    simulator = Simulator(World(Crowd(), answers_by_spec, start=NOW), gate=None, files=None)
    simulator.start()
    client = toloka.TolokaClient("token", url=simulator.url)
    yield client
    client._session.close()  # the kit keeps its connections for ever
    simulator.stop()


def declared(client: toloka.TolokaClient) -> dict[str, str]:
    """Create the skills and projects; their ids by role."""
    skills = {f"skill:{role}": client.create_skill(name=name).id for role, name in pipeline.pipeline.skills.items()}
    made = {}
    for role in ("outlining", "checking"):
        project = pipeline.pipeline.pools[role].declared.project
        assert project is not None
        made[f"project:{role}"] = client.create_project(project(settings(label="cell"))).id
    return skills | made


@pytest.mark.parametrize("role", ["outlining", "checking"])
def test_a_project_is_accepted_and_read_back_equal(client, role):
    build = pipeline.pipeline.pools[role].declared.project
    sent = build(settings(label="cell"))
    shown = client.get_project(client.create_project(sent).id)
    for name in ("public_name", "public_description", "public_instructions"):
        assert getattr(shown, name) == getattr(sent, name)
    assert "cell" in shown.public_name
    assert shown.task_spec.input_spec == sent.task_spec.input_spec
    assert shown.task_spec.output_spec == sent.task_spec.output_spec
    views = [json.loads(each.task_spec.view_spec.unstructure()["config"]) for each in (shown, sent)]
    assert views[0] == views[1]


@pytest.mark.parametrize("role", ["outlining", "checking"])
def test_a_pool_is_accepted_and_read_back_equal(client, role):
    ids = declared(client)
    build = pipeline.pipeline.pools[role].declared.pool
    sent = build(settings(outlining_reward=0.02, tasks_per_page=5), ids, NOW).unstructure()
    shown = client.get_pool(client.create_pool(build(settings(outlining_reward=0.02, tasks_per_page=5), ids, NOW)).id)
    kept = _without_names_of_rules({name: shown.unstructure()[name] for name in sent})
    assert kept.pop("will_expire")[:19] == sent.pop("will_expire")[:19]
    assert kept == sent


def _without_names_of_rules(pool: dict[str, Any]) -> dict[str, Any]:
    for config in pool["quality_control"]["configs"]:
        config["collector_config"].pop("uuid", None)
    return pool


def test_outlining_is_paid_after_review_and_verification_at_once(client):
    ids, chosen = declared(client), settings(review_days=7)
    work, checks = pipeline.outlining_pool(chosen, ids, NOW), pipeline.checking_pool(chosen, ids, NOW)
    assert (work.auto_accept_solutions, work.auto_accept_period_day) == (False, 7)
    assert (checks.auto_accept_solutions, checks.mixer_config.real_tasks_count) == (True, 10)
    never_outlined = {"category": "skill", "key": ids["skill:outlining"], "operator": "EQ", "value": None}
    assert never_outlined in checks.filter.unstructure()["and"]


def test_settings_are_built_from_plain_values():
    chosen = settings(label="cell", policy={"max_votes": 5})
    assert (chosen.label, chosen.policy.max_votes, chosen.policy.accept_at) == ("cell", 5, 0.8)


def test_known_outlines_are_read_from_plain_values():
    assert settings(known=tuple(KNOWN[:5])).known[4] == Known("4.png", "https://pictures.example/4.png", (BOX,))


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"tasks_per_page": 0}, "tasks_per_page must be 1 to 20"),
        ({"tasks_per_page": 21}, "tasks_per_page must be 1 to 20"),
        ({"refuse": "sometimes"}, "refuse is 'sometimes': choose one of earned, proposed, always"),
        ({"controls": 0.51}, "controls must be a share from 0 to 0.5"),
        ({"controls": -0.1}, "controls must be a share from 0 to 0.5"),
        ({"review_days": 0}, "review_days must be 1 to 21"),
        ({"review_days": 22}, "review_days must be 1 to 21"),
        ({"known": tuple(KNOWN[:4])}, "4 known outlines are too few for control questions: give 5 or more"),
    ],
)
def test_settings_that_cannot_be_used_are_named(values, complaint):
    with pytest.raises(BadSettings, match=complaint):
        settings(**values)


def test_few_known_outlines_are_no_trouble_where_no_control_questions_are_asked():
    assert settings(known=tuple(KNOWN[:1]), controls=0.0).controls == 0.0
    assert settings(known=()).controls == 0.1


def test_a_language_without_texts_and_thresholds_that_cross_are_named():
    with pytest.raises(NoText, match="'XX' is not among AR, DE, EN"):
        settings(language="XX")
    with pytest.raises(BadPolicy, match="reject_at"):
        settings(policy={"accept_at": 0.4})


@pytest.mark.parametrize("tasks", [1, 2, 5, 6, 10, 20])
def test_most_page_sizes_give_no_warning(tasks):
    assert warnings(settings(tasks_per_page=tasks)) == []


@pytest.mark.parametrize(("tasks", "share"), [(3, "0.66"), (4, "0.75")])
def test_pages_on_which_one_wrong_task_can_only_be_held_are_named(tasks, share):
    (warning,) = warnings(settings(tasks_per_page=tasks))
    assert warning.startswith(f"On pages of {tasks}, one wrong outline can neither be paid nor refused")
    assert f"accept_at {share}" in warning


@pytest.mark.parametrize("tasks", [3, 4])
def test_what_the_warning_proposes_ends_it(tasks):
    (warning,) = warnings(settings(tasks_per_page=tasks))
    proposed = float(warning.split("accept_at ")[1].split()[0])
    assert warnings(settings(tasks_per_page=tasks, policy={"accept_at": proposed})) == []
