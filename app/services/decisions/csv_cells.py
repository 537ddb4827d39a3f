"""Cells of a CSV file that no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Iterable

# What Excel, LibreOffice and Google Sheets begin a formula with; the wide signs are
# taken for the narrow ones by some.
_FORMULA = (*"=+-@\t\r\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cell(value: object) -> str:
    """The text of a value. One that would begin a formula gets an apostrophe before it,
    as OWASP advises; nothing is an empty cell."""
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def lines(rows: Iterable[Iterable[object]]) -> str:
    """The rows as CSV (RFC 4180), every cell quoted."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([cell(value) for value in row] for row in rows)
    return written.getvalue()
