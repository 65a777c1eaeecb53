"""Numbers that options take."""

import math
from typing import Any

import click


class Amount(click.FloatRange):
    """A number within bounds; neither infinite nor none at all, as `inf` and `nan` would be."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it; click tells what is wrong."""
        found = float(super().convert(value, param, ctx))
        if not math.isfinite(found):
            self.fail(f"{value} is not a number to count with.", param, ctx)
        return found


SHARE = Amount(0.0, 1.0)
DOLLARS = Amount(0, min_open=True)
