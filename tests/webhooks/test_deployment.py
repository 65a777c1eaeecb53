"""Where Toloka can be told to post: a public https URL that is not Toloka's own; on a simulator, this machine too."""

from collections.abc import Sequence

import pytest

from webhooks.deployment import BadUrl, Deployment, addresses_of, checked, not_public, on_this_machine, read_url

SANDBOX = "https://sandbox.toloka.dev"
SIMULATOR = "http://127.0.0.1:8090"
PUBLIC = "93.184.215.14"


def check(text: str, *addresses: str, toloka: str = SANDBOX) -> list[str]:
    return checked(read_url(text), toloka, lambda host, port: addresses)


@pytest.mark.parametrize(
    ("text", "hook"),
    [
        ("https://example.org", "https://example.org/webhooks/toloka/main"),
        ("https://Example.ORG.:443/", "https://example.org/webhooks/toloka/main"),
        ("HTTPS://example.org:8443/crowd/", "https://example.org:8443/crowd/webhooks/toloka/main"),
        ("http://127.0.0.1:80", "http://127.0.0.1/webhooks/toloka/main"),
        ("https://[2606:2800::1]:444/a/b", "https://[2606:2800::1]:444/a/b/webhooks/toloka/main"),
    ],
)
def test_a_url_has_one_spelling_and_keeps_its_prefix(text: str, hook: str) -> None:
    assert read_url(text).hook("main") == hook
    assert read_url(str(read_url(text))) == read_url(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("example.org", "https://host"),
        ("ftp://example.org", "https://host"),
        ("https://", "https://host"),
        ("https://.", "https://host"),
        ("", "https://host"),
        ("https://ann:pass@example.org", "password"),
        ("https://ann@example.org", "password"),
        ("https://@example.org", "password"),
        ("https://example.org?", "query"),
        ("https://example.org/?a=b", "query"),
        ("https://example.org/#top", "fragment"),
        ("https://example.org:0", "port 0"),
        ("https://example.org:99999", "port"),
        ("https://example.org:x", "port"),
        ("https://[::1", "cannot be read"),
        ("https://exa mple.org", "blank"),
        ("https://example.org/\n", "control"),
        ("https://example.org\\@evil.example", "control"),
        ("https://exämple.org", "ASCII"),
        ("https://example.org/a/../b", "parts"),
        ("https://example.org//a", "parts"),
        ("https://example.org/./a", "parts"),
        ("https://example.org/webhooks/toloka/main", "appended"),
        ("https://example.org/webhooks/toloka", "appended"),
    ],
)
def test_a_bad_url_is_named(text: str, words: str) -> None:
    with pytest.raises(BadUrl) as caught:
        read_url(text)
    assert words in str(caught.value)
    assert "pass@" not in str(caught.value)


def test_a_public_https_url_will_do_and_its_addresses_are_told_once_each() -> None:
    assert check("https://example.org", PUBLIC, "2606:2800:220:1::1", PUBLIC) == [PUBLIC, "2606:2800:220:1::1"]


def test_it_must_be_https() -> None:
    with pytest.raises(BadUrl, match="not https"):
        check("http://example.org", PUBLIC)


NOT_PUBLIC = [
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("::1", "loopback"),
    ("10.0.0.1", "private"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.168.1.1", "private"),
    ("fd00::1", "private"),
    ("fd00:ec2::254", "private"),
    ("169.254.169.254", "metadata"),
    ("fe80::1", "metadata"),
    ("168.63.129.16", "cloud"),
    ("100.64.0.1", "CGNAT"),
    ("100.100.100.200", "CGNAT"),
    ("::ffff:10.0.0.1", "IPv4"),
    ("::ffff:93.184.215.14", "IPv4"),
    ("64:ff9b::7f00:1", "IPv4"),
    ("2002:7f00:1::", "IPv4"),
    ("2001:0:1::1", "IPv4"),
    ("0.0.0.0", "not public"),
    ("192.0.2.1", "not public"),
    ("198.18.0.1", "not public"),
    ("224.0.0.1", "not public"),
    ("240.0.0.1", "not public"),
    ("255.255.255.255", "not public"),
    ("192.88.99.1", "not public"),
    ("2001:db8::1", "not public"),
    ("ff02::1", "not public"),
    ("fec0::1", "not public"),
    ("3fff::1", "not public"),
    ("::", "IPv4"),
]


@pytest.mark.parametrize(("address", "kind"), NOT_PUBLIC)
def test_an_address_that_the_internet_does_not_reach_is_refused(address: str, kind: str) -> None:
    with pytest.raises(BadUrl) as caught:
        check("https://example.org", PUBLIC, address)
    assert address in str(caught.value)
    assert kind in str(caught.value)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "172.32.0.1", "100.128.0.1", "2a00:1450:4001::1"])
def test_an_address_that_it_reaches_is_not(address: str) -> None:
    assert not_public(address) == ""


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "2130706433", "017700000001", "127.0.0.1", "[::1]", "localhost"])
def test_no_spelling_of_loopback_gets_through(host: str) -> None:
    with pytest.raises(BadUrl, match="loopback"):
        checked(read_url(f"https://{host}"), SANDBOX, addresses_of)


def test_a_host_that_is_not_known_is_told() -> None:
    with pytest.raises(BadUrl, match="nowhere\\.invalid"):
        checked(read_url("https://nowhere.invalid"), SANDBOX, addresses_of)


@pytest.mark.parametrize("text", ["https://sandbox.toloka.dev", "https://SANDBOX.toloka.dev.:8443/x"])
def test_toloka_itself_is_refused(text: str) -> None:
    with pytest.raises(BadUrl, match="Toloka itself"):
        check(text, PUBLIC)


@pytest.mark.parametrize("text", ["http://127.0.0.1:8080", "http://[::1]:8080", "https://localhost:8080/crowd"])
def test_with_a_simulator_this_machine_will_do(text: str) -> None:
    assert checked(read_url(text), SIMULATOR, addresses_of)


@pytest.mark.parametrize("toloka", [SANDBOX, "https://127.0.0.1.example.org", "http://10.0.0.1:8090"])
def test_only_a_simulator_on_this_machine_makes_loopback_do(toloka: str) -> None:
    assert not on_this_machine(toloka)
    with pytest.raises(BadUrl):
        check("http://127.0.0.1:8080", "127.0.0.1", toloka=toloka)


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1"])
def test_a_simulator_lets_nothing_else_through(address: str) -> None:
    with pytest.raises(BadUrl, match="leads to"):
        check("http://example.org", address, toloka=SIMULATOR)


@pytest.mark.parametrize("toloka", ["http://localhost:1", "https://[::1]:1", "http://127.8.8.8"])
def test_a_simulator_has_many_addresses(toloka: str) -> None:
    assert on_this_machine(toloka)


def test_the_simulator_itself_is_refused() -> None:
    with pytest.raises(BadUrl, match="Toloka itself"):
        check(SIMULATOR, "127.0.0.1", toloka=SIMULATOR)


def test_a_name_is_looked_up_once() -> None:
    """What is returned is what is spoken to afterwards, so a second answer could not be checked."""
    asked: list[tuple[str, int]] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return [PUBLIC]

    assert checked(Deployment("https", "example.org", 443), SANDBOX, resolve) == [PUBLIC]
    assert asked == [("example.org", 443)]
