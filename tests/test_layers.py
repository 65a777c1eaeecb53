"""Who may import whom: docs/design.md's table, held by the code; and how big files and functions are."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).parent.parent
OURS = {
    "store": {"store"},
    "webhooks": {"store", "webhooks"},
    "handlers": {"store", "handlers"},
    "simulator": {"simulator", "webhooks.signature", "store.errors"},
    "app": {"store", "webhooks", "handlers", "simulator", "app"},
}
THEIRS: dict[str, set[str]] = {
    "store": set(),
    "store/migrations.py": {"sqlite_utils"},
    "webhooks": {"flask", "werkzeug", "prometheus_client"},
    "handlers": {"toloka", "httpx", "urllib3"},
    "handlers/gateway.py": {"tenacity"},
    "handlers/media.py": {"botocore"},
    "handlers/storage.py": {"boto3", "botocore"},
    "handlers/votes.py": {"numpy", "pandas"},
    "handlers/fits.py": {"numpy", "pandas"},
    "handlers/aggregators.py": {"crowdkit"},
    "handlers/aggregation.py": {"crowdkit", "numpy", "pandas"},
    "simulator": {"flask", "werkzeug", "numpy"},
    "app": {"click", "rich", "gunicorn", "PIL", "matplotlib", "pyarrow", "flask", "packaging", "jsonschema"},
    "app/notebook.py": {"pandas"},
    "app/label_methods.py": {"pandas"},
    "app/method_files.py": {"pandas"},
    "app/label_scores.py": {"pandas", "sklearn"},
}
SIMULATOR = (
    ("elements", "toml"),
    ("crowd",),
    ("records",),
    ("contents", "account"),
    ("offering",),
    ("quality",),
    ("nouns",),
    ("results", "world"),
    ("memory", "delivery"),
    ("faults", "page"),
    ("api",),
)
"""Its folders from the ground up: a file knows its own folder and those of the rows before."""
RECEIVER = {"store", "webhooks", "app.config", "app.web", "app"}
FILES = sorted(path for package in OURS for path in (ROOT / package).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            module = node.module or ""
            yield module
            inside = ROOT.joinpath(*module.split("."))
            yield from (f"{module}.{alias.name}" for alias in node.names if (inside / f"{alias.name}.py").is_file())


def within(module: str, allowed: set[str]) -> bool:
    return any(module == each or module.startswith(f"{each}.") for each in allowed)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_what_its_package_may(path: Path) -> None:
    relative = path.relative_to(ROOT)
    package = relative.parts[0]
    theirs = THEIRS[package] | THEIRS.get(str(relative), set())
    for module in imported(path):
        top = module.partition(".")[0]
        if top in OURS:
            assert within(module, OURS[package]), f"{relative} must not import {module}"
        elif top not in sys.stdlib_module_names | {"_typeshed"}:
            assert top in theirs, f"{relative} must not import {top}"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "simulator").glob("*/*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_simulators_folders_stand_on_each_other(path: Path) -> None:
    row = next(at for at, row in enumerate(SIMULATOR) if path.parent.name in row)
    allowed = {f"simulator.{name}" for row in SIMULATOR[:row] for name in row} | {f"simulator.{path.parent.name}"}
    for module in imported(path):
        assert not module.startswith("simulator.") or within(module, allowed), f"{path} must not import {module}"


def test_the_receivers_entry_knows_only_store_and_webhooks() -> None:
    ours = [module for module in imported(ROOT / "app/web.py") if module.partition(".")[0] in OURS]
    assert ours
    assert all(within(module, RECEIVER) for module in ours)


def test_there_is_no_import_cycle() -> None:
    graph = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): set(imported(path))
        for path in FILES
        if path.name != "__init__.py"
    }
    done: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, f"cycle: {' -> '.join((*above, module))}"
        if module in graph and module not in done:
            for other in graph[module]:
                visit(other, (*above, module))
            done.add(module)

    for each in graph:
        visit(each, ())


def test_files_and_functions_stay_small() -> None:
    files = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    functions = [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]
    largest = max(files, key=lambda path: files[path])
    print(
        f"\n{len(files)} files: median {median(files.values()):.0f} lines, largest {files[largest]}"
        f" ({largest.relative_to(ROOT)}); {len(functions)} functions: median {median(functions):.0f} lines,"
        f" p95 {quantiles(functions, n=20)[-1]:.0f}, longest {max(functions)}"
    )
    assert files[largest] <= 350
