"""Tables that people give: TSV and CSV files, as the cells of the columns that are wanted."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from store.errors import CrowdhookError

TABLES = {".tsv": "\t", ".csv": ","}


class BadTable(CrowdhookError):
    """This table cannot be used: it must be UTF-8, with a line of column names, and nothing missing:"""


def read_rows(table: Path, *wanted: Sequence[str]) -> list[tuple[int, tuple[str, ...]]]:
    """Read a .tsv or .csv: of each row its line and its cells of the wanted columns, stripped; a short row has "".

    Each wanted column is given by the names that it may have; the first one that is there counts. Raises BadTable.
    """
    try:
        with table.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines, delimiter=TABLES[table.suffix.lower()])
            columns = [_column(table, reader.fieldnames or (), names) for names in wanted]
            return [(reader.line_num, tuple((row[name] or "").strip() for name in columns)) for row in reader]
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise BadTable(f"{table}: {error}") from error


def named_rows(path: Path, wrong: type[CrowdhookError]) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Read a CSV file as it is: its columns, and of each row its line and its cells by column; a short row has "".

    Raises `wrong`, naming the line, where it is not UTF-8, not CSV, or a row has more cells than there are columns;
    OSError.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise wrong(f"{path} line {line}: not UTF-8 text.") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, restval="")
    try:
        header = list(reader.fieldnames or ())
        rows = [(reader.line_num, dict(row)) for row in reader]
    except csv.Error as error:
        raise wrong(f"{path} line {reader.reader.line_num}: not CSV, {error}.") from error
    for line, row in rows:
        if None in row:
            raise wrong(f"{path} line {line}: more cells than columns.")
    return header, rows


def _column(table: Path, there: Sequence[str], names: Sequence[str]) -> str:
    for name in names:
        if name in there:
            return name
    raise BadTable(f"{table} has no column {names[0]}; its columns are: {', '.join(there) or 'none'}")
