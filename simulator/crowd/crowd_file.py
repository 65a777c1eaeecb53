"""A crowd as a person describes it: a TOML file of groups of people."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from simulator.crowd.conduct import Ability, Conduct
from simulator.crowd.crowd_forms import GROUP, ability
from simulator.crowd.groups import Group, Groups
from simulator.crowd.performers import HASTY_SECONDS
from simulator.crowd.profiles import Profiles
from simulator.toml.forms import COUNT, Wrong, record
from simulator.toml.text import Toml
from store.errors import CrowdhookError

PERFORMERS = 60
SLACK = 1e-9


class BadCrowd(CrowdhookError):
    """This crowd cannot be used:"""


def read_crowd(file: Path, seed: int = 0) -> Groups:
    """Read a crowd file; the people who are drawn from it depend on `seed`. Raises BadCrowd with the line, OSError."""
    toml = Toml(file, BadCrowd)
    try:
        read = record({"performers": COUNT, "group": _groups}, "group")(toml.content)
        groups = [_group(each) for each in read["group"]]
        counts = _counts(read.get("performers"), read["group"])
    except Wrong as error:
        reason = f"{_where(toml.content, error.path)}{error}"
        raise toml.refused(error.path, reason if reason.endswith("?") else f"{reason}.") from error
    return Groups([Group(count=count, **each) for count, each in zip(counts, groups, strict=True)], seed)


def _groups(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value:
        raise Wrong("there must be one [[group]] at least")
    found = []
    for place, each in enumerate(value):
        try:
            found.append(_checked(record(GROUP)(each)))
        except Wrong as error:
            raise error.below(place) from error
    return found


def _checked(read: dict[str, Any]) -> dict[str, Any]:
    if read.get("skip", 0.0) + read.get("expire", 0.0) > 1 + SLACK:
        raise Wrong("skip and expire add up to more than 1", "skip")
    if ("count" in read) == ("share" in read):
        raise Wrong("a group has either a count or a share", "share" if "share" in read else "name")
    return read


def _where(content: Mapping[str, Any], path: Sequence[str | int]) -> str:
    """The names around what is wrong: which group, then the tables in it."""
    names = [str(each) for each in path if each != "group"]
    if len(path) > 1 and isinstance(path[1], int):
        named = content["group"][path[1]]
        name = named.get("name") if isinstance(named, dict) else None
        names[0] = f"group {name!r}" if isinstance(name, str) else f"group {path[1] + 1}"
    return f"{', '.join(names)}: " if names else ""


def _counts(performers: int | None, groups: Sequence[Mapping[str, Any]]) -> list[int]:
    """How many people each group has; shares are of all, rounded so that they add up."""
    if all("count" in each for each in groups):
        if performers not in (None, sum(each["count"] for each in groups)):
            raise Wrong("the counts of the groups add up to another number", "performers")
        return [each["count"] for each in groups]
    odd = next((place for place, each in enumerate(groups) if "count" in each), None)
    if odd is not None:
        raise Wrong("some groups have counts and others shares", "group", odd, "count")
    shares = [each["share"] for each in groups]
    if abs(sum(shares) - 1) > SLACK:
        raise Wrong(f"the shares of the groups add up to {sum(shares):g}, not to 1", "group", len(groups) - 1, "share")
    bounds = [round((performers or PERFORMERS) * sum(shares[:place])) for place in range(len(shares) + 1)]
    return [high - low for low, high in pairwise(bounds)]


def _group(read: Mapping[str, Any]) -> dict[str, Any]:
    kind = read.get("kind", "careful")
    return {
        "name": read.get("name", kind),
        "kind": kind,
        "accuracy": read.get("accuracy", 0.9),
        "profiles": read.get("profile") or Profiles(),
        "conduct": _conduct(read, kind),
    }


def _conduct(read: Mapping[str, Any], kind: str) -> Conduct:
    projects = read.get("projects", {})
    same = ("skip", "expire", "replies", "likes", "hours", "carelessness", "leaves_after", "learning")
    return Conduct(
        **{name: read[name] for name in same if name in read},
        likes_in={name: each["likes"] for name, each in projects.items() if "likes" in each},
        speed=read.get("seconds_per_task"),
        speed_in={name: each["seconds_per_task"] for name, each in projects.items() if "seconds_per_task" in each},
        page_seconds=read.get("seconds_per_page", HASTY_SECONDS if kind == "cheater" else None),
        abilities={
            **_abilities(None, read),
            **{key: found for name, each in projects.items() for key, found in _abilities(name, each).items()},
        },
        voice=f"colluders {read.get('name', kind)}" if read.get("colludes") else None,
    )


def _abilities(project: str | None, read: Mapping[str, Any]) -> dict[tuple[str | None, str | None], Ability]:
    """What was said of a project, or of all, and of output fields in it."""
    own = ability(read)
    said = {} if own == Ability() else {(project, None): own}
    return {**said, **{(project, name): ability(each) for name, each in read.get("fields", {}).items()}}
