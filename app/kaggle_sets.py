"""Data sets of Kaggle, fetched once and kept: `kaggle:owner/name`."""

import importlib
import re
import sys
import zipfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from store.errors import CrowdhookError

KAGGLE = "kaggle:"
_NAME = re.compile(r"[A-Za-z0-9][\w-]*/[A-Za-z0-9][\w-]*")
REFUSED, DENIED, MISSING = 401, 403, 404  # HTTP statuses


class BadName(CrowdhookError):
    """A data set of Kaggle is named kaggle:owner/name, as in its address:"""


class NoPackage(CrowdhookError):
    """Data sets of Kaggle need its package: pip install 'crowdhook[kaggle]'."""


class NoCredentials(CrowdhookError):
    """Kaggle wants to know who asks: make a token at https://www.kaggle.com/settings and put it in KAGGLE_API_TOKEN."""


class NoSuchDataset(CrowdhookError):
    """Kaggle has no such data set, or does not show it to this account:"""


class NoKaggle(CrowdhookError):
    """Kaggle cannot be reached, or broke off; nothing was kept, try again:"""

    temporary = True


class BadArchive(CrowdhookError):
    """What Kaggle sent is no zip file; nothing was kept, try again:"""


def local(dataset: str, cache: Path) -> Path:
    """Return where a data set is: its path, or the folder in `cache` that it is fetched to if Kaggle has it.

    What was fetched stays and is not fetched again; delete its folder for a newer one. Raises BadName, NoPackage,
    NoCredentials, NoSuchDataset, NoKaggle, BadArchive.
    """
    if not dataset.startswith(KAGGLE):
        return Path(dataset)
    name = dataset.removeprefix(KAGGLE)
    if not _NAME.fullmatch(name):
        raise BadName(name)
    folder = cache.expanduser() / "kaggle" / name
    if not folder.exists():
        _fetch(name, folder)
    return folder


def _fetch(name: str, folder: Path) -> None:
    """Download and unpack beside the folder, and give it its name when all of it is there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".fetching-") as place:
        archive = _downloaded(name, Path(place))
        unpacked = Path(place) / "unpacked"
        unpacked.mkdir()
        try:
            with zipfile.ZipFile(archive) as zipped:
                zipped.extractall(unpacked)
        except zipfile.BadZipFile as error:
            raise BadArchive(f"{name}: {error}") from error
        if not folder.exists():  # somebody else may have been faster
            unpacked.replace(folder)


def _downloaded(name: str, place: Path) -> Path:
    with redirect_stdout(StringIO()):  # the package tells people what it does
        try:
            api = _signed_in()
            api.dataset_download_files(name, path=str(place), quiet=not sys.stderr.isatty())
        except (OSError, ValueError) as error:
            raise _told(name, error) from error
    return place / f"{name.partition('/')[2]}.zip"


def _signed_in() -> Any:
    try:
        api = importlib.import_module("kaggle").api  # an extra; it signs in while it is imported
    except ImportError as error:
        raise NoPackage from error
    try:
        api.authenticate()
    except SystemExit as error:
        raise NoCredentials from error
    return api


def _told(name: str, error: Exception) -> CrowdhookError:
    """Say what an error of the package (or of the HTTP library under it) means."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status == REFUSED:
        return NoCredentials("The one that it was given is refused.")
    if status in {DENIED, MISSING}:
        return NoSuchDataset(name)
    return NoKaggle(" ".join(str(error).split()))
