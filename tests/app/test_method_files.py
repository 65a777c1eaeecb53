import csv
from pathlib import Path

from compared import compared, pool

from app.method_files import write

CELLS = [("t1", "ann", "=1+1"), ("t1", "=bob", "=1+1"), ("t2", "ann", "cat"), ("t2", "=bob", "=1+1")]


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_no_cell_is_taken_for_a_formula(tmp_path: Path) -> None:
    write(*compared(pool(CELLS), "MajorityVote"), tmp_path)
    labels = rows(tmp_path / "labels-MajorityVote.csv")
    assert labels[1:] == [
        ["t1", "item of t1", "'=1+1", "1.0", "2", "false"],
        ["t2", "item of t2", "'=1+1", "0.5", "2", "true"],
    ]
    assert rows(tmp_path / "performers.csv")[1:] == [["'=bob", "2", "1.0"], ["ann", "2", "0.5"]]


def test_a_number_below_zero_stays_a_number(tmp_path: Path) -> None:
    people = [f"user-{who}" for who in range(6)]
    said = [(f"t{n}", who, "cat" if (n % 2 == 0) == (who < "user-4") else "dog") for n in range(20) for who in people]
    write(*compared(pool(said), "GLAD:n_iter=3", "KOS"), tmp_path)
    skills = {name: float(skill) for name, _, skill, _ in rows(tmp_path / "performers.csv")[1:]}
    assert skills["user-0"] > 0 > skills["user-5"]
    assert {row[3] for row in rows(tmp_path / "labels-KOS.csv")[1:]} == {""}


def test_every_method_has_a_file_of_its_own_whose_name_fits_any_disk(tmp_path: Path) -> None:
    methods = ["DawidSkene", "DawidSkene:n_iter=5,tol=0.1", "MajorityVote"]
    written = write(*compared(pool(CELLS), *methods), tmp_path / "deep" / "down")
    assert all(path.exists() for path in written)
    assert [path.name for path in written if path.name.startswith("labels")] == [
        "labels-DawidSkene.csv",
        "labels-DawidSkene-n_iter=5-tol=0.1.csv",
        "labels-MajorityVote.csv",
    ]
