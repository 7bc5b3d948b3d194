"""A board's own page: its picture beside the approved one, its day and month, outages, alarms, maintenance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ...publication import BOARD_FOLDER
from .. import asking, notices
from ..alarms import handling
from ..hours import TIMES
from ..keeping import JPEG_START
from ..seen import boards, glass, history, makings, picture, timeline
from ..seen.boards import Board
from ..seen.timeline import Strip
from ..tally import COUNTED_AS
from . import telling, words
from .shell import Section
from .stream import line
from .visit import Visit

_LANES = (("contact", "Liên lạc", "wrong"), ("screen", "Màn hình", "wrong"), ("content", "Nội dung", "late"),
          ("fault", "Sự cố", "late"))  # fmt: skip
MS = timedelta(milliseconds=1)

section = Section("Bảng")


@dataclass(frozen=True)
class Drawn:
    """One timeline as the template draws it."""

    strip: Strip
    bars: list[picture.Rect]
    lanes: list[tuple[str, list[picture.Rect]]]
    tips: list[str]
    ticks: list[str]
    form: str
    of_hours: bool


@section.get("/bang/{commune}/{board}")
def board(visit: Visit) -> Response:
    """One board."""
    with visit.reading() as connection:
        b, live = _one(visit, connection), line(connection, visit)
        spans = history.spans(connection, b.number, visit.now)
        day, month = _timelines(connection, b, spans, visit.now)
        showing, shot = (b.report.showing if b.report else None), glass.shot(connection, b.number)
        meant = showing and showing.statement and history.meant(
            connection, b.commune, b.code, showing.statement, visit.now
        )  # fmt: skip
        told: dict[str, Any] = {
            "alarms": history.alarms(connection, b.number), "marks": history.marks(connection, b.number),
            "plays": history.plays(connection, b.number),
            "extremes": history.extremes(connection, b.number, visit.now - timedelta(days=timeline.DAYS)),
            "windows": handling.windows(connection, visit.now, b.number, b.commune),
            "asked": asking.waiting(connection, visit.now, b.number).get(b.number),
            "makings": makings.of(connection, b.number),
        }  # fmt: skip
    file = _then(b, shot)
    has_slide = file is not None and _slide(visit, b, file) is not None
    return visit.page(
        "one.html", b=b, day=day, month=month, spans=history.listed(spans, visit.now), meant=meant,
        shot=shot, slide=file if has_slide else None,
        refusals=visit.hub.more.get("refusals", {}).get((b.commune, b.code)),
        org=b.commune_name, sample=b.sample, live=live, telling=telling, **told,
    )  # fmt: skip


@section.get("/bang/{commune}/{board}/frame.jpg")
def frame(visit: Visit) -> Response:
    """What the board last saw of itself."""
    with visit.reading() as connection:
        jpeg = history.frame(connection, _one(visit, connection).number)
    if jpeg is None or not jpeg.startswith(JPEG_START):
        raise HTTPException(404)
    return Response(jpeg, media_type="image/jpeg")


@section.get("/bang/{commune}/{board}/trang")
def slide(visit: Visit) -> Response:
    """The approved slide that should stand where the board's picture was taken, from the office's publication."""
    with visit.reading() as connection:
        b = _one(visit, connection)
        file = _then(b, glass.shot(connection, b.number))
    found = _slide(visit, b, file) if file else None
    if found is None:
        raise HTTPException(404)
    return Response(found[0], media_type=found[1])


@section.post("/bang/{commune}/{board}/xin-anh", said={"xin-anh": "Đã xin ảnh. Ảnh hiện ở trang này khi bảng gửi về."})
def ask(visit: Visit) -> Response:
    """Somebody wants to see what is on the glass now."""
    with visit.writing() as connection:
        b = _one(visit, connection)
        if asking.ask(connection, b.number, visit.viewer.account, visit.now, metered=b.metered):
            visit.record(connection, "frame.ask", b.code, commune=b.commune)
    return visit.go(b.path, said="xin-anh")


@section.post("/bang/{commune}/{board}/nhan", said={"nhan": "Đã ghi nhận cảnh báo."})
def acknowledge(visit: Visit) -> Response:
    """Somebody takes an alarm in hand, or says what was done."""
    with visit.writing() as connection:
        b, alarm, note = _one(visit, connection), visit.number("canh-bao"), visit.text("viec")
        if not history.has_alarm(connection, b.number, alarm):
            raise HTTPException(404)
        handling.acknowledge(connection, alarm, visit.viewer.account, note, visit.now)
        visit.record(connection, "alarm.acknowledge", b.code, commune=b.commune, alarm=alarm, note=note)
    return visit.go(b.path, said="nhan")


@section.post("/bang/{commune}/{board}/nguyen-nhan", said={"nguyen-nhan": "Đã lưu nguyên nhân."})
def explain(visit: Visit) -> Response:
    """An operator says why something was not right."""
    with visit.writing() as connection:
        b, span = _one(visit, connection), visit.number("su-co")
        cause, note = visit.text("nguyen-nhan"), visit.text("ghi-chu")
        history.explain(connection, b.number, span, cause, note)
        visit.record(connection, "span.cause", b.code, commune=b.commune, span=span, cause=cause, note=note)
    return visit.go(b.path, said="nguyen-nhan")


@section.post("/bang/{commune}/{board}/bao-tri", said={"bao-tri": "Đã đặt giờ bảo trì."})
def maintain(visit: Visit) -> Response:
    """Work is announced: alarms are kept meanwhile, and not told."""
    typed = visit.text("tu")
    since = telling.moment_typed(typed) if typed else visit.now
    if since is None:
        raise HTTPException(400)
    until, reason = since + timedelta(minutes=visit.number("trong")), visit.text("viec")
    with visit.writing() as connection:
        b = _one(visit, connection)
        account = visit.viewer.account
        window = handling.maintain(connection, account, since, until, reason, visit.now, board=b.number)
        when = {"since": words.local(since), "until": words.local(until)}
        visit.record(connection, "maintenance.set", b.code, commune=b.commune, window=window, reason=reason, **when)
    return visit.go(b.path, said="bao-tri")


@section.post("/bang/{commune}/{board}/xong-bao-tri", said={"xong-bao-tri": "Đã kết thúc bảo trì."})
def end_maintenance(visit: Visit) -> Response:
    """The work is done."""
    with visit.writing() as connection:
        b, window = _one(visit, connection), visit.number("dot")
        if window not in [w.ident for w in handling.windows(connection, visit.now, b.number, "")]:
            raise HTTPException(404)
        handling.end_maintenance(connection, window, visit.now)
        visit.record(connection, "maintenance.end", b.code, commune=b.commune, window=window)
    return visit.go(b.path, said="xong-bao-tri")


def _one(visit: Visit, connection: Connection) -> Board:
    found = boards.one(connection, visit.param("commune"), visit.param("board"), visit.now)
    if found is None:
        raise HTTPException(404)
    return found


def _then(b: Board, shot: glass.Shot | None) -> str | None:
    """The slide that the picture is held against: of its own moment, where there is one."""
    showing = b.report.showing if b.report else None
    return shot.file if shot else showing.file if showing else None


def _slide(visit: Visit, b: Board, file: str) -> tuple[bytes, str] | None:
    folder = visit.hub.publications.get(b.commune)
    return notices.slide(folder / BOARD_FOLDER, file) if folder else None


def _timelines(
    connection: Connection, b: Board, spans: list[history.Span], now: datetime
) -> tuple[Drawn, Drawn]:  # fmt: skip
    at = int(now.timestamp() * 1000)
    told, enrolled = history.hours(connection, b.number, now), at
    if known := history.standing(connection, b.number):
        evidence, screen, enrolled = known
        told = timeline.up_to_now(told, TIMES[COUNTED_AS[screen]], evidence, b.facts.heartbeat // MS, at)
    begun = min([enrolled, *(hour * timeline.HOUR_MS for hour in told)])
    day, month = timeline.day(told, at, begun), timeline.month(told, at, begun)
    return _drawn(day, spans, now, "%H:%M", of_hours=True), _drawn(month, spans, now, "%d/%m", of_hours=False)


def _drawn(strip: Strip, spans: list[history.Span], now: datetime, form: str, *, of_hours: bool) -> Drawn:
    lanes = []
    for kind, name, colour in _LANES:
        lasted = [picture.Lasted(s.since, s.until, colour) for s in spans if s.kind == kind and s.code != "dark"]
        if rects := picture.lane(strip, lasted, now):
            lanes.append((name, rects))
    every = 4 if of_hours else 5
    ticks = [words.local(cell.start, form) for cell in strip.cells[::every]]
    tips = [telling.cell_said(cell, form) for cell in strip.cells]
    return Drawn(strip, picture.bars(strip), lanes, tips, ticks, form, of_hours)
