"""What the tests of this room share: one undisturbed rehearsal."""

import pytest
from calm import Calm, mortal_worker, options

from app.segmentation import rehearse


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Calm:
    out, folder = tmp_path_factory.mktemp("calm"), tmp_path_factory.mktemp("diary")
    return Calm(out, folder, rehearse(options(out, worker=mortal_worker(folder))))
