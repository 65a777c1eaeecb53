"""What the machine offers: versions against those the program was made for, and where the database lies."""

from pathlib import Path

import pytest

from app.findings import Level, mebibytes, span
from app.machine_checks import filesystem, sqlite_version, versions


def test_what_is_installed_here_is_what_the_program_needs() -> None:
    assert {each.level for each in versions()} == {Level.OK}


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 44, 5), (3, 45, 9), (3, 50, 6), (3, 51, 2)])
def test_a_sqlite_with_the_bug_is_told_with_what_keeps_it_away(version: tuple[int, int, int]) -> None:
    found = sqlite_version(version)
    assert found.level is Level.OK
    assert "WAL-reset bug" in found.found
    assert "shut it out" in found.found


@pytest.mark.parametrize("version", [(3, 44, 6), (3, 50, 7), (3, 51, 3), (3, 52, 0), (4, 0, 0)])
def test_a_repaired_sqlite_is_told_by_its_number(version: tuple[int, int, int]) -> None:
    assert sqlite_version(version).found == ".".join(map(str, version))


MOUNTS = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:25 / /srv rw - nfs4 server:/srv rw,vers=4.2
31 30 0:26 / /srv/fast\040disk rw - xfs /dev/vdb rw
32 22 0:27 / /tmp rw shared:7 - tmpfs tmpfs rw
""".strip()


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/", "ext4"),
        ("/home/me", "ext4"),
        ("/srv/data", "nfs4"),
        ("/srv/fast disk/a", "xfs"),
        ("/tmp", "tmpfs"),
        ("/srvx", "ext4"),
    ],
)
def test_a_folder_is_on_the_innermost_mount(folder: str, kind: str) -> None:
    assert filesystem(Path(folder), MOUNTS) == kind


@pytest.mark.parametrize(
    ("seconds", "text"), [(-1, "0 s"), (3.4, "3 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172800, "2 days")]
)
def test_a_length_of_time_is_told_in_its_largest_unit(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_sizes_are_told_in_mib_and_gib() -> None:
    assert (mebibytes(3 * 2**20), mebibytes(11 * 2**30)) == ("3 MiB", "11.0 GiB")
