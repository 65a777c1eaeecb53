"""Who signed it: the published vector, and everything that must not pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.signature import BadSignature, sign, verify

SECRET = "12345"
TS = 946728000000
BODY = (
    b'{"events":[{"event_time":"2000-01-01T12:00:00","project_id":"project-1","pool_id":"pool-1",'
    b'"uuid":"00000000-0000-0000-0000-000000000000","task_suite_id":"task-suite-1","assignment_id":"assignment-1",'
    b'"webhook_subscription_id":"subscription-1","type":"ASSIGNMENT_APPROVED"}]}'
)
DIGEST = "609af3eefd4c12b6afad30ab456efcd21fe82f4247d3340151a3ca0c97a6cbcb"
HEADER = f"{{v=1, ts={TS}, sign={DIGEST}}}"


def test_the_published_vector_is_what_we_sign() -> None:
    assert len(BODY) == 273
    assert sign(SECRET, BODY, TS) == HEADER


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        f"{{sign={DIGEST},ts={TS},v=1}}",
        f"{{ v=1 ,  ts={TS} ,sign={DIGEST} }}",
        f"{{v=1, ts={TS}, sign={DIGEST.upper()}}}",
        f"{{v=1, ts={TS}, sign={DIGEST}, kid=7}}",
    ],
)
def test_order_spacing_case_and_further_fields_are_free(header: str) -> None:
    assert verify(header, BODY, [SECRET]) == TS


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "{}",
        f"{{v=2, ts={TS}, sign={DIGEST}}}",
        f"{{ts={TS}, sign={DIGEST}}}",
        f"{{v=1, sign={DIGEST}}}",
        f"{{v=1, ts={TS}}}",
        f"{{v=1, ts={TS + 1}, sign={DIGEST}}}",
        f"{{v=1, ts=0{TS}, sign={DIGEST}}}",
        f"{{v=1, ts=-{TS}, sign={DIGEST}}}",
        f"{{v=1, ts=94_6728000000, sign={DIGEST}}}",
        f"{{v=1, ts=٩٤٦٧٢٨٠٠٠٠٠٠, sign={DIGEST}}}",
        f"{{v=1, ts={'9' * 20}, sign={DIGEST}}}",
        f"{{v=1, ts={TS}, sign={DIGEST[:-1]}}}",
        f"{{v=1, ts={TS}, sign={DIGEST}0}}",
        f"{{v=1, ts={TS}, sign={'é' * 64}}}",
        f"{{v=1, ts={TS}, sign=}}",
        f"{HEADER},{HEADER}",
        f"{{v=1, v=1, ts={TS}, sign={DIGEST}}}",
        "{v=1, ts=\x00, sign=\x00}",
    ],
)
def test_any_other_header_is_refused(header: str | None) -> None:
    with pytest.raises(BadSignature):
        verify(header, BODY, [SECRET])


def test_leading_zeros_may_be_missing() -> None:
    ts = next(ts for ts in range(TS, TS + 2000) if "sign=00" in sign(SECRET, BODY, ts))
    shortened = sign(SECRET, BODY, ts).replace("sign=00", "sign=")
    assert verify(shortened, BODY, [SECRET]) == ts


def test_every_live_secret_counts_and_no_other() -> None:
    assert verify(HEADER, BODY, ["the next one", SECRET, "the last one"]) == TS
    for secrets in ([], ["1234"], ["12345 "]):
        with pytest.raises(BadSignature):
            verify(HEADER, BODY, secrets)


@pytest.mark.parametrize("body", [b"", BODY + b"\n", BODY[:-1], BODY.replace(b":", b": ")])
def test_another_body_is_refused(body: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(HEADER, body, [SECRET])


@given(secret=st.text(st.characters(codec="utf-8"), min_size=1), body=st.binary(), ts=st.integers(0, 10**16 - 1))
def test_what_we_sign_we_accept(secret: str, body: bytes, ts: int) -> None:
    assert verify(sign(secret, body, ts), body, [secret]) == ts


@given(header=st.text())
def test_noise_is_refused_and_nothing_worse(header: str) -> None:
    with pytest.raises(BadSignature):
        verify(header, BODY, [SECRET])


@given(at=st.integers(0, len(HEADER) - 1), char=st.characters(max_codepoint=0x2FF))
def test_a_changed_time_or_digest_is_refused(at: int, char: str) -> None:
    mutated = HEADER[:at] + char + HEADER[at + 1 :]
    tampered = HEADER[at].isalnum() and char.lower() != HEADER[at]
    try:
        assert verify(mutated, BODY, [SECRET]) == TS
    except BadSignature:
        return
    assert not tampered
