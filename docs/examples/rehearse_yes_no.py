"""Rehearse the example pipeline on eight pictures: python -m docs.examples.rehearse_yes_no"""

from pathlib import Path

from app.rehearsal import Plan, stage
from simulator.crowd.performers import Crowd


def answer(task, project, performer):
    """What a simulated performer says: the truth (every other picture has a traffic light), four times out of five."""
    picture = task["input_values"]["image"].rpartition("/")[2]
    truth = int(picture.removesuffix(".jpg")) % 2 == 0
    says = truth if performer.draw("sees", picture) < performer.accuracy else not truth
    return {"answer": "yes" if says else "no"}


def plan(out):
    """Eight pictures for a crowd of thirty; what comes of it is written to the folder `out`."""
    return Plan(
        pipeline="docs.examples.yes_no",
        items=[{"key": f"{n}.jpg", "url": f"https://pictures.example/{n}.jpg"} for n in range(8)],
        settings={"most_votes": 4},
        crowd=Crowd(performers=30, accuracy=0.8, seed=3),
        answers=answer,
        out=out,
    )


if __name__ == "__main__":
    with stage(plan(Path("rehearsal"))) as at:
        for page in at.store.pages_of(at.running.pool_ids["labels"]):
            print(page.status, page.answers[0].input["image"], page.answers[0].output)
        print(at.world.spent_by_pool())
