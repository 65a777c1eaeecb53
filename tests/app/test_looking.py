"""People know an image again by its content, whatever its address is."""

from pathlib import Path

from app.looking import Eyes
from simulator.crowd.performers import Crowd, answers_by_spec
from simulator.server import Simulator
from simulator.world.world import World


def test_an_image_is_known_by_what_it_shows(tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    shown.mkdir()
    (shown / "x1.png").write_bytes(b"a cell")
    (shown / "x2.png").write_bytes(b"something else")
    (tmp_path / "cell.png").write_bytes(b"a cell")
    eyes = Eyes({"cell": tmp_path / "cell.png"})
    simulator = Simulator(World(Crowd(), answers_by_spec, start=0.0), gate=None, files=shown)
    simulator.start()
    try:
        addresses = [f"{simulator.url}/files/{name}.png" for name in ("x1", "x2", "x3", "x1")]
        assert [eyes(each) for each in addresses] == ["cell", None, None, "cell"]
        assert simulator.requests["GET /files/<path:name>"] == 3
    finally:
        simulator.stop()
    assert eyes(addresses[0]) == "cell"
