"""Addresses of what other systems read (`hub.feeds`), by a program's token or a log-in, each within its communes."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from ...spreadsheet import table
from ...wire import when
from .. import feeds
from .shell import Section
from .visit import Visit

CSV = "text/csv; charset=utf-8"

section = Section("Dữ liệu cho hệ thống khác")


@section.get("/v1/feed/boards.json", programs=True)
def boards(visit: Visit) -> Response:
    """Boards and how they are, a page at a time."""
    with visit.reading() as connection:
        after, most = visit.query("after"), _most(visit)
        found = feeds.boards(connection, visit.viewer.communes, visit.now, after=after, most=most)
    return _answer(visit, "boards", found)


@section.get("/v1/feed/boards.csv", programs=True)
def boards_csv(visit: Visit) -> Response:
    """All of them as one table."""
    with visit.reading() as connection:
        found = feeds.boards(connection, visit.viewer.communes, visit.now, most=feeds.CSV_ROWS)
    return _table("boards", feeds.BOARD_FIELDS, found)


@section.get("/v1/feed/bulletins.json", programs=True)
def bulletins(visit: Visit) -> Response:
    """What offices published, a page at a time; `live=1`: only what is in force."""
    with visit.reading() as connection:
        after, most = visit.query("after"), _most(visit)
        live = visit.now if visit.query("live") == "1" else None
        found = feeds.bulletins(connection, visit.viewer.communes, after=after, most=most, live=live)
    return _answer(visit, "bulletins", found)


@section.get("/v1/feed/bulletins.csv", programs=True)
def bulletins_csv(visit: Visit) -> Response:
    """The same as one table."""
    with visit.reading() as connection:
        live = visit.now if visit.query("live") == "1" else None
        found = feeds.bulletins(connection, visit.viewer.communes, most=feeds.CSV_ROWS, live=live)
    return _table("bulletins", feeds.BULLETIN_FIELDS, found)


@section.get("/v1/feed/alerts.xml", programs=True)
def alerts(visit: Visit) -> Response:
    """Emergencies as an Atom feed of CAP messages."""
    with visit.reading() as connection:
        found = feeds.emergencies(connection, visit.viewer.communes)
    scheme = "https" if visit.is_safe else visit.request.url.scheme
    base = f"{scheme}://{visit.request.url.netloc}"
    return Response(feeds.atom(found, base, visit.now), media_type="application/atom+xml")


@section.get("/v1/feed/alerts/{commune}/{statement}.xml", programs=True)
def alert(visit: Visit) -> Response:
    """One of them."""
    where = visit.param("commune"), visit.param("statement")
    with visit.reading() as connection:
        found = feeds.emergencies(connection, visit.viewer.communes, only=where)
    if not found:
        raise HTTPException(404)
    return Response(feeds.cap(found[0]), media_type="application/cap+xml")


def _most(visit: Visit) -> int:
    """How many were asked for, within the limit."""
    told = visit.query("limit")
    asked = int(told) if told.isascii() and told.isdecimal() and len(told) < 7 else feeds.PAGE_ROWS
    return min(max(asked, 1), feeds.PAGE_ROWS)


def _answer(visit: Visit, name: str, found: feeds.Rows) -> Response:
    made = when(visit.now.replace(microsecond=0))
    return JSONResponse({"v": feeds.VERSION, "made": made, "next": found.after, name: found.rows})


def _table(name: str, fields: tuple[str, ...], found: feeds.Rows) -> Response:
    """CSV; 422 when there is more than one table may hold, since half of it would pass for the whole."""
    if found.after is not None:
        raise HTTPException(422, f"Hơn {feeds.CSV_ROWS} dòng: hãy đọc dạng JSON, từng trang.")
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(table(fields, feeds.cells(fields, found.rows)), media_type=CSV, headers=headers)
