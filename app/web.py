"""The WSGI entry of the receiver: light to import, so that a restart is over before anybody notices."""

import importlib
import os
import shutil
import time
from functools import cache

from flask import Flask

from app.config import Settings
from app.keyring import Keyring
from store.media import Media
from store.sqlite import SqliteLog
from webhooks.media import Presign
from webhooks.web import create_app

READ_SECONDS = 5.0  # that a page may read: one that reads on keeps the worker from emptying the write-ahead log


def application() -> Flask:
    """Return the application that the environment describes; raises BadSetting without a webhook secret."""
    settings = Settings.from_env(os.environ)
    settings.require_secrets()
    folder = settings.database.absolute().parent
    keyring = Keyring(settings.keyring)
    return create_app(
        SqliteLog(settings.database, time.time, read_seconds=READ_SECONDS),
        secrets=lambda tag: (*settings.webhook_secrets.get(tag, ()), *keyring.live(tag, time.time())),
        page_password=settings.page_password,
        free_bytes=lambda: shutil.disk_usage(folder).free,
        machine_clock=time.time,
        platform_clock=time.time,
        presign=_presigner(settings.s3_endpoint),
    )


def _presigner(endpoint: str | None) -> Presign:
    """Return what signs addresses of uploaded images.

    An import statement would load boto3 at every start, and most receivers never need it: it is looked up by name when
    the first such image is asked for.
    """

    @cache
    def loaded() -> Presign:
        presign: Presign = importlib.import_module("app.presigning").presigner(endpoint)
        return presign

    def presign(media: Media, method: str) -> str:
        return loaded()(media, method)

    return presign
