"""What it means when a receiver's URL answers with an HTTP status that is not 200, and what to do about it."""

NOT_SIGNED = "the receiver does not know the secret: it reads another keyring (CROWDHOOK_KEYRING) than this command"
_MEANINGS = {
    400: "something on the way changes the body: it must be passed on byte for byte",
    401: NOT_SIGNED,
    403: "a proxy or firewall forbids it: let POST /webhooks/ pass",
    404: "wrong path: give --url as the outside sees it, and let the proxy pass /webhooks/ on unchanged",
    405: "what is there takes no POST: give --url as the outside sees it, and let the proxy pass /webhooks/ on",
    408: "the body did not arrive in time: look at the proxy",
    411: "a proxy wants a Content-Length: look at its settings",
    413: "a proxy refuses the size: let it pass bodies of 1 MiB",
    415: "something on the way changes the content type or compresses the body: it must be passed on unchanged",
    429: "a proxy limits the rate: take /webhooks/ out of the limit",
    500: "the receiver failed: its log says why",
    502: "the proxy does not reach the receiver: start `crowdhook serve`, or look at the proxy's upstream",
    503: "the receiver cannot store events, or the proxy does not reach it: /readyz and its log say why",
    504: "the receiver is too slow, or the proxy does not reach it: start `crowdhook serve`, look at /readyz",
}


def meaning(status: int) -> str:
    """Return what a status means to whoever registers the URL, as "HTTP 404, wrong path: …"."""
    if 300 <= status < 400:
        known = "it redirects, and Toloka does not follow: give --url the address that it leads to"
    else:
        known = _MEANINGS.get(status, "that is no answer of a receiver of ours: look at what listens there")
    return f"HTTP {status}, {known}"
