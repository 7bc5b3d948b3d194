"""Emergencies as CAP 1.2 (OASIS Common Alerting Protocol), and a feed that lists them.

One message for each emergency that was published; one that was taken back early is a Cancel without
the old words. What CAP asks for and nobody said is “Unknown”: nothing is made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from ....notice import LEVELS, cap
from ....settings import Settings
from ..views import Published
from .machine import feed
from .page import Output, Page


def alerts(every: Sequence[Published], settings: Settings) -> tuple[Page, dict[str, Output]]:
    """The feed of what is or was in force, and each message by path; `every` emergency, with those taken back."""
    live = sorted((i for i in every if not i.withdrawn_at), key=lambda i: i.notice.start, reverse=True)
    messages = {f"cap/{i.notice.slug}.xml": Output.of(_message(i, settings), (i.statement,)) for i in every}
    return feed("cap.xml", "Thông báo khẩn cấp (CAP 1.2)", "", live, cap=True), messages


def _message(item: Published, settings: Settings) -> bytes:
    notice, commune = item.notice, settings.commune
    alert = notice.alert
    assert alert is not None
    ET.register_namespace("", cap.NAMESPACE)
    root = ET.Element(f"{{{cap.NAMESPACE}}}alert")
    taken = item.withdrawn_at is not None
    _put(root, "identifier", cap.identifier(commune.code, notice.slug, taken_back=taken))
    _put(root, "sender", cap.sender(commune.code, commune.agency))
    _put(root, "sent", cap.moment(item.withdrawn_at or notice.start))
    _put(root, "status", "Exercise" if alert.drill or commune.sample else "Actual")
    _put(root, "msgType", "Cancel" if item.withdrawn_at else "Alert")
    _put(root, "scope", "Public")
    if item.withdrawn_at:
        _put(root, "note", item.reason)
        _put(root, "references", cap.references(commune.code, commune.agency, notice.slug, notice.start))
        return _bytes(root)
    info = ET.SubElement(root, f"{{{cap.NAMESPACE}}}info")
    for name, value in (
        ("language", "vi-VN"), ("category", cap.category(notice.kind)), ("event", notice.title),
        ("urgency", "Immediate"), ("severity", cap.severity(alert.level)), ("certainty", "Unknown"),
        ("effective", cap.moment(notice.start)), ("expires", cap.moment(notice.end)), ("senderName", commune.authority),
        ("headline", notice.title), ("description", notice.summary or notice.title),
        ("web", f"{commune.site}/{notice.url}"), ("contact", commune.phone),
    ):  # fmt: skip
        _put(info, name, value)
    told = {"CapDoRuiRo": f"{alert.level} {LEVELS[alert.level].word}", "Nguon": alert.source}
    for name, value in told.items():
        parameter = ET.SubElement(info, f"{{{cap.NAMESPACE}}}parameter")
        _put(parameter, "valueName", name)
        _put(parameter, "value", value)
    names = settings.hamlet_names
    area = ET.SubElement(info, f"{{{cap.NAMESPACE}}}area")
    where = ", ".join(names.get(h, h) for h in notice.hamlets) or "Toàn xã"
    _put(area, "areaDesc", f"{where}, {commune.heading}, {commune.province}")
    geocode = ET.SubElement(area, f"{{{cap.NAMESPACE}}}geocode")
    _put(geocode, "valueName", "MaDonViHanhChinh")
    _put(geocode, "value", commune.code)
    return _bytes(root)


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{cap.NAMESPACE}}}{name}").text = text


def _bytes(root: ET.Element) -> bytes:
    ET.indent(root, " ")
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"
