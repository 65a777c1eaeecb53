"""Recorded votes are read as they arrived; what cannot be replayed is named with its line."""

from pathlib import Path

import pytest

from app.replay_votes import RecordedVote, WrongTruth, WrongVotes, read_truth, read_votes

HEADER = "page,task,verifier,vote\n"
VOTES = HEADER + "a,1,ann,OK\nb,1,ann,BAD\na,2,bob,OK\na,1,bob,BAD\n"


def written(folder: Path, text: str | bytes, name: str = "votes.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_pages_tasks_and_votes_keep_the_order_of_the_file(tmp_path: Path) -> None:
    pages = read_votes(written(tmp_path, VOTES))
    assert [(page.name, [task.name for task in page.tasks]) for page in pages] == [("a", ["1", "2"]), ("b", ["1"])]
    assert pages[0].tasks[0].votes == (RecordedVote("ann", True, 2), RecordedVote("bob", False, 5))


def test_columns_may_stand_in_any_order_and_a_byte_order_mark_and_empty_lines_are_passed_over(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + 'vote,verifier,page,task\r\n\r\nBAD,zoë,a,"1,5"\r\n'.encode()
    (page,) = read_votes(written(tmp_path, text))
    assert page.tasks[0].name == "1,5"
    assert page.tasks[0].votes == (RecordedVote("zoë", False, 3),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["line 1", "page, task, verifier, vote"]),
        (HEADER, ["line 1", "no vote"]),
        ("page,task,verifier,vote,price\na,1,ann,OK,3\n", ["line 1", "price"]),
        ("page,task,verifier\na,1,ann\n", ["line 1", "vote"]),
        ("page,page,task,verifier,vote\na,a,1,ann,OK\n", ["line 1", "page, page"]),
        (VOTES + "b,1,bob,ok\n", ["line 6", "'ok'", "OK or BAD"]),
        (VOTES + "a,1,ann,OK\n", ["line 6", "'ann'", "'1'", "'a'", "line 2"]),
        (VOTES + "b,1,,OK\n", ["line 6", "filled"]),
        (VOTES + "b,1,bob\n", ["line 6"]),
        (VOTES + "b,1,bob,OK,OK\n", ["line 6"]),
        (VOTES + 'b,1,"bob"b,OK\n', ["line 6", "not CSV"]),
        (VOTES.encode() + b"b,1,\xff,OK\n", ["UTF-8"]),
    ],
)
def test_what_is_wrong_with_votes_is_named(tmp_path: Path, text: str | bytes, words: list[str]) -> None:
    path = written(tmp_path, text)
    with pytest.raises(WrongVotes) as told:
        read_votes(path)
    for word in [str(path), *words]:
        assert word in str(told.value)


def test_a_page_of_another_size_than_was_said_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, VOTES)
    with pytest.raises(WrongVotes, match=r"line 3: page 'b' has 1 tasks.*says 2"):
        read_votes(path, tasks_per_page=2)
    assert len(read_votes(written(tmp_path, HEADER + "a,1,ann,OK\na,2,ann,OK\n"), tasks_per_page=2)) == 1


@pytest.mark.parametrize(("right", "wrong"), [("1", "0"), ("true", "False"), ("yes", "No")])
def test_the_truth_is_read_in_any_order(tmp_path: Path, right: str, wrong: str) -> None:
    pages = read_votes(written(tmp_path, VOTES))
    text = f"task,page,right\n1,b,{wrong}\n2,a,{right}\n1,a,{right}\n"
    assert read_truth(written(tmp_path, text, "truth.csv"), pages) == {
        ("a", "1"): True,
        ("a", "2"): True,
        ("b", "1"): False,
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("page,task,vote\na,1,OK\n", ["line 1", "page, task, right"]),
        ("page,task,right\na,1,1\na,2,maybe\n", ["line 3", "'maybe'"]),
        ("page,task,right\na,1,1\na,9,1\n", ["line 3", "'9'", "'a'"]),
        ("page,task,right\na,1,1\na,1,1\n", ["line 3", "twice"]),
        ("page,task,right\na,1,1\na,2,1\n", ["'1'", "'b'", "line 3 of the votes"]),
    ],
)
def test_what_is_wrong_with_the_truth_is_named(tmp_path: Path, text: str, words: list[str]) -> None:
    pages = read_votes(written(tmp_path, VOTES))
    path = written(tmp_path, text, "truth.csv")
    with pytest.raises(WrongTruth) as told:
        read_truth(path, pages)
    for word in [str(path), *words]:
        assert word in str(told.value)
