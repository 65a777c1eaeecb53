"""What importing toloka-kit costs: its package loads its autoquality if it can, and scipy and scikit-learn with it."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

POSTPONED = "toloka.autoquality"


class Postponer(MetaPathFinder):
    """Refuses POSTPONED to the first who asks, which is its own package; whoever imports it afterwards gets it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Say that POSTPONED is not there, once, and nothing of any other module."""
        if fullname != POSTPONED:
            return None
        sys.meta_path.remove(self)
        raise ImportError(f"{POSTPONED} is loaded when it is asked for")


def postpone() -> None:
    """Let toloka-kit be imported in half the time; where it has been imported already, nothing changes."""
    if "toloka" not in sys.modules:
        sys.meta_path.insert(0, Postponer())
