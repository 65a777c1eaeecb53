"""Fresh addresses of uploaded images, for the receiver; loaded only when the first is asked for."""

from collections.abc import Callable

from handlers.media import presigned
from handlers.storage import s3_client
from store.errors import CrowdhookError
from store.media import Media
from webhooks.media import CannotPresign

SECONDS = 3600  # that an address works; with temporary credentials at most as long as they do


def presigner(endpoint: str | None) -> Callable[[Media, str], str]:
    """Return what signs an address for an image and a method; it raises CannotPresign."""
    try:
        client = s3_client(endpoint)
    except CrowdhookError as error:
        raise CannotPresign(f"({error})") from error

    def presign(media: Media, method: str) -> str:
        try:
            return presigned(client, media, SECONDS, method)
        except CrowdhookError as error:
            raise CannotPresign(f"({error})") from error

    return presign
