"""The whole state of a world as bytes and back; reading bytes runs nothing but the making of our own records."""

import io
import pickle
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from functools import cache
from typing import Any

from simulator.performers import Answers, Population
from simulator.state import State
from store.errors import CrowdhookError

PLAIN = (set, frozenset, dict, list, tuple, bytearray, object, Counter, OrderedDict, defaultdict, deque)


class NotAState(CrowdhookError):
    """This is not the state of a simulator:"""


def frozen(state: State) -> bytes:
    """Everything that the state remembers, but for its crowd and answers, which are code."""
    written = io.BytesIO()
    _Freezer(written, state).dump(state)
    return written.getvalue()


def thawed(data: bytes, crowd: Population, answers: Answers) -> State:
    """The state that was frozen, with this crowd and these answers; raises NotAState."""
    try:
        state = _Thawer(io.BytesIO(data), {"crowd": crowd, "answers": answers}).load()
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
        return self._names.get(id(thing))


class _Thawer(pickle.Unpickler):
    def __init__(self, data: io.BytesIO, known: dict[str, Any]) -> None:
        super().__init__(data)
        self._known = known

    def persistent_load(self, name: str) -> Any:
        return self._known[name]

    def find_class(self, module: str, name: str) -> Any:
        """Our records and plain containers; nothing else can be named."""
        if (module, name) not in _records():
            raise NotAState(f"it names {module}.{name}")
        return _records()[module, name]


@cache
def _records() -> dict[tuple[str, str], type]:
    """Plain containers, and the classes of the modules that the state is made of."""
    found: dict[tuple[str, str], type] = {(each.__module__, each.__name__): each for each in PLAIN}
    modules = [State.__module__]
    for module in modules:
        for each in vars(sys.modules[module]).values():
            if isinstance(each, type) and each.__module__.startswith("simulator."):
                found[each.__module__, each.__name__] = each
                modules += {each.__module__} - set(modules)
    return found
