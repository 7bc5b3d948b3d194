"""A report's files, for the command line and for the page: names and bytes, made one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection

from ...errors import BadInput, Problem, Unavailable
from ...schedule import VIETNAM_TIME
from ..store import Store
from ..store.engine import to_ms
from . import collect, handed, paper, periods, sheets
from .certificate import Certificate
from .facts import Commune
from .figures import figures
from .pack import Pack, read_pack
from .periods import Period
from .rollup import RollUp, Summing
from .tables import Report, Table, archived, kept_from
from .telling import report

MOST_KNOWN = 20  # codes that an error names


@dataclass(frozen=True)
class Order:
    """What somebody asked for. `period` None: the month before this one; `commune` None: all of them."""

    folder: Path  # the hub's own
    period_said: str | None
    commune: str | None
    now: datetime
    pdf: bool = True

    @cached_property
    def period(self) -> Period:
        """Raises `BadInput` (`period-bad`)."""
        today = self.now.astimezone(VIETNAM_TIME).date()
        return periods.read(self.period_said) if self.period_said else periods.of(today, periods.MONTH).before

    @cached_property
    def pack(self) -> Pack:
        return read_pack(self.folder)


def of_commune(connection: Connection, commune: Commune, period: Period, pack: Pack, now: int) -> Report:
    """A commune's report, as the store has it: page, files and what is handed in are this one, with one hash."""
    asof = periods.counted_to(period, now)
    return report(figures(collect.collect(connection, commune, period, asof), pack), pack)


def of_all(connection: Connection, communes: list[Commune], period: Period, pack: Pack, now: int) -> RollUp:
    """The roll-up of these communes."""
    asof = periods.counted_to(period, now)
    together = Summing(period, asof, pack, handed.handed_of(connection, period.code))
    for commune in communes:
        together.add(figures(collect.collect(connection, commune, period, asof), pack))
    return together.done()


def reports(store: Store, order: Order) -> Iterator[tuple[str, bytes]]:
    """Of each commune that was asked for, and of all together when there are several.

    Raises `BadInput` (`report-commune`, `period-bad`, `rules-bad`) before anything is made, `Unavailable`.
    """
    period, pack, now = order.period, order.pack, to_ms(order.now)
    with store.reading() as connection:
        communes = _communes(connection, order)
        for commune in communes:
            one = of_commune(connection, commune, period, pack, now)
            stem = f"{commune.code}/bao-cao-{commune.code}-{period.code}"
            if order.pdf:
                yield f"{stem}.pdf", paper.pdf(paper.report_html(one, pack))
            yield f"{stem}.xlsx", xlsx(one)
            for table in one.tables:
                yield f"{stem}-{table.ident}.csv", sheets.csv(table)
        if len(communes) > 1:
            yield from _rollup(connection, communes, order, now)


def _rollup(connection: Connection, communes: list[Commune], order: Order, now: int) -> Iterator[tuple[str, bytes]]:
    whole = of_all(connection, communes, order.period, order.pack, now)
    stem = f"tong-hop-{order.period.code}"
    if order.pdf:
        yield f"{stem}.pdf", paper.pdf(paper.rollup_html(whole))
    yield f"{stem}.xlsx", rollup_xlsx(whole)
    for table in whole.tables:
        yield f"{stem}-{table.ident}.csv", sheets.csv(table)


def certificate(store: Store, order: Order, notice: str) -> Iterator[tuple[str, bytes]]:
    """Of the notice whose statement begins so. Raises `BadInput` (`report-notice`, `report-commune`)."""
    with store.reading() as connection:
        found = [
            one for commune in _communes(connection, order)
            if (one := collect.posted(connection, commune, notice.lower(), order.pack, to_ms(order.now)))
        ]  # fmt: skip
    if len(found) != 1:
        raise BadInput([Problem("report-notice", "--notice", values={"value": notice[:64]})])
    yield certificate_name(found[0]), paper.pdf(paper.certificate_html(found[0]))


def certificate_name(one: Certificate) -> str:
    return f"giay-xac-nhan-{one.commune.code}-{one.notice.statement[:12]}.pdf"


def xlsx(one: Report) -> bytes:
    """A commune's report as a workbook."""
    title = f"Báo cáo bảng tin điện tử {one.period.name}"
    about = _about(("Xã", f"{one.commune.name} ({one.commune.code})"), one, one.commune.sample)
    return sheets.xlsx(title, about, one.tables, one.how)


def rollup_xlsx(one: RollUp) -> bytes:
    """The roll-up as a workbook."""
    missing = ", ".join(f"{commune.name} ({commune.code})" for commune in one.missing) or "không xã nào"
    about = _about(("Chưa nộp", missing), one, one.sample)
    return sheets.xlsx(f"Tổng hợp bảng tin điện tử {one.period.name}", about, one.tables, ())


def _about(first: tuple[str, str], one: Report | RollUp, sample: bool) -> list[tuple[str, str]]:
    told = [first, ("Số liệu đến", one.until), ("Mã số liệu (SHA-256)", one.sha)]
    if one.period.first < kept_from(one.asof):
        told.append(("Lưu ý", f"{archived(one.asof)}, không tính ở đây."))
    return [*told, ("DỮ LIỆU MẪU", "tên, bảng và thông báo ở đây đều là giả định")] if sample else told


def table_of(tables: tuple[Table, ...], ident: str) -> Table | None:
    return next((table for table in tables if table.ident == ident), None)


def _communes(connection: Connection, order: Order) -> list[Commune]:
    known = collect.communes(connection)
    if not known:
        raise Unavailable("report-nobody")
    if order.commune is None:
        return known
    found = [one for one in known if one.code == order.commune]
    if not found:
        codes = ", ".join(one.code for one in known[:MOST_KNOWN]) or "—"
        values = {"value": order.commune[:20], "known": codes}
        raise BadInput([Problem("report-commune", "--commune", values=values)])
    return found
