"""Images in SQLite: which file or object an address stands for."""

from collections.abc import Collection, Sequence
from dataclasses import asdict

from store.media import Media
from store.rows import id_list, media_from
from store.sqlite_file import SqliteFile

_REGISTER = """
    INSERT INTO media (token, pipeline, run, key, sha256, bytes, content_type, path, mtime_ns, bucket, object, uploaded)
    VALUES (:token, :pipeline, :run, :key, :sha256, :bytes, :content_type, :path, :mtime_ns, :bucket, :object,
            :uploaded)
    ON CONFLICT (token) DO UPDATE SET path = excluded.path, mtime_ns = excluded.mtime_ns,
        uploaded = excluded.uploaded OR (uploaded AND bucket IS excluded.bucket AND object IS excluded.object),
        bucket = excluded.bucket, object = excluded.object
"""
_OF_RUN = "SELECT * FROM media WHERE pipeline = ? AND run = ? ORDER BY key, token"
_MARK = "UPDATE media SET uploaded = 1 WHERE bucket IS NOT NULL AND token IN (SELECT value FROM json_each(?))"
_UNSHARED = """
    SELECT * FROM media WHERE bucket IS NOT NULL AND token IN (SELECT value FROM json_each(:tokens))
    AND NOT EXISTS (
        SELECT 1 FROM media AS other WHERE other.bucket = media.bucket AND other.object = media.object
        AND other.token NOT IN (SELECT value FROM json_each(:tokens)))
    ORDER BY token
"""
_FORGET = "DELETE FROM media WHERE token IN (SELECT value FROM json_each(?))"


class SqliteMedia(SqliteFile):
    """Images by the token in their address."""

    def media(self, token: str) -> Media | None:
        """Return the image whose address has this token; None if there is none."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM media WHERE token = ?", (token,)).fetchone()
        return None if row is None else media_from(row)

    def register_media(self, media: Sequence[Media]) -> None:
        """Keep where images are, all or none; one that is known already stays uploaded if its object is the same."""
        rows = [asdict(each) | {"path": str(each.path)} for each in media]
        with self._database.writing() as connection:
            connection.executemany(_REGISTER, rows)

    def media_of(self, pipeline: str, run: str) -> list[Media]:
        """Return the images of a run by (key, token); a file that changed has one for each content it had."""
        with self._database.reading() as connection:
            return [media_from(row) for row in connection.execute(_OF_RUN, (pipeline, run)).fetchall()]

    def mark_uploaded(self, tokens: Collection[str]) -> None:
        """Note that the objects of these images are in their bucket."""
        with self._database.writing() as connection:
            connection.execute(_MARK, (id_list(tokens),))

    def unshared_media(self, tokens: Collection[str]) -> list[Media]:
        """Return those of these images whose object no image but these uses, by token."""
        with self._database.reading() as connection:
            rows = connection.execute(_UNSHARED, {"tokens": id_list(tokens)}).fetchall()
        return [media_from(row) for row in rows]

    def forget_media(self, tokens: Collection[str]) -> None:
        """Forget images: their addresses show nothing any more."""
        with self._database.writing() as connection:
            connection.execute(_FORGET, (id_list(tokens),))
