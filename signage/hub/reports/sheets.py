"""A report as XLSX, by XlsxWriter, and its tables as CSV.

A text is written as a text, never as a formula or a link: what a board or a person called a thing is shown, not
run. The same report gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ...errors import Unavailable
from ...spreadsheet import table as csv_table
from . import cells
from .cells import COUNT, DAY, HOURS, LASTED, MINUTES, MOMENT, MONEY, SHARE, VALUE, Value
from .tables import Table

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MAX_ROWS = 1_000_000  # of a sheet; Excel takes 1,048,576
MAX_CELL = 32_000  # characters; Excel takes 32,767
_MADE = datetime(2026, 1, 1, tzinfo=UTC)  # of the file, so that its bytes do not tell when it was written
_NUMBERS = {
    COUNT: "#,##0", MONEY: "#,##0", HOURS: "#,##0.00", MINUTES: "#,##0.0", LASTED: "#,##0.0", SHARE: '0.00" %"',
    MOMENT: "hh:mm dd/mm/yyyy", DAY: "dd/mm/yyyy",
}  # fmt: skip
_WIDTH = {MOMENT: 17, DAY: 12, cells.HASH: 20, VALUE: 24}
_NAME = re.compile(r"[\[\]:*?/\\]")  # may not stand in a sheet's name
_NAMED_MOST = 31  # characters of it


def csv(table: Table) -> bytes:
    """One table, in the ledger's own units: whole milliseconds, parts of 10,000, times by ISO 8601."""
    head = [column.name + _told(cells.EXACT_UNIT.get(column.kind, "")) for column in table.columns]
    if any(column.kind == VALUE for column in table.columns):
        head.append("Đơn vị")
    return csv_table(head, (_exact(table, row) for row in table.lines)).encode()


def _exact(table: Table, row: Sequence[Any]) -> list[str]:
    line, units = [], []
    for column, raw in zip(table.columns, row, strict=True):
        line.append(cells.exact(column.kind, raw))
        if column.kind == VALUE:
            units.append(cells.EXACT_UNIT.get(raw.kind, "") if raw else "")
    return line + units


def _told(unit: str) -> str:
    return f" ({unit})" if unit else ""


def xlsx(title: str, about: Sequence[tuple[str, str]], tables: Sequence[Table], how: Sequence[str]) -> bytes:
    """A workbook: what it is, then a sheet for each table. Raises `Unavailable` (`hub-missing`)."""
    try:
        import xlsxwriter
    except ModuleNotFoundError as error:
        raise Unavailable("hub-missing", missing=error.name) from error
    data = io.BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(data, options) as book:
        book.set_properties({"title": title, "created": _MADE.replace(tzinfo=None), "comments": "bangtin hub report"})
        styles = _Styles(book)
        _cover(book.add_worksheet("Báo cáo"), styles, title, about, how)
        names = {"báo cáo"}
        for table in tables:
            _sheet(book.add_worksheet(_sheet_name(table.title, names)), styles, table)
    return data.getvalue()


class _Styles:
    """The workbook's few formats."""

    def __init__(self, book: Any) -> None:
        text = {"valign": "top", "text_wrap": True}
        self.title: Format = book.add_format({"bold": True, "font_size": 14})
        self.bold: Format = book.add_format({"bold": True, "valign": "top"})
        self.text: Format = book.add_format(text)
        self.head: Format = book.add_format(
            text | {"bold": True, "bg_color": "#14365D", "font_color": "#FFFFFF", "border": 1}
        )
        self._by_kind: dict[tuple[str, bool], Format] = {}
        for kind in (*_NUMBERS, cells.TEXT):
            for total in (False, True):
                form = {"num_format": _NUMBERS[kind], "valign": "top"} if kind in _NUMBERS else text
                more = {"bold": True, "top": 1} if total else {}
                self._by_kind[kind, total] = book.add_format(form | more)

    def of(self, kind: str, total: bool) -> Format:
        return self._by_kind.get((kind, total)) or self._by_kind[cells.TEXT, total]


def _sheet_name(title: str, taken: set[str]) -> str:
    """Excel's limits: 31 characters, some of them not at all, none twice."""
    name = _NAME.sub("-", title)[:_NAMED_MOST].strip()
    while name.lower() in taken:
        name = name[: _NAMED_MOST - 2] + "…2"
    taken.add(name.lower())
    return name


def _cover(
    sheet: Worksheet, styles: _Styles, title: str, about: Sequence[tuple[str, str]], how: Sequence[str]
) -> None:  # fmt: skip
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 96)
    sheet.write_string(0, 0, title, styles.title)
    row = 2
    for name, value in about:
        sheet.write_string(row, 0, name, styles.bold)
        sheet.write_string(row, 1, value, styles.text)
        row += 1
    for number, sentence in enumerate(how):
        sheet.write_string(row + 1 + number, 0, "Cách tính" if number == 0 else "", styles.bold)
        sheet.write_string(row + 1 + number, 1, sentence, styles.text)


def _sheet(sheet: Worksheet, styles: _Styles, table: Table) -> None:
    top = 1 if table.says else 0
    if table.says:
        sheet.write_string(0, 0, table.says)
    for number, column in enumerate(table.columns):
        unit = "phút" if column.kind == LASTED else cells.UNIT.get(column.kind, "")
        named = column.name + ("" if not unit or unit.lower() in column.name.lower() else f" ({unit})")
        sheet.write_string(top, number, named, styles.head)
        sheet.set_column(number, number, _WIDTH.get(column.kind, 14 if column.kind in cells.NUMBERS else 28))
    sheet.freeze_panes(top + 1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    rows = list(table.rows)[:MAX_ROWS]
    if rows:
        sheet.autofilter(top, 0, top + len(rows), len(table.columns) - 1)
    for at, row in enumerate([*rows, *([table.total] if table.total else [])], top + 1):
        total = at > top + len(rows)
        for number, (column, raw) in enumerate(zip(table.columns, row, strict=True)):
            _write(sheet, styles, at, number, column.kind, raw, total)


def _write(sheet: Worksheet, styles: _Styles, row: int, at: int, kind: str, raw: Any, total: bool) -> None:
    if isinstance(raw, Value):
        if raw.kind == LASTED and raw.raw is not None:  # with its unit, since no column's head can tell it
            sheet.write_string(row, at, cells.said(*raw), styles.of(cells.TEXT, total))
            return
        kind, raw = raw
    style = styles.of(kind, total)
    if raw is None:
        sheet.write_blank(row, at, None, style)
    elif kind in cells.NUMBERS:
        sheet.write_number(row, at, cells.number(kind, raw), style)
    elif kind == MOMENT:
        sheet.write_datetime(row, at, cells.local(raw).replace(tzinfo=None, microsecond=0), style)
    elif kind == DAY:
        sheet.write_datetime(row, at, datetime(raw.year, raw.month, raw.day), style)
    else:
        sheet.write_string(row, at, cells.said(kind, raw)[:MAX_CELL], style)
