"""Which secret Toloka shall sign a tag's notifications with: the keyring's newest, or the environment's last."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.keyring import Keyring
from store.errors import CrowdhookError

TAG = re.compile(r"[A-Za-z0-9-]{1,64}")


class BadTag(CrowdhookError):
    """A tag is 1 to 64 letters, digits and dashes:"""


class NothingToRotate(CrowdhookError):
    """This tag has no secret yet: `crowdhook subscribe` makes one."""


class KeptByYou(CrowdhookError):
    """This tag's secret stands in CROWDHOOK_WEBHOOK_SECRETS, where no command can change it. Rotate it by hand:"""


@dataclass(frozen=True, slots=True)
class Signing:
    """One tag's secrets. `own` are those that the environment holds, by tag; `clock` is machine time."""

    keyring: Keyring
    own: Mapping[str, Sequence[str]] = field(repr=False)
    tag: str
    clock: Callable[[], float]

    def __post_init__(self) -> None:
        if not TAG.fullmatch(self.tag):
            raise BadTag(f"{self.tag!r} is none.")

    def secret(self) -> str:
        """Return the secret to sign with; the first call for a tag without any makes one."""
        made = self.keyring.secrets(self.tag)
        if made:
            return made[-1].text
        own = self.own.get(self.tag, ())
        return own[-1] if own else self.keyring.add(self.tag).text

    @property
    def rotating(self) -> bool:
        """Say whether a rotation began and did not end: two secrets are believed for good."""
        return sum(each.until is None for each in self.keyring.secrets(self.tag)) > 1

    def check_rotatable(self) -> None:
        """Raise KeptByYou or NothingToRotate, unless the keyring holds this tag's secret."""
        if self.keyring.secrets(self.tag):
            return
        if not self.own.get(self.tag):
            raise NothingToRotate
        raise KeptByYou(
            f"write the new one behind the old ({self.tag}:OLD,{self.tag}:NEW), restart `crowdhook serve`, run"
            " `crowdhook subscribe`, and take the old one out a day later."
        )

    def begin(self) -> str:
        """Make a new secret beside the old, unless a rotation is under way already; return the newest."""
        return self.secret() if self.rotating else self.keyring.add(self.tag).text

    def end(self, grace_seconds: float) -> float:
        """Believe the old secrets only for so long; return until when (machine time)."""
        until = self.clock() + grace_seconds
        self.keyring.retire(self.tag, until)
        return until

    def tidy(self) -> None:
        """Forget the secrets whose time is over."""
        self.keyring.drop(self.tag, self.clock())
