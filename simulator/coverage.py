"""What the simulator knows of Toloka, told by its own code: `python -m simulator.coverage` writes it into the docs."""

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from simulator.account.subscriptions import EVENT_TYPES
from simulator.api.application import create_app
from simulator.crowd.crowd_forms import GROUP, PROFILE, PROJECT
from simulator.crowd.performers import Crowd, answers_by_spec
from simulator.deviations import DEVIATIONS
from simulator.faults.kinds import KINDS
from simulator.faults.plans import Detail, Kind
from simulator.offering.filters import COMPARISONS, TRAITS
from simulator.quality.rule_forms import COLLECTORS
from simulator.world.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PAGE = Path(__file__).parent.parent / "docs" / "simulator.md"


def routes() -> Iterator[tuple[str, str]]:
    """(method, path) of every call of Toloka's API, its path parameters as {}."""
    world = World(Crowd(performers=1), answers_by_spec, start=0.0)
    app = create_app(world, gate=None, files=None, token=None, requests=lambda after, limit: b"", clock=lambda: 0.0)
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & set(METHODS)):
            if rule.rule.startswith("/api/"):
                yield method, re.sub("<[^>]+>", "{}", rule.rule.removeprefix("/api"))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def calls() -> str:
    """Every path with its methods."""
    by_path: dict[str, set[str]] = defaultdict(set)
    for method, path in routes():
        by_path[path].add(method)
    rows = [[f"`{path}`", *("x" * (each in by_path[path]) for each in METHODS)] for path in sorted(by_path)]
    return _table(["path", *METHODS], rows)


def rules() -> str:
    """Every collector with what its conditions may ask, what may follow, and its parameters."""
    rows = [
        [f"`{kind}`", _words(each.keys), _words(each.actions), _words(each.parameters)]
        for kind, each in sorted(COLLECTORS.items())
    ]
    return _table(["collector", "conditions", "actions", "parameters"], rows)


def traits() -> str:
    """Everything that filters may ask for, with its operators."""
    rows = [[category, f"`{key}`", _words(trait.signs)] for (category, key), trait in sorted(TRAITS.items())]
    return _table(["category", "key", "operators"], [*rows, ["skill", "any skill's id", _words(COMPARISONS)]])


def crowds() -> str:
    """Everything that a crowd file may say."""
    parts = {"[[group]]": GROUP, "[group.projects.NAME]": PROJECT, "[group.profile]": PROFILE}
    return _table(["in", "keys"], [[f"`{part}`", _words(keys)] for part, keys in parts.items()])


def events() -> str:
    """Every type of notification."""
    return _words(EVENT_TYPES)


def _words(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def deviations() -> str:
    """Where answers differ from Toloka's OpenAPI file, and why."""
    rows = [[_words(each.at), each.says, each.does, each.why] for each in DEVIATIONS]
    return _table(["where", "the file says", "the simulator answers", "because"], rows)


STRUCK = {"answers": "request", "notices": "notification"}


def faults() -> str:
    """Everything that may go wrong, by what it strikes."""
    rows = [[f"`{each.name}`", STRUCK[each.of], _besides(each), each.meaning] for each in KINDS.values()]
    return _table(["kind", "of a", "has besides", "what happens to it"], rows)


def _besides(kind: Kind) -> str:
    return ", ".join(f"`{name}{_usual(detail)}`" for name, detail in kind.details.items())


def _usual(detail: Detail) -> str:
    if detail.usual is None:
        return ""
    return f" = {detail.usual:g}" if isinstance(detail.usual, int | float) else f' = "{detail.usual}"'


SECTIONS: dict[str, Callable[[], str]] = {
    "calls": calls,
    "rules": rules,
    "filters": traits,
    "notifications": events,
    "crowd file": crowds,
    "faults": faults,
    "deviations": deviations,
}
"""By the name of its marks."""


def written(page: str) -> str:
    """The page with every section between its marks written anew."""
    for name, section in SECTIONS.items():
        marks = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, _, rest = page.partition(marks[0])
        page = f"{before}{marks[0]}\n{section()}\n{marks[1]}{rest.partition(marks[1])[2]}"
    return page


if __name__ == "__main__":
    page = Path(sys.argv[1]) if sys.argv[1:] else PAGE
    page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8")
