"""Answers out of a person's own function, named as `package.module:function`."""

import importlib
import inspect
import sys
import types
from difflib import get_close_matches
from pathlib import Path

from simulator.crowd.performers import Answers
from store.errors import CrowdhookError

SIGNATURE = "answer(task, project, performer)"


class NoAnswers(CrowdhookError):
    """These answers cannot be used:"""


def named(text: str) -> Answers:
    """Import a function that answers for any project: answer(task, project, performer) -> output values.

    The present folder is looked into, too. Raises NoAnswers, saying what is not there or cannot be called so.
    """
    module_name, colon, name = text.partition(":")
    if not colon or not module_name or not name:
        raise NoAnswers(f"{text!r} is not package.module:function.")
    module = _module(module_name)
    found = getattr(module, name, None)
    if found is None:
        raise NoAnswers(f"{module_name} has no {name}{_meant(module, name)}.")
    if not callable(found):
        raise NoAnswers(f"{text} is no function but a {type(found).__name__}.")
    try:
        inspect.signature(found).bind({}, {}, None)
    except TypeError as error:
        raise NoAnswers(f"{text} cannot be called as {SIGNATURE}: {error}.") from error
    answers: Answers = found
    return answers


def sources(text: str) -> list[Path]:
    """Return the files that a function named so is written in: that of its name, and that where it is defined."""
    modules = (text.partition(":")[0], getattr(named(text), "__module__", None))
    files = {getattr(sys.modules.get(name), "__file__", None) for name in modules if name}
    return [Path(file) for file in sorted(file for file in files if file)]


def _module(name: str) -> types.ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise NoAnswers(f"there is no module {error.name} here.") from error
        raise NoAnswers(f"{name} cannot be imported: {error}.") from error
    except Exception as error:
        raise NoAnswers(f"{name} cannot be imported: {type(error).__name__}: {error}.") from error


def _meant(module: types.ModuleType, name: str) -> str:
    functions = [each for each, value in vars(module).items() if inspect.isfunction(value)]
    near = get_close_matches(name, functions, n=1)
    return f"; did you mean {near[0]}?" if near else ""
