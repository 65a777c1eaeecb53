from simulated import serving


def test_two_ports_write_the_same_lines():
    histories = []
    for _ in range(2):
        with serving() as bench:
            bench.fill(bench.checking(), 3)
            histories.append((bench.url, bench.world.history()))
    assert histories[0][0] != histories[1][0]
    assert histories[0][1] == histories[1][1]
    assert histories[0][1][-1]["input_values"]["image"].startswith("/files/")
