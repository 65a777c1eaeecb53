"""The whole state of a world as bytes and back; reading bytes runs nothing but the making of our own records."""

import io
import pickle
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterator
from functools import cache
from typing import Any

from simulator.crowd.performers import Answers, Performer, Population
from simulator.records.state import State
from store.errors import CrowdhookError

PERFORMER = "performer "
MOST_NEWCOMERS = 1_000_000
PLAIN = (set, frozenset, dict, list, tuple, bytearray, object, Counter, OrderedDict, defaultdict, deque)


class NotAState(CrowdhookError):
    """This is not the state of a simulator:"""


def frozen(state: State) -> bytes:
    """Everything that the state remembers, but for its crowd and answers, which are code or come from files."""
    written = io.BytesIO()
    _Freezer(written, state).dump(state)
    return written.getvalue()


def thawed(data: bytes, crowd: Population, answers: Answers) -> State:
    """The state that was frozen, with this crowd and these answers; raises NotAState."""
    try:
        state = _Thawer(io.BytesIO(data), crowd, answers).load()
    except NotAState:
        raise
    except Exception as error:
        raise NotAState(f"{error!r}") from error
    if not isinstance(state, State):
        raise NotAState(f"a {type(state).__name__}")
    return state


class _Freezer(pickle.Pickler):
    def __init__(self, written: io.BytesIO, state: State) -> None:
        super().__init__(written, protocol=5)
        self._names = {id(state.crowd): "crowd", id(state.answers): "answers"}

    def persistent_id(self, thing: Any) -> str | None:
        return f"{PERFORMER}{thing.id}" if isinstance(thing, Performer) else self._names.get(id(thing))


class _Thawer(pickle.Unpickler):
    def __init__(self, data: io.BytesIO, crowd: Population, answers: Answers) -> None:
        super().__init__(data)
        self._known: dict[str, Any] = {"crowd": crowd, "answers": answers}
        self._performers = _everybody(crowd)

    def persistent_load(self, name: str) -> Any:
        while name not in self._known:
            performer = next(self._performers)
            self._known[f"{PERFORMER}{performer.id}"] = performer
        return self._known[name]

    def find_class(self, module: str, name: str) -> Any:
        """Our records and plain containers; nothing else can be named."""
        if (module, name) not in _records():
            raise NotAState(f"it names {module}.{name}")
        return _records()[module, name]


def _everybody(crowd: Population) -> Iterator[Performer]:
    """Those who live there, then those who may come."""
    yield from crowd.people()
    for number in range(MOST_NEWCOMERS):
        newcomer = crowd.newcomer(number)
        if newcomer is None:
            return
        yield newcomer


@cache
def _records() -> dict[tuple[str, str], type]:
    """Plain containers, and the classes of the modules that the state is made of."""
    found: dict[tuple[str, str], type] = {(each.__module__, each.__name__): each for each in PLAIN}
    modules = [State.__module__]
    for module in modules:
        named = vars(sys.modules[module]).values()
        for each in (*named, *map(type, named)):
            if isinstance(each, type) and each.__module__.startswith("simulator."):
                found[each.__module__, each.__name__] = each
                modules += {each.__module__} - set(modules)
    return found
