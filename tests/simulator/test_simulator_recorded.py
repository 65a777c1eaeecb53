from collections.abc import Iterator

import pytest
import toloka.client as toloka
from blood import LABELS, pool, project
from simulated import Bench, serving, world

from simulator.crowd.recorded import Recorded, RepeatedVote, Vote
from simulator.elements.draws import fraction


def made_up(tasks: int, performers: int, seconds: float | None = None) -> Iterator[Vote]:
    """Every task answered by those on whom a draw falls, three at least."""
    for number in range(tasks):
        for who in range(performers):
            if who < 3 or fraction("votes", number, who) < 0.3:
                label = LABELS[int(4 * fraction("label", number, who))]
                yield Vote(f"cell-{number}", f"w/{who}", label, None if seconds is None else seconds + number)


VOTES = list(made_up(40, 12))


def recorded(votes: list[Vote], **settings: object) -> Recorded:
    return Recorded(votes, task_of=lambda inputs: str(inputs["image"]).rpartition("/")[2], **settings)


def played(bench: Bench, crowd: Recorded, size: int = 5) -> list[toloka.Assignment]:
    """The pages of a pool that has each task as often as it was answered, when nothing happens any more."""
    made = bench.client.create_pool(pool(bench.client.create_project(project()).id, size, 0, filter=None))
    tasks = [
        toloka.Task(pool_id=made.id, input_values={"image": f"https://cells.example/{name}"}, overlap=overlap)
        for name, overlap in crowd.overlaps.items()
    ]
    bench.client.create_tasks(tasks)
    bench.client.open_pool(made.id)
    while (moment := bench.world.next_event_at()) is not None:
        bench.world.advance(moment)
    assert bench.client.get_pool(made.id).last_close_reason == toloka.Pool.CloseReason.COMPLETED
    return list(bench.client.get_assignments(pool_id=made.id))


def said(pages: list[toloka.Assignment]) -> set[tuple[str, str, str]]:
    return {
        (task.input_values["image"].rpartition("/")[2], page.user_id, solution.output_values["result"])
        for page in pages
        for task, solution in zip(page.tasks, page.solutions, strict=True)
    }


@pytest.mark.parametrize("size", [1, 5, 100])
def test_everybody_answers_what_he_answered_and_nothing_else(size):
    crowd = recorded(VOTES)
    with serving(world(crowd, crowd)) as bench:
        pages = played(bench, crowd, size)
    assert said(pages) == {(vote.task, vote.performer, vote.label) for vote in VOTES}
    assert sum(len(page.tasks) for page in pages) == len(VOTES)
    assert {page.status.value for page in pages} == {"ACCEPTED"}
    assert max(len(page.tasks) for page in pages) == min(size, 40)


def test_a_page_takes_as_long_as_its_answers_took():
    votes = list(made_up(20, 5, seconds=10.0))
    crowd = recorded(votes)
    took = {(vote.task, vote.performer): vote.seconds for vote in votes}
    with serving(world(crowd, crowd)) as bench:
        for page in played(bench, crowd):
            names = [task.input_values["image"].rpartition("/")[2] for task in page.tasks]
            wanted = sum(took[name, page.user_id] for name in names)
            assert (page.submitted - page.created).total_seconds() == pytest.approx(wanted, abs=0.002)


def test_where_nobody_knows_how_long_it_took_it_is_drawn():
    crowd = recorded(VOTES, seconds_per_task=100.0)
    with serving(world(crowd, crowd)) as bench:
        spans = [(page.submitted - page.created).total_seconds() / len(page.tasks) for page in played(bench, crowd)]
    assert 60 <= min(spans) < max(spans) <= 140


def test_the_same_recording_plays_the_same_and_the_seed_moves_only_the_times():
    histories = []
    for seed in (0, 0, 1):
        crowd = recorded(VOTES, seed=seed)
        with serving(world(crowd, crowd)) as bench:
            pages = played(bench, crowd)
            histories.append((bench.world.history(), said(pages)))
    assert histories[0] == histories[1]
    assert histories[0][0] != histories[2][0]
    assert histories[0][1] == histories[2][1]


def test_a_task_that_nobody_recorded_is_taken_by_nobody():
    crowd = recorded(VOTES)
    with serving(world(crowd, crowd)) as bench:
        made = bench.client.create_pool(pool(bench.client.create_project(project()).id, 1, 0, filter=None))
        bench.client.create_task(toloka.Task(pool_id=made.id, input_values={"image": "https://x.example/y"}, overlap=1))
        bench.client.open_pool(made.id)
        assert bench.world.next_event_at() is None
        assert bench.client.get_pool(made.id).is_open()


def test_a_performer_who_answers_a_task_twice_is_a_mistake_in_the_recording():
    with pytest.raises(RepeatedVote, match="task cell-0, performer w/1"):
        recorded([*VOTES, Vote("cell-0", "w/1", "MONOCYTE")])
