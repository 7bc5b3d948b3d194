"""A table that a spreadsheet opens: CSV (RFC 4180) with a byte order mark, and no cell that it would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

MARK = "\ufeff"  # Excel takes a CSV without it for the old encoding of its machine
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is run, not shown (OWASP, “CSV injection”)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The whole file's text."""
    text = io.StringIO(newline="")
    text.write(MARK)
    made = csv.writer(text)
    made.writerow(head)
    made.writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def _plain(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
