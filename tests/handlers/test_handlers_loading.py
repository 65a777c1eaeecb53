import subprocess
import sys

import pytest

QUIET = [sys.executable, "-W", "ignore", "-c"]


@pytest.mark.parametrize(
    ("script", "loaded"),
    [
        ("import handlers, toloka.client", False),
        ("import handlers, toloka.client, toloka.autoquality", True),
        ("import handlers, toloka.autoquality", True),
        ("import toloka.client, handlers", True),
    ],
)
def test_autoquality_is_loaded_by_those_who_ask_for_it(script, loaded):
    told = "; import sys; print('sklearn' in sys.modules, 'toloka.autoquality' in sys.modules)"
    run = subprocess.run([*QUIET, script + told], capture_output=True, text=True, check=True)
    assert run.stdout.split() == [str(loaded)] * 2
