"""What the tests of this room share: two undisturbed rehearsals."""

import pytest
from calm import FULL, Calm, mortal_worker, options

from app.segmentation import rehearse


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Calm:
    out, folder = tmp_path_factory.mktemp("calm"), tmp_path_factory.mktemp("diary")
    return Calm(out, folder, rehearse(options(out, worker=mortal_worker(folder))))


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Calm:
    """Pages of five tasks, control questions among the others, and a person who decides what is held."""
    out, folder = tmp_path_factory.mktemp("full"), tmp_path_factory.mktemp("full-diary")
    return Calm(out, folder, rehearse(options(out, worker=mortal_worker(folder), **FULL)))
