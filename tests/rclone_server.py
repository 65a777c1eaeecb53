"""`rclone serve s3`: a storage that checks signatures and keeps objects as files."""

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RCLONE = shutil.which("rclone", path=str(Path(sys.executable).parent))


@contextmanager
def rclone(folder: Path, *options: str, key: str = "AKIDCANARY", secret: str = "secretcanary") -> Iterator[str]:
    """Serve a folder, each folder in it a bucket; gives the endpoint."""
    assert RCLONE is not None
    command = [RCLONE, "serve", "s3", "--config=", "--addr=127.0.0.1:0", f"--auth-key={key},{secret}", *options]
    with subprocess.Popen([*command, str(folder)], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = (re.search(r"server on \[(http://[\d.:]+)/\]", line) for line in process.stderr)
        address = next(found[1] for found in said if found)
        drain = threading.Thread(target=process.stderr.read)
        drain.start()
        try:
            yield address
        finally:
            process.terminate()
            process.wait(30)
            drain.join()
