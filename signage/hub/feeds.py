"""What a province's other systems read: boards, bulletins and warnings, in forms that belong to nobody.

    boards, bulletins   JSON by pages (`next` names the following one), and the same rows as CSV
    alerts              an Atom feed of emergencies, each a CAP 1.2 message (OASIS)

Every object names its commune by code (QĐ 19/2025) and, where the office has one, agency identifier (QĐ 20/2020).
`v` counts incompatible changes; fields may be added without. What nobody said is `null`, in CAP “Unknown”.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from sqlalchemy import Connection, select, tuple_

from ..notice import cap as names
from ..wire import to_moment, when
from .alarms import Level
from .seen.axes import judged
from .seen.fleet import Communes, among
from .store import tables as t
from .store.engine import from_ms, to_ms
from .watchman import hearing_since

VERSION = 1
PAGE_ROWS = 500  # boards or bulletins on one page of JSON, at most and unless fewer are asked for
CSV_ROWS = 50_000  # of one table: a hub has fewer boards
FEED_ALERTS = 100  # newest emergencies in the feed
EMERGENCY = "khan-cap"
CAP, ATOM = names.NAMESPACE, "http://www.w3.org/2005/Atom"
BOARD_FIELDS = (
    "commune", "agency", "board", "name", "site", "hamlet", "shape", "latitude", "longitude", "metered", "sample",
    "contact", "content", "screen", "level", "heard", "publication", "published", "showing", "statement",
)  # fmt: skip
BULLETIN_FIELDS = (
    "commune", "agency", "statement", "id", "title", "kind", "class", "category", "hamlets", "boards", "submitted",
    "approved", "published", "start", "end", "withdrawn", "gone", "hidden", "level", "source", "drill",
)  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """One page, and what to ask for the one after it; None at the end."""

    rows: list[Row]
    after: str | None


def boards(
    connection: Connection, communes: Communes, now: datetime, *, after: str = "", most: int = PAGE_ROWS
) -> Rows:  # fmt: skip
    """Boards that hang, in the order in which they were taken in; `after`: from the last page's answer."""
    b, c, s = t.board.c, t.commune.c, t.state.c
    here = select(b.id).where(among(b.commune, communes), b.retired.is_(None), b.id > _number(after))
    numbers = list(connection.execute(here.order_by(b.id).limit(most + 1)).scalars())
    if not numbers:
        return Rows([], None)
    last = numbers[:most][-1]
    seen = judged(now, hearing_since(connection, now), among(b.commune, communes), b.id > _number(after), b.id <= last)
    asked = (
        select(
            b.id, b.commune, c.agency, b.code, b.name, b.site, b.hamlet, b.shape, b.latitude, b.longitude, b.metered,
            c.sample, seen.c.contact, seen.c.content, seen.c.screen, seen.c.level, s.received, s.publication,
            c.published, s.kind, s.statement,
        )
        .select_from(
            t.board.join(seen, seen.c.id == b.id).join(t.commune, c.code == b.commune)
            .outerjoin(t.state, s.board == b.id)
        )
        .order_by(b.id)
    )  # fmt: skip
    rows = [_board(row) for row in connection.execute(asked)]
    return Rows(rows, str(last) if len(numbers) > most else None)


def bulletins(
    connection: Connection, communes: Communes, *, after: str = "", most: int = PAGE_ROWS, live: datetime | None = None
) -> Rows:  # fmt: skip
    """Notices as their offices published them, by commune and statement; `live`: only those in force then."""
    n, c = t.notice.c, t.commune.c
    commune, _, statement = after.partition(".")
    asked = (
        select(t.notice, c.agency).join(t.commune, c.code == n.commune)
        .where(among(n.commune, communes), tuple_(n.commune, n.statement) > tuple_(commune, statement))
    )  # fmt: skip
    if live is not None:
        at = to_ms(live)
        asked = asked.where(n.start <= at, n.end > at, n.withdrawn.is_(None), n.gone.is_(None))
    found = connection.execute(asked.order_by(n.commune, n.statement).limit(most + 1)).all()
    rows = [_bulletin(row) for row in found[:most]]
    last = f"{rows[-1]['commune']}.{rows[-1]['statement']}" if len(found) > most else None
    return Rows(rows, last)


def emergencies(connection: Connection, communes: Communes, *, only: tuple[str, str] | None = None) -> list[Row]:
    """The newest emergencies, also those that are over; `only`: the one of this commune and statement."""
    n, c = t.notice.c, t.commune.c
    asked = (
        select(t.notice, c.agency, c.name, c.sample).join(t.commune, c.code == n.commune)
        .where(among(n.commune, communes), n["class"] == EMERGENCY)
    )  # fmt: skip
    if only:
        asked = asked.where(n.commune == only[0], n.statement == only[1])
    rows = connection.execute(asked.order_by(n.start.desc(), n.statement).limit(FEED_ALERTS))
    return [{**_bulletin(row), "authority": row.name, "sample": bool(row.sample)} for row in rows]


def cells(fields: Sequence[str], rows: Iterable[Row]) -> Iterable[list[object]]:
    """The same as cells of a table: nothing is an empty cell, a list is separated by blanks."""
    for row in rows:
        yield [_cell(row[name]) for name in fields]


def _cell(value: Any) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return int(value)
    return " ".join(map(str, value)) if isinstance(value, list) else value


def _number(after: str) -> int:
    return int(after) if after.isascii() and after.isdecimal() and len(after) < 16 else 0


def _when(ms: int | None) -> str | None:
    return None if ms is None else when(from_ms(ms).replace(microsecond=0))


def _board(row: Any) -> Row:
    return {
        "commune": row.commune, "agency": row.agency or None, "board": row.code, "name": row.name, "site": row.site,
        "hamlet": row.hamlet or None, "shape": row.shape or None,
        "latitude": None if row.latitude is None else row.latitude / 1e6,
        "longitude": None if row.longitude is None else row.longitude / 1e6,
        "metered": bool(row.metered), "sample": bool(row.sample), "contact": row.contact, "content": row.content,
        "screen": row.screen, "level": Level(row.level).name.lower(), "heard": _when(row.received),
        "publication": row.publication, "published": row.published, "showing": row.kind or None,
        "statement": row.statement,
    }  # fmt: skip


def _bulletin(row: Any) -> Row:
    alert: dict[str, Any] = json.loads(row.alert) if row.alert else {}
    times = ("submitted", "approved", "published", "start", "end", "withdrawn", "gone", "hidden")
    told = {name: _when(getattr(row, name)) for name in times}
    return {
        "commune": row.commune, "agency": row.agency or None, "statement": row.statement, "id": row.notice or None,
        "title": row.title, "kind": row.kind or None, "class": row._mapping["class"], "category": row.category or None,
        "hamlets": json.loads(row.hamlets), "boards": json.loads(row.boards), **told,
        "level": alert.get("level"), "source": alert.get("source"), "drill": alert.get("drill"),
    }  # fmt: skip


# ── warnings ─────────────────────────────────────────────────────────────────────────────────────


def atom(alerts: Sequence[Row], base: str, made: datetime) -> bytes:
    """The feed: one entry for each emergency, whose link is its CAP message; `base` is the hub's own address."""
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed")
    _put(root, ATOM, "id", f"{base}/v1/feed/alerts.xml")
    _put(root, ATOM, "title", "Thông báo khẩn cấp của các xã (CAP 1.2)")
    _put(root, ATOM, "updated", when(made.replace(microsecond=0)))
    ET.SubElement(root, f"{{{ATOM}}}link", {"rel": "self", "href": f"{base}/v1/feed/alerts.xml"})
    for alert in alerts:
        entry = ET.SubElement(root, f"{{{ATOM}}}entry")
        _put(entry, ATOM, "id", f"{base}{_path(alert)}")
        _put(entry, ATOM, "title", alert["title"])
        _put(entry, ATOM, "updated", alert["withdrawn"] or alert["start"])
        author = ET.SubElement(entry, f"{{{ATOM}}}author")
        _put(author, ATOM, "name", alert["authority"] or alert["commune"])
        link = {"rel": "alternate", "type": "application/cap+xml", "href": f"{base}{_path(alert)}"}
        ET.SubElement(entry, f"{{{ATOM}}}link", link)
    return _bytes(root)


def cap(alert: Row) -> bytes:
    """One emergency; one that was taken back is a Cancel of it."""
    ET.register_namespace("", CAP)
    root = ET.Element(f"{{{CAP}}}alert")
    taken = alert["withdrawn"]
    commune, agency = alert["commune"], alert["agency"] or ""
    slug = (alert["id"] or alert["statement"]).rpartition("/")[2]
    told = {
        "identifier": names.identifier(commune, slug, taken_back=bool(taken)),
        "sender": names.sender(commune, agency), "sent": _cap_time(taken or alert["start"]),
        "status": "Exercise" if alert["drill"] or alert["sample"] else "Actual",
        "msgType": "Cancel" if taken else "Alert", "scope": "Public",
    }  # fmt: skip
    if taken:
        told["references"] = names.references(commune, agency, slug, to_moment(alert["start"]))
    for name, value in told.items():
        _put(root, CAP, name, value)
    if not taken:
        _info(root, alert)
    return _bytes(root)


def _info(root: ET.Element, alert: Row) -> None:
    info = ET.SubElement(root, f"{{{CAP}}}info")
    level = alert["level"]
    for name, value in (
        ("language", "vi-VN"), ("category", names.category(alert["kind"])), ("event", alert["title"]),
        ("urgency", "Immediate"), ("severity", names.severity(level)), ("certainty", "Unknown"),
        ("effective", _cap_time(alert["start"])), ("expires", _cap_time(alert["end"])),
        ("senderName", alert["authority"] or alert["commune"]), ("headline", alert["title"]),
    ):  # fmt: skip
        _put(info, CAP, name, value)
    for name, value in (("CapDoRuiRo", level), ("Nguon", alert["source"])):
        if value is not None:
            _pair(info, "parameter", name, str(value))
    area = ET.SubElement(info, f"{{{CAP}}}area")
    _put(area, CAP, "areaDesc", ", ".join([*alert["hamlets"], alert["authority"] or f"xã {alert['commune']}"]))
    _pair(area, "geocode", "MaDonViHanhChinh", alert["commune"])


def _path(alert: Row) -> str:
    return f"/v1/feed/alerts/{alert['commune']}/{alert['statement']}.xml"


def _cap_time(told: str | None) -> str:
    return names.moment(to_moment(told)) if told else ""


def _pair(parent: ET.Element, tag: str, name: str, value: str) -> None:
    pair = ET.SubElement(parent, f"{{{CAP}}}{tag}")
    _put(pair, CAP, "valueName", name)
    _put(pair, CAP, "value", value)


def _put(parent: ET.Element, space: str, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{space}}}{name}").text = text


def _bytes(root: ET.Element) -> bytes:
    ET.indent(root, " ")
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"
