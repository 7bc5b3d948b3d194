"""Periodic reports: looked at, taken along as PDF, XLSX and CSV, filled in by hand, handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import groupby
from threading import BoundedSemaphore
from typing import Any

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ...errors import BadInput, Refused, Unavailable
from ...schedule import VIETNAM_TIME
from ..people.roles import Role
from ..reports import cells, collect, files, handed, paper, periods, sheets, wording
from ..reports.certificate import Certificate
from ..reports.due import due
from ..reports.facts import Commune
from ..reports.pack import STANDINGS, Pack, read_pack
from ..reports.periods import Period
from ..store.engine import to_ms
from .shell import Menu, Section
from .visit import Visit

REPORTS, TOGETHER, CERTIFICATE = "/bao-cao", "/tong-hop", "/giay-xac-nhan"
LEAST_SHA = 12  # digits of a statement in an address
OFFERED = 8  # periods of each kind that the first page offers
ON_A_PAGE = 40  # communes that are told side by side on a page: some seconds; of more, who has handed in, and files
MOST_COMMUNES = 1000  # of one roll-up as a file: a minute of a core; more by the command
WAIT_S = 20  # how long a paper or a long roll-up waits for the one before it: each takes seconds of a core
_turn = BoundedSemaphore(1)
_KINDS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}

section = Section("Báo cáo", menu=Menu(REPORTS, "Báo cáo", 50))
section.said |= {"dien-tay": "Đã lưu các mục điền tay.", "nop": "Đã ghi là đã nộp, kèm mã số liệu."}


@section.get(REPORTS)
def choose(visit: Visit) -> Response:
    """What is due, and which report of which commune."""
    today, rules = _today(visit), _rules(visit)
    known = periods.latest(today, OFFERED)
    period = _period(visit, visit.query("ky")) if visit.query("ky") else periods.of(today, periods.MONTH).before
    with visit.reading() as connection:
        communes = _communes(visit, connection)
        there = handed.handed_of(connection, period.code)
        soon = [(one, _waiting(connection, one.period, communes)) for one in due(today, rules)]
    return visit.page(
        "reports.html", communes=communes, period=period, known=known, handed=there,
        soon=[(one, waiting) for one, waiting in soon if waiting], standings=STANDINGS, moment=_moment,
        org=communes[0].name if len(communes) == 1 else "", sample=any(one.sample for one in communes),
    )  # fmt: skip


@section.get(REPORTS + "/{commune}/{period}")
def look(visit: Visit) -> Response:
    """One report."""
    return _page(visit, {}, [])


@section.get(REPORTS + "/{commune}/{period}/{file}", programs=True)
def take(visit: Visit) -> Response:
    """The same as a file: `bao-cao.pdf`, `bao-cao.xlsx`, or one table as CSV."""
    name, _, ending = visit.param("file").rpartition(".")
    with visit.reading() as connection:
        commune = _commune(connection, visit)
        report = files.of_commune(connection, commune, _period(visit), _rules(visit), to_ms(visit.now))
    stem = f"bao-cao-{commune.code}-{report.period.code}"
    if (name, ending) == ("bao-cao", "pdf"):
        return _file(f"{stem}.pdf", _printed(lambda: paper.report_html(report, _rules(visit))))
    return _data(stem, name, ending, lambda: files.xlsx(report), report.tables)


@section.post(REPORTS + "/{commune}/{period}/dien-tay")
def fill_in(visit: Visit) -> Response:
    """What a person knows and no board can."""
    period, rules = _period(visit), _rules(visit)
    typed = {field.ident: visit.text(field.ident) for field in rules.fields}
    try:
        values = handed.read_fields(typed, rules)
    except BadInput as error:
        return _page(visit, typed, error.problems)
    with visit.writing() as connection:
        commune = _commune(connection, visit).code
        changed = handed.keep_fields(connection, commune, period.code, values, visit.viewer.account, visit.now)
        if changed:
            visit.record(connection, "report.fill-in", period.code, commune=commune, fields=changed)
    return visit.go(f"{REPORTS}/{commune}/{period.code}", said="dien-tay")


@section.post(REPORTS + "/{commune}/{period}/nop")
def hand_in(visit: Visit) -> Response:
    """It is handed in as it is now; its hash is kept, so that later changes show."""
    period = _period(visit)
    with visit.reading() as connection:  # a while of a core: what boards tell is written meanwhile
        commune = _commune(connection, visit)
        report = files.of_commune(connection, commune, period, _rules(visit), to_ms(visit.now))
    with visit.writing() as connection:
        handed.hand_in(connection, commune.code, period.code, report.sha, visit.viewer.account, visit.now)
        visit.record(connection, "report.hand-in", period.code, commune=commune.code, sha=report.sha)
    return visit.go(f"{REPORTS}/{commune.code}/{period.code}", said="nop")


@section.get(TOGETHER + "/{period}")
def together(visit: Visit) -> Response:
    """All communes that the viewer may see, side by side."""
    period, rules = _period(visit), _rules(visit)
    with visit.reading() as connection:
        communes = _communes(visit, connection)
        waiting = _waiting(connection, period, communes)
        few = len(communes) <= ON_A_PAGE
        rollup = files.of_all(connection, communes, period, rules, to_ms(visit.now)) if few else None
    return visit.page(
        "rollup.html", r=rollup, period=period, table=_drawn(f"{REPORTS}/", f"/{period.code}"), communes=communes,
        waiting=waiting, sample=any(one.sample for one in communes), back=f"{REPORTS}?ky={period.code}",
        how=wording.HOW,
    )  # fmt: skip


@section.get(TOGETHER + "/{period}/{file}", programs=True)
def take_together(visit: Visit) -> Response:
    """All of them as a file: `tong-hop.pdf`, `tong-hop.xlsx`, or one table as CSV. Raises `Refused` (`rollup-many`)."""
    name, _, ending = visit.param("file").rpartition(".")
    period = _period(visit)
    with _alone(), visit.reading() as connection:
        communes = _communes(visit, connection)
        if len(communes) > MOST_COMMUNES:
            raise Refused("rollup-many", count=len(communes), most=MOST_COMMUNES, period=period.code)
        rollup = files.of_all(connection, communes, period, _rules(visit), to_ms(visit.now))
    stem = f"tong-hop-{period.code}"
    if (name, ending) == ("tong-hop", "pdf"):
        return _file(f"{stem}.pdf", _printed(lambda: paper.rollup_html(rollup)))
    return _data(stem, name, ending, lambda: files.rollup_xlsx(rollup), rollup.tables)


@section.get(CERTIFICATE + "/{commune}/{statement}")
def certificate(visit: Visit) -> Response:
    """Where and when a notice was shown."""
    one = _certificate(visit)
    return visit.page(
        "certificate.html", c=one, table=_drawn(), said_cell=cells.said, org=one.commune.name,
        sample=one.commune.sample, evidence=wording.EVIDENCE_IS, limits=wording.EVIDENCE_IS_NOT,
        pdf=f"{CERTIFICATE}/{one.commune.code}/{one.notice.statement}/giay-xac-nhan.pdf",
    )  # fmt: skip


@section.get(CERTIFICATE + "/{commune}/{statement}/giay-xac-nhan.pdf", programs=True)
def take_certificate(visit: Visit) -> Response:
    """The same on paper, with a place for the signature."""
    one = _certificate(visit)
    return _file(files.certificate_name(one), _printed(lambda: paper.certificate_html(one)))


def _page(visit: Visit, typed: dict[str, str], problems: list[Any]) -> Response:
    period, rules = _period(visit), _rules(visit)
    with visit.reading() as connection:
        commune = _commune(connection, visit)
        report = files.of_commune(connection, commune, period, rules, to_ms(visit.now))
        kept = collect.by_hand(connection, commune.code, period.code)
        last = handed.handed_in(connection, commune.code).get(period.code)
        changed, grown = last is not None and report.sha != last.sha, ""
        if last and changed:  # perhaps only because time went on: the same moment is looked at again
            then = files.of_commune(connection, commune, period, rules, last.at)
            changed = then.sha != last.sha
            grown = f"{periods.day_of(then.asof - 1):%d/%m/%Y}"
    here = f"{REPORTS}/{commune.code}/{period.code}"
    groups = [(name, list(some)) for name, some in groupby(rules.fields, key=lambda field: field.group)]
    main = {name: cells.said(cells.VALUE, value) for name, value in report.table("tong-hop").rows}
    return visit.page(
        "report.html", status=422 if problems else 200, report=report, commune=commune, period=period, main=main,
        table=_drawn(f"{CERTIFICATE}/{commune.code}/"), bars=paper.days_drawn(report.days), handed=last,
        changed=changed, grown=grown, problems=problems, groups=groups, values=typed or kept,
        here_url=here, org=commune.name, sample=commune.sample,
        may_act=visit.viewer.may_act(commune.code, Role.OPERATOR),
        moment=_moment, rules=rules, standings=STANDINGS,
    )  # fmt: skip


def _certificate(visit: Visit) -> Certificate:
    code, one = visit.param("statement"), None
    with visit.reading() as connection:
        commune = _commune(connection, visit)
        one = (
            collect.posted(connection, commune, code, _rules(visit), to_ms(visit.now))
            if len(code) >= LEAST_SHA
            else None
        )
    if one is None:
        raise HTTPException(404)
    return one


def _drawn(links: str = "", after: str = "") -> Callable[[Any], Any]:
    return lambda table: paper.table_drawn(table, links, after)


def _data(
    stem: str, name: str, ending: str, xlsx: Callable[[], bytes], tables: tuple[Any, ...]
) -> Response:  # fmt: skip
    if ending == "xlsx" and name in ("bao-cao", "tong-hop"):
        return _file(f"{stem}.xlsx", xlsx())
    table = files.table_of(tables, name) if ending == "csv" else None
    if table is None:
        raise HTTPException(404)
    return _file(f"{stem}-{name}.csv", sheets.csv(table))


def _file(name: str, data: bytes) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=_KINDS[name.rpartition(".")[2]], headers=headers)


def _printed(html: Callable[[], str]) -> bytes:
    """Raises `Unavailable` (`print-busy`, `print-extra`)."""
    with _alone():
        return paper.pdf(html())


@contextmanager
def _alone() -> Iterator[None]:
    """One at a time of what takes seconds. Raises `Unavailable` (`print-busy`)."""
    if not _turn.acquire(timeout=WAIT_S):
        raise Unavailable("print-busy")
    try:
        yield
    finally:
        _turn.release()


def _waiting(connection: Connection, period: Period, communes: list[Commune]) -> list[Commune]:
    there = handed.handed_of(connection, period.code)
    return [one for one in communes if one.code not in there]


def _communes(visit: Visit, connection: Connection) -> list[Commune]:
    return [one for one in collect.communes(connection) if visit.viewer.may_see(one.code)]


def _commune(connection: Connection, visit: Visit) -> Commune:
    found = collect.communes(connection, [visit.param("commune")])
    if not found:
        raise HTTPException(404)
    return found[0]


def _period(visit: Visit, text: str = "") -> Period:
    """That of the address, or of `text`; raises `HTTPException` (404) for none, and for one that has not begun."""
    try:
        period = periods.read(text or visit.param("period"))
    except BadInput as error:
        raise HTTPException(404) from error
    if period.first > _today(visit):
        raise HTTPException(404)
    return period


def _rules(visit: Visit) -> Pack:
    """The hub's own rules, else those of the program. Raises `BadInput` (`rules-bad`)."""
    return read_pack(visit.hub.store.folder)


def _moment(ms: int) -> str:
    return cells.said(cells.MOMENT, ms)


def _today(visit: Visit) -> date:
    return visit.now.astimezone(VIETNAM_TIME).date()
