"""Who lives in `crowdhook simulator`: described, recorded, or answering by a function, seen through the real client."""

import sys
from pathlib import Path
from typing import Any

import pytest
import toloka.client as toloka
from click.testing import CliRunner
from toloka.client.pool.mixer_config import MixerConfig
from toloka.client.project.field_spec import BooleanSpec, StringSpec
from toloka.client.project.task_spec import TaskSpec
from toloka.client.project.view_spec import ClassicViewSpec

from app.cli import main
from app.inhabitants import inhabitants
from simulator.server import Simulator
from simulator.world.world import World

NOTHING = dict.fromkeys(
    ("performers", "accuracy", "crowd", "answers", "recorded", "replenish", "dataset", "label", "classes")
)
VIEW = ClassicViewSpec(script="", markup="", styles="", assets={})
ANSWERS = """
def answer(task, project, performer):
    return {"likes": performer.says(True, (True, False), task["id"]), "why": performer.profile.country}
"""


def done(*who: Any, overlap: dict[str, int], **spec: Any) -> list[toloka.Assignment]:
    """The pages of a pool of words, when the people have nothing more to do in it."""
    world = World(*who, start=1.7e9, instant=True)
    simulator = Simulator(world, gate=None, files=None)
    simulator.start()
    client = toloka.TolokaClient("token", url=simulator.url)
    try:
        view = TaskSpec(input_spec={"word": StringSpec()}, output_spec=spec, view_spec=VIEW)
        project = client.create_project(
            toloka.Project(public_name="Words", public_description="Which?", task_spec=view)
        )
        pool = toloka.Pool(
            project_id=project.id,
            private_name="words",
            may_contain_adult_content=False,
            will_expire="2030-01-01T00:00:00",
            reward_per_assignment=0.01,
            assignment_max_duration_seconds=600,
            filter=toloka.filter.Languages.in_("RU") if "label" in spec else None,
            mixer_config=MixerConfig(real_tasks_count=2, golden_tasks_count=0, training_tasks_count=0),
        )
        pool = client.create_pool(pool)
        tasks = [toloka.Task(pool_id=pool.id, input_values={"word": word}, overlap=n) for word, n in overlap.items()]
        client.create_tasks(tasks, async_mode=False)
        client.open_pool(pool.id)
        return list(client.get_assignments(pool_id=pool.id))
    finally:
        client._session.close()
        simulator.stop()


def test_the_people_of_a_file_answer_by_a_function(tmp_path, monkeypatch):
    group = 'count = 9\nlikes = 1\naccuracy = 1\nprofile = { country = "FR" }'
    (tmp_path / "crowd.toml").write_text(f"[[group]]\n{group}\n")
    (tmp_path / "mywords.py").write_text(ANSWERS)
    monkeypatch.syspath_prepend(tmp_path)
    who = inhabitants(0, **{**NOTHING, "crowd": tmp_path / "crowd.toml", "answers": "mywords:answer"})
    pages = done(*who, overlap={"cat": 3, "dog": 3}, likes=BooleanSpec(), why=StringSpec())
    values = [solution.output_values for page in pages if page.solutions for solution in page.solutions]
    assert values == [{"likes": True, "why": "FR"}] * 6
    del sys.modules["mywords"]


def test_where_nobody_knows_the_truth_everybody_imagines_the_same(tmp_path):
    """Who is always right about it agrees with all others, and who is so in seven of ten cases mostly."""
    for accuracy, low, high in ((1, 1.0, 1.0), (0.7, 0.6, 0.8)):
        (tmp_path / "crowd.toml").write_text(f"[[group]]\ncount = 30\nlikes = 1\naccuracy = {accuracy}\n")
        who = inhabitants(0, **{**NOTHING, "crowd": tmp_path / "crowd.toml"})
        overlap = {f"word {number}": 25 for number in range(12)}
        pages = done(*who, overlap=overlap, good=BooleanSpec())
        said: dict[str, list[bool]] = {}
        for page in pages:
            for task, solution in zip(page.tasks, page.solutions or (), strict=False):
                said.setdefault(task.input_values["word"], []).append(solution.output_values["good"])
        agreed = [max(answers.count(True), answers.count(False)) / len(answers) for answers in said.values()]
        assert low <= sum(agreed) / 12 <= high
        assert {answers.count(True) > answers.count(False) for answers in said.values()} == {True, False}


def test_recorded_answers_are_played_back_whatever_the_field_and_the_filter(tmp_path):
    (tmp_path / "votes.csv").write_text(
        "task,performer,label,seconds\ncat,anna,true,4\ncat,ben,false,5\ndog,anna,true,6.5\n"
    )
    who = inhabitants(0, **{**NOTHING, "recorded": tmp_path / "votes.csv"})
    pages = done(*who, overlap={"cat": 2, "dog": 1}, label=BooleanSpec(), remark=StringSpec(required=False))
    said = {
        (task.input_values["word"], page.user_id, solution.output_values["label"])
        for page in pages
        for task, solution in zip(page.tasks, page.solutions, strict=True)
    }
    assert said == {("cat", "anna", True), ("cat", "ben", False), ("dog", "anna", True)}
    spans = {page.user_id: (page.submitted - page.created).total_seconds() for page in pages}
    assert spans == pytest.approx({"anna": 10.5, "ben": 5.0}, abs=0.01)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--crowd", "crowd.toml", "--performers", "5"], "do not go together: --crowd and --performers"),
        (["--recorded", "a.csv", "--replenish", "--accuracy", "1"], "--recorded and --replenish, --accuracy"),
        (["--answers", "a:b", "--classes", "folder"], "do not go together: --answers and --classes"),
        (["--label", "cell"], "do not go together: --label without --dataset."),
        (["--answers", "a_b_c:d"], "there is no module a_b_c here"),
        (["--crowd", "nowhere.toml"], "nowhere.toml: No such file or directory"),
        (["--crowd", __file__], f"{Path(__file__)} line 1: "),
        (["--recorded", __file__], "not CSV"),
        (["--replenish", "0"], "0 is not in the range x>=1"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(options, told):
    result = CliRunner().invoke(main, ["simulator", "--port", "0", *options])
    assert result.exit_code == 2
    assert told in result.output
    assert len(result.output.splitlines()) == 1
