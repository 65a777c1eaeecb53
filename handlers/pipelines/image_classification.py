"""Labels: performers are taught, examined and watched, several label each image, and their answers are made one.

What project, training and pools look like is in `handlers/classification_pools.py`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from handlers.actions import Action
from handlers.classification_budget import check_items, estimate, warnings
from handlers.classification_pools import exam, main_pool, project, training
from handlers.classification_settings import Settings, settings
from handlers.context import Context
from handlers.pipeline import Pipeline

GOES_ON = ("NOT_ENOUGH_BALANCE", "FOR_UPDATE")  # closed for these reasons, a pool is opened again
ENDED = ("CLOSED", "ARCHIVED")

pipeline = Pipeline(
    "image-classification",
    settings,
    skills={"exam": "{settings.exam_skill}", "quality": "{settings.quality_skill}"},
    examples="classes",
    warnings=warnings,
    check_items=check_items,
    from_data=("pictures",),
    estimate=estimate,
)
labelling = pipeline.pool("main", project=project, pool=main_pool)
teaching = pipeline.pool("training", training=training, needed=lambda chosen: chosen.examined)
testing = pipeline.pool("exam", pool=exam, needed=lambda chosen: chosen.examined)


@labelling.on_added
def put_to_work(ctx: Context) -> Iterator[Action]:
    """Ask several performers about each image; teach, examine and watch them with those whose class is known."""
    chosen: Settings = ctx.settings
    for item in ctx.payload["items"]:
        shown = {chosen.input: item["url"], "item": item["key"]}
        match item.get("for", "main"):
            case "training":
                yield teaching.ask(hint=chosen.hint(item["label"]), **_known(item), **shown)
            case "exam":
                yield testing.ask(**_known(item), **shown)
            case "control":
                yield labelling.ask(**_known(item), **shown)
            case _:
                yield labelling.ask(key=item["key"], overlap=item.get("overlap", chosen.overlap), **shown)
    if chosen.examined:
        yield teaching.open(occasion=ctx.event.uuid)
        yield testing.open(occasion=ctx.event.uuid)


@labelling.on_answered
def keep(ctx: Context) -> Iterator[Action]:
    """Keep what was answered, once however often it is told; labels are made when all of it came."""
    yield from ()


@labelling.on_closed
def finish(ctx: Context) -> Iterator[Action]:
    """When the labelling closes, close training and exam; make labels of the answers if all of them came.

    Without money, while tasks wait that were not asked yet, or while somebody changes the pool, everything stays as it
    is: the work goes on afterwards. Archived, it is over for whatever reason.
    """
    pool = ctx.pool
    if pool is None or pool.status not in ENDED or (pool.status == "CLOSED" and pool.close_reason in GOES_ON):
        return
    if pool.status == "CLOSED" and pool.close_reason == "COMPLETED" and ctx.waiting:
        return
    occasion = str(pool.last_started)
    if ctx.settings.examined:
        yield teaching.close(occasion)
        yield testing.close(occasion)
    if pool.close_reason == "COMPLETED" and not ctx.waiting:
        yield labelling.aggregate(occasion, ctx.settings.method, without_banned=ctx.settings.without_banned)


@labelling.on_aggregated
def publish_labels(ctx: Context) -> Iterator[Action]:
    """Write the labels when they are made."""
    yield labelling.publish(occasion=str(ctx.payload["occasion"]))


def _known(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes a task one whose answer is known: everybody may meet it, once."""
    return {"key": f"{item['for']}:{item['key']}", "overlap": None, "solution": {"result": item["label"]}}
