"""The whole state of a world as bytes and back; reading bytes runs nothing but the making of our own records."""

import io
import pickle
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import is_dataclass
from typing import Any

from simulator.history import History
from simulator.performers import Answers, Population
from simulator.registers import Register
from simulator.schedule import Schedule
from simulator.state import State
from store.errors import CrowdhookError

PLAIN = {each.__name__: each for each in (set, frozenset, dict, list, tuple, bytearray, object)}
CONTAINERS = {each.__name__: each for each in (Counter, OrderedDict, defaultdict, deque)}
OWN = (State, Schedule, Register, History)


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
        if module in ("builtins", "collections") and name in (PLAIN if module == "builtins" else CONTAINERS):
            return PLAIN.get(name) or CONTAINERS[name]
        found = super().find_class(module, name) if module.startswith("simulator.") and "." not in name else None
        if isinstance(found, type) and (is_dataclass(found) or issubclass(found, tuple) or found in OWN):
            return found
        raise NotAState(f"it names {module}.{name}")
