"""Data sets of Kaggle through its own package over real HTTP: fetched once, and one line for all that can go wrong."""

import io
import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from kaggle_site import DOWNLOAD, INTROSPECT, KaggleSite

from app.kaggle_sets import BadName, local
from app.samples import write_samples

SETS = "from app.cli import main; main()"
WITHOUT_PACKAGE = f"import sys; sys.modules['kaggle'] = None; {SETS}"
SIGNED_IN = {"KAGGLE_USERNAME": "me", "KAGGLE_KEY": "secret"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[KaggleSite]:
    folder = write_samples(tmp_path / "smears", 2)
    archives = {
        "me/smears": zipped({path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}),
        "me/evil": zipped({"../../evil.jpg": b"x", "/tmp/evil.jpg": b"x"}),
        "me/web-page": b"<html>Sign in</html>",
    }
    with KaggleSite(archives) as site:
        yield site


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def crops(
    folder: Path, name: str, out: str, env: dict[str, str], script: str = SETS
) -> subprocess.CompletedProcess[str]:
    """`crowdhook crops kaggle:NAME` in a process of its own: the package reads its settings when it is imported."""
    clean = {
        key: value for key, value in os.environ.items() if not key.upper().startswith(("KAGGLE_", "HTTP", "NO_PRO"))
    }
    return subprocess.run(
        [sys.executable, "-c", script, "crops", f"kaggle:{name}", "--out", str(folder / out)],
        env={**clean, "HOME": str(folder / "home"), "CROWDHOOK_CACHE": str(folder / "cache"), **env},
        capture_output=True,
        text=True,
        timeout=120,
    )


def refused(ended: subprocess.CompletedProcess[str], folder: Path, *words: str) -> None:
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.startswith("crowdhook: ")
    assert len(ended.stderr.splitlines()) == 1
    for word in words:
        assert word in ended.stderr
    assert [path for path in (folder / "cache").rglob("*") if path.is_file()] == []
    assert not (folder / "out").exists()


def test_a_data_set_is_fetched_unpacked_kept_and_not_fetched_again(tmp_path: Path, site: KaggleSite) -> None:
    first = crops(tmp_path, "me/smears", "out", {**site.env, **SIGNED_IN})
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("Cut: white cell ")
    assert site.asked == [DOWNLOAD, "/storage/me/smears"]
    assert site.authorized[0].startswith("Basic ")
    kept = tmp_path / "cache" / "kaggle" / "me" / "smears"
    assert sorted(path.name for path in kept.iterdir()) == ["Annotations", "JPEGImages"]
    assert [path.name for path in kept.parent.iterdir()] == ["smears"]
    again = crops(tmp_path, "me/smears", "again", {})
    assert (again.returncode, again.stdout.replace("again", "out")) == (0, first.stdout)
    assert len(site.asked) == 2


def test_a_token_signs_in_too(tmp_path: Path, site: KaggleSite) -> None:
    made = crops(tmp_path, "me/smears", "out", {**site.env, "KAGGLE_API_TOKEN": "right"})
    assert made.returncode == 0, made.stderr
    assert INTROSPECT in site.asked
    assert site.authorized[-1] == "Bearer right"


def test_without_credentials_it_says_where_they_come_from(tmp_path: Path, site: KaggleSite) -> None:
    refused(
        crops(tmp_path, "me/smears", "out", site.env), tmp_path, "KAGGLE_API_TOKEN", "https://www.kaggle.com/settings"
    )
    assert site.asked == []


def test_credentials_that_are_refused_are_told(tmp_path: Path, site: KaggleSite) -> None:
    site.refuses = 401
    refused(crops(tmp_path, "me/nothing", "out", {**site.env, **SIGNED_IN}), tmp_path, "KAGGLE_API_TOKEN", "refused")


@pytest.mark.parametrize("status", [403, 404])
def test_a_data_set_that_is_not_there_is_named(tmp_path: Path, site: KaggleSite, status: int) -> None:
    site.refuses = status
    refused(crops(tmp_path, "me/nothing", "out", {**site.env, **SIGNED_IN}), tmp_path, "no such data set", "me/nothing")


def test_an_unreachable_kaggle_is_told(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = {"KAGGLE_API_ENVIRONMENT": "LOCALHOST", "http_proxy": f"http://127.0.0.1:{closed.getsockname()[1]}"}
        refused(
            crops(tmp_path, "me/smears", "out", {**nobody, **SIGNED_IN}), tmp_path, "cannot be reached", "try again"
        )


def test_what_is_no_archive_is_not_kept(tmp_path: Path, site: KaggleSite) -> None:
    refused(crops(tmp_path, "me/web-page", "out", {**site.env, **SIGNED_IN}), tmp_path, "no zip file", "me/web-page")


def test_no_file_leads_out_of_the_folder(tmp_path: Path, site: KaggleSite) -> None:
    made = crops(tmp_path, "me/evil", "out", {**site.env, **SIGNED_IN})
    assert made.returncode == 2  # there is nothing to cut
    kept = tmp_path / "cache" / "kaggle" / "me" / "evil"
    assert sorted(path.relative_to(kept).as_posix() for path in kept.rglob("*.jpg")) == ["evil.jpg", "tmp/evil.jpg"]
    assert [path for path in tmp_path.rglob("evil.jpg") if not path.is_relative_to(kept)] == []


def test_without_the_package_it_says_how_to_install_it(tmp_path: Path) -> None:
    refused(
        crops(tmp_path, "me/smears", "out", SIGNED_IN, WITHOUT_PACKAGE), tmp_path, "pip install 'crowdhook[kaggle]'"
    )


@pytest.mark.parametrize("name", ["", "smears", "me/", "/smears", "me/../smears", "me/smears/3", "me/.."])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadName, match="kaggle:owner/name"):
        local(f"kaggle:{name}", tmp_path)


def test_every_other_name_is_a_path(tmp_path: Path) -> None:
    assert local("kaggle/me", tmp_path) == Path("kaggle/me")
