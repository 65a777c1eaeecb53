"""The data of a run: from folders to items that the pipeline finds enough."""

from dataclasses import replace
from pathlib import Path

import pytest
from pictures import picture

from app.allotment import CONTROL, EXAM, REAL, TRAINING, TooFewKnown
from app.cell_samples import write_cells
from app.classification_data import Sources, read_tasks
from handlers.classification_budget import check_items
from handlers.classification_settings import settings

SMALL = settings(training_page=2, exam_page=3, control_tasks=1, real_tasks=4, overlap=3)


def test_a_folder_of_samples_is_all_that_a_run_needs(tmp_path: Path) -> None:
    made = read_tasks(SMALL, Sources(known=write_cells(tmp_path, 24)))
    counts = {purpose: len(made.of(purpose)) for purpose in (TRAINING, EXAM, CONTROL, REAL)}
    assert counts == {TRAINING: 1, EXAM: 3, CONTROL: 8, REAL: 12}
    assert made.left_out == ()
    assert set(made.truths) == {each.key for each in made.of(REAL)}
    notes = check_items(SMALL, [task.item(f"https://example.org/{task.example.key}") for task in made.tasks])
    assert "control tasks by class: EOSINOPHIL 2, LYMPHOCYTE 2, MONOCYTE 2, NEUTROPHIL 2" in notes


def test_two_data_sets_are_kept_apart_and_all_that_is_left_out_is_told(tmp_path: Path) -> None:
    known, real = write_cells(tmp_path / "known", 16), tmp_path / "real"
    for number in range(5):
        picture(real / f"{number}.png", number)
    picture(known / "BASOPHIL" / "a.png", 99)
    (real / "again.png").write_bytes((known / "MONOCYTE" / "monocyte_000.jpg").read_bytes())
    (tmp_path / "labels.csv").write_text("image,label\n0,monocyte\n1,NEUTROPHIL\n2,basophil\nagain,monocyte\n")
    chosen = replace(SMALL, training_count=4, exam_count=4, control_count=8)
    sources = Sources(known=known, dataset=real, truth=tmp_path / "labels.csv")
    made = read_tasks(chosen, sources)
    assert made.truths == {"0.png": "MONOCYTE", "1.png": "NEUTROPHIL"}
    assert len(made.of(TRAINING)) == len(made.of(EXAM)) == 4
    assert [each.key for each in made.left_out] == ["BASOPHIL/a.png", "2.png", "3.png", "4.png", "again.png"]
    assert made.left_out[-1].reason.startswith("its class is known (MONOCYTE)")


def test_more_known_tasks_than_there_are_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TooFewKnown, match=r"16 are there; .* 20 control tasks"):
        read_tasks(replace(SMALL, control_count=20), Sources(known=write_cells(tmp_path, 16)))


def test_where_nobody_is_examined_all_that_is_known_is_labelled(tmp_path: Path) -> None:
    chosen = replace(SMALL, examined=False, training_count=4, exam_count=4, control_count=8)
    made = read_tasks(chosen, Sources(known=write_cells(tmp_path, 12)))
    assert len(made.of(REAL)) == len(made.tasks) == len(made.truths) == 12
    assert check_items(chosen, [task.item("https://example.org/cell") for task in made.tasks])
