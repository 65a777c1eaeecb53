"""What a run is given to work on: data read as its pipeline wants them, and items made of them once images are seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.classification_data import Sources, read_tasks
from app.datasets import Item, load
from app.examples import LeftOut
from app.known import known_values
from handlers.pipeline import Pipeline
from store.errors import CrowdhookError

Addresses = Mapping[str, str]  # of images, by key


class MissingPicture(CrowdhookError):
    """The settings show a picture that is not there; its place is taken from the settings file's folder:"""


class NotForClasses(CrowdhookError):
    """--label names a class whose boxes are known; this pipeline's data sets have classes, so leave it out:"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Where a run's data are, as a person says it."""

    dataset: Path | None = None
    known: Path | None = None  # examples of which the truth is known
    label: str | None = None  # class whose boxes the data set knows
    limit: int | None = None
    base: Path = Path()  # where the files are that settings show


@dataclass(frozen=True, slots=True)
class Material:
    """A run's data, read."""

    images: Sequence[Item]  # that performers must be able to see
    items: Callable[[Addresses], list[dict[str, Any]]]  # what handlers are given
    values: Callable[[Addresses], dict[str, Any]]  # settings that come from data
    left_out: Sequence[LeftOut] = ()


def read_material(pipeline: Pipeline, chosen: Any, data: Data) -> Material:
    """Read a run's data; raises what data sets raise, MissingPicture, and NotForClasses."""
    if pipeline.examples == "classes" and data.label is not None:
        raise NotForClasses(f"{pipeline.name}.")
    return _classes(chosen, data) if pipeline.examples == "classes" else _boxes(data)


def _boxes(data: Data) -> Material:
    items = load(data.dataset, data.label, data.limit) if data.dataset else []
    known = load(data.known, data.label) if data.known else []
    apart = [replace(item, key=f"known/{item.key}") for item in known]  # no image to be labelled is called so
    return Material(
        images=[*items, *apart],
        items=lambda addresses: [{"key": each.key, "url": addresses.get(each.key)} for each in items],
        values=lambda addresses: {"known": known_values(apart, addresses)} if apart else {},
    )


def _classes(chosen: Any, data: Data) -> Material:
    allotted = read_tasks(chosen, Sources(known=data.known, dataset=data.dataset, limit=data.limit))
    pictures = {name: _picture(name, data.base) for name in chosen.files}
    shown = [each.example for each in allotted.tasks if each.example.text is None]
    images = [Item(each.key, each.path, each.url, None, None, None) for each in shown]
    return Material(
        images=[*images, *pictures.values()],
        items=lambda addresses: [each.item(addresses.get(each.example.key)) for each in allotted.tasks],
        values=lambda addresses: {
            "pictures": {name: addresses[each.key] for name, each in pictures.items() if each.key in addresses}
        },
        left_out=allotted.left_out,
    )


def _picture(name: str, base: Path) -> Item:
    path = base / name
    if not path.is_file():
        raise MissingPicture(f"{path}.")
    return Item(f"instructions:{name}", path, None, None, None, None)
