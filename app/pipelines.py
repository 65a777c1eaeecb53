"""Pipelines by name: those that ship with the program, or any module that has a `pipeline`."""

import importlib
import json
import pkgutil
from collections.abc import Mapping

import handlers.pipelines
from handlers.pipeline import Pipeline
from handlers.provisioning import running
from handlers.routing import Registry, Running
from store.contract import Store
from store.errors import CrowdhookError
from store.spending import RunState


class UnknownPipeline(CrowdhookError):
    """There is no such pipeline:"""


def shipped() -> list[str]:
    """Return the names of the pipelines that ship with the program."""
    return sorted(each.name.replace("_", "-") for each in pkgutil.iter_modules(handlers.pipelines.__path__))


def module_of(name: str) -> str:
    """Return the module of a pipeline: a shipped one's by its name, else `name` is a module already."""
    return f"{handlers.pipelines.__name__}.{name.replace('-', '_')}" if name in shipped() else name


def find(name: str) -> Pipeline:
    """Return a pipeline by its name or its dotted module; raises UnknownPipeline, naming the known ones."""
    module = module_of(name)
    try:
        found = importlib.import_module(module).pipeline
    except (ImportError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, ModuleNotFoundError) and error.name and not module.startswith(error.name):
            raise
        known = ", ".join(shipped())
        raise UnknownPipeline(f"{name}. Known are {known}, or name a module that has a `pipeline`.") from error
    if not isinstance(found, Pipeline):
        raise UnknownPipeline(f"{name}: {module}.pipeline is not a Pipeline.")
    return found


def ended(store: Store) -> set[tuple[str, str]]:
    """Return the (pipeline, run) that are put away."""
    runs = {(each.pipeline, each.run) for each in store.bindings()}
    said = {each: store.run_control(*each) for each in runs}
    return {each for each, control in said.items() if control and control.state is RunState.ENDED}


def declared(store: Store) -> dict[str, str]:
    """Return the settings of all runs, as they are kept."""
    return {name: text for name, text in store.notes().items() if name.startswith("settings:")}


def watched(store: Store) -> Registry:
    """Return the runs that are not put away."""
    away = ended(store)
    return Registry(each for each in registry(store).runs if (each.pipeline.name, each.run) not in away)


def registry(store: Store) -> Registry:
    """Return all runs that are set up in this database."""
    notes = store.notes()
    ids: dict[tuple[str, str], dict[str, str]] = {}
    for binding in store.bindings():
        ids.setdefault((binding.pipeline, binding.run), {})[binding.role] = binding.object_id
    return Registry(_running(name, run, bound, notes) for (name, run), bound in sorted(ids.items()))


def remember(store: Store, pipeline: Pipeline, name: str) -> None:
    """Write what the worker needs to find a pipeline again, and what the pages say about its handlers."""
    store.write_note(f"module:{pipeline.name}", module_of(name))
    for listening in pipeline.handlers.values():
        for handler in listening:
            text = " ".join((handler.__doc__ or "").split())
            store.write_note(f"handler:{pipeline.name}:{handler.__name__}", text)


def _running(name: str, run: str, ids: Mapping[str, str], notes: Mapping[str, str]) -> Running:
    pipeline = find(notes.get(f"module:{name}", name))
    values = json.loads(notes.get(f"settings:{name}:{run}", "{}"))
    return running(pipeline, run, pipeline.settings(**values), ids)
