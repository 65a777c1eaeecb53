import sys
from pathlib import Path

import pytest

from app.own_answers import NoAnswers, named

GOOD = """
VALUE = 3

def answer(task, project, performer):
    return {"result": task["input_values"]["word"]}

class Answers:
    def __call__(self, task, project, performer, *, sure=True):
        return {"result": "called"}

called = Answers()

def short(task, project):
    return {}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "__init__.py").write_text("")
    (tmp_path / "mine" / "words.py").write_text(GOOD)
    (tmp_path / "mine" / "broken.py").write_text("1 / 0")
    (tmp_path / "mine" / "needy.py").write_text("import not_installed_anywhere")
    for name in [name for name in sys.modules if name.partition(".")[0] == "mine"]:
        del sys.modules[name]
    return tmp_path


def test_a_function_or_anything_that_can_be_called_answers(folder):
    task = {"id": "t", "pool_id": "p", "input_values": {"word": "hello"}}
    assert named("mine.words:answer")(task, {}, None) == {"result": "hello"}
    assert named("mine.words:called")(task, {}, None) == {"result": "called"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("mine.words", "'mine.words' is not package.module:function"),
        (":answer", "':answer' is not package.module:function"),
        ("mine.words:", "'mine.words:' is not package.module:function"),
        ("yours:answer", "there is no module yours here"),
        ("mine.songs:answer", "there is no module mine.songs here"),
        ("mine.words:anwser", "mine.words has no anwser; did you mean answer?"),
        ("mine.words:xyz", "mine.words has no xyz."),
        ("mine.words:VALUE", "mine.words:VALUE is no function but a int"),
        ("mine.words:short", "mine.words:short cannot be called as answer(task, project, performer)"),
        ("mine.broken:answer", "mine.broken cannot be imported: ZeroDivisionError: division by zero"),
        ("mine.needy:answer", "mine.needy cannot be imported: No module named 'not_installed_anywhere'"),
    ],
)
def test_what_cannot_be_used_is_told_with_the_reason(folder, text, reason):
    with pytest.raises(NoAnswers) as caught:
        named(text)
    assert reason in str(caught.value)
