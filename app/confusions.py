"""What simulated people take each class for, as a person says it: a CSV file of chances."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from app.rows import named_rows
from store.errors import CrowdhookError

COLUMNS = ("performer", "truth", "label", "chance")
OTHERS = "*"  # everybody who has no rows of his own
SLACK = 1e-9

Confusion = Mapping[str, Mapping[str, float]]  # by true class, how likely he says what; what is left: the truth


class WrongConfusion(CrowdhookError):
    """What people take classes for cannot be read; put right what is named:"""


def read_confusions(path: Path, classes: Collection[str]) -> dict[str, Confusion]:
    """Read a CSV file with the columns performer, truth, label, chance: a confusion matrix for each performer.

    A performer is a number, his place in the crowd from 0 on, or * for all others. The chances (0..1) of one true class
    add up to at most 1; what is left of it is the chance that he is right. Raises WrongConfusion, OSError.
    """
    header, rows = named_rows(path, WrongConfusion)
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise WrongConfusion(f"{path} line 1: no column {', '.join(missing)}; the columns are {', '.join(header)}.")
    found: dict[str, dict[str, dict[str, float]]] = {}
    for line, row in rows:
        where = f"{path} line {line}"
        performer, truth, label = _names(where, row, classes)
        chances = found.setdefault(performer, {}).setdefault(truth, {})
        chances[label] = chances.get(label, 0.0) + _chance(where, row["chance"])
        if sum(chances.values()) > 1 + SLACK:
            raise WrongConfusion(f"{where}: the chances of {performer} and {truth} add up to more than 1.")
    return dict(found)


def by_performer(confusions: Mapping[str, Confusion], user_ids: Sequence[str]) -> dict[str, Confusion]:
    """Return each person's matrix by his id; `user_ids` are the crowd's, in its order. Raises WrongConfusion."""
    beyond = [each for each in confusions if each != OTHERS and int(each) >= len(user_ids)]
    if beyond:
        raise WrongConfusion(f"there is no performer {beyond[0]}: the crowd has {len(user_ids)}, the first is 0.")
    named = ((user_id, confusions.get(str(at), confusions.get(OTHERS))) for at, user_id in enumerate(user_ids))
    return {user_id: confusion for user_id, confusion in named if confusion is not None}


def _names(where: str, row: Mapping[str, str], classes: Collection[str]) -> tuple[str, str, str]:
    performer = row["performer"].strip()
    if performer != OTHERS and not (performer.isascii() and performer.isdecimal()):
        raise WrongConfusion(f"{where}: performer is {performer!r}: give a number from 0 on, or * for all others.")
    for name in ("truth", "label"):
        if row[name] not in classes:
            raise WrongConfusion(f"{where}: {name} {row[name]!r} is none of the classes {', '.join(classes)}.")
    return performer if performer == OTHERS else str(int(performer)), row["truth"], row["label"]


def _chance(where: str, text: str) -> float:
    try:
        chance = float(text)
    except ValueError:
        chance = -1.0
    if not 0 <= chance <= 1:
        raise WrongConfusion(f"{where}: chance is {text!r}, not a number from 0 to 1.")
    return chance
