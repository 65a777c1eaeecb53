"""The root of our errors: an exception's docstring is its message, `temporary` says whether trying again can help."""


class CrowdhookError(Exception):
    """Something went wrong."""

    temporary = False

    def __init__(self, detail: str = "") -> None:
        summary = (type(self).__doc__ or "").strip()
        super().__init__(f"{summary} {detail}".strip() if detail else summary)
        self.detail = detail


class StoreBusy(CrowdhookError):
    """The database did not take the write in time; nothing was stored, send it again."""

    temporary = True


class StoreSlow(CrowdhookError):
    """The database did not answer in time: ask again."""

    temporary = True


class StoreFull(CrowdhookError):
    """The disk is full; nothing was stored, make room and send it again."""

    temporary = True


class SchemaTooNew(CrowdhookError):
    """This database was written by a newer Crowdhook: upgrade the program, or use another database."""


class ForeignDatabase(CrowdhookError):
    """This database belongs to another account or environment: use the database that belongs to this one."""


class NotADatabase(CrowdhookError):
    """This file is not a Crowdhook database: name another file."""


class MayNotSpend(CrowdhookError):
    """The run may not spend this now; nothing was written."""


class CopyNotSound(CrowdhookError):
    """The copy is not sound and was removed: `crowdhook doctor --thorough` says what is wrong with the database."""


class LaneLost(CrowdhookError):
    """Another worker holds this lane now; what this one was about to write was not written."""
