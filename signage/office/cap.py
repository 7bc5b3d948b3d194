"""A warning that comes as a CAP 1.2 file (OASIS Common Alerting Protocol): read strictly, believed by a person only.

Nothing in the file is a signature that we check: the duty person who types the command vouches for it. No DTD, no
entity, no other encoding than UTF-8, limits on bytes, depth and elements; what the format does not say is not guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from ..errors import BadInput, Problem
from ..wire import sha256

MAX_FILE = 256 * 1024  # bytes
MAX_DEPTH = 8  # alert, info, area, geocode, value
MAX_ELEMENTS = 2000
MAX_TEXT = 2000  # characters of any value that is used: what an emergency's words may have
NAMESPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"
LEVELS = {"Minor": 1, "Moderate": 2, "Severe": 3, "Extreme": 4}
LEVEL_OF_OURS = "CapDoRuiRo"  # the parameter by which `pages.alerts` tells the level itself
MESSAGES, STATES = ("Alert", "Update", "Cancel"), ("Actual", "Exercise", "Test")
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9_-]+)", re.IGNORECASE)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")


@dataclass(frozen=True)
class Bulletin:
    """What a message says. `replaces`: the names of those that it updates or cancels; `level` None: unknown."""

    name: str
    status: str
    message: str
    scope: str
    replaces: tuple[str, ...]
    sent: datetime
    expires: datetime | None
    level: int | None
    title: str
    text: str
    source: str

    @property
    def is_drill(self) -> bool:
        return self.status != "Actual"


class _Strict(ET.TreeBuilder):
    """Stops at a document type, and at too deep or too many elements."""

    depth = elements = 0

    def doctype(self, name: str, pubid: str, system: str) -> None:
        raise ValueError("has a document type")

    def start(self, tag: str, attrs: dict[str, str]) -> ET.Element:
        self.depth, self.elements = self.depth + 1, self.elements + 1
        if self.depth > MAX_DEPTH or self.elements > MAX_ELEMENTS:
            raise ValueError("too deep or too long")
        return super().start(tag, attrs)

    def end(self, tag: str) -> ET.Element:
        self.depth -= 1
        return super().end(tag)


def read(data: bytes, file: str) -> Bulletin:
    """Raises `BadInput` (`cap-bad`) for what is no CAP 1.2 message that can be shown."""
    try:
        return _read(data)
    except (ValueError, ET.ParseError, LookupError) as error:
        raise BadInput([Problem("cap-bad", file, values={"why": str(error)[:100]})]) from error


def _read(data: bytes) -> Bulletin:
    encoding = _ENCODING.search(data[:200])
    if len(data) > MAX_FILE or b"\0" in data or (encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii")):
        raise ValueError("larger than 256 KiB, or not UTF-8")
    data.decode("utf-8")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ValueError("has a document type")
    root = ET.fromstring(data, ET.XMLParser(target=_Strict()))  # noqa: S314 - what makes it unsafe is refused above
    if root.tag != f"{NAMESPACE}alert":
        raise ValueError("not a CAP 1.2 alert")
    message, status = _choice(root, "msgType", MESSAGES), _choice(root, "status", STATES)
    sender, sent = _text(root, "sender", needed=True), _text(root, "sent", needed=True)
    info = _info(root)
    if info is None and message != "Cancel":
        raise ValueError("no info")
    return Bulletin(
        _name(sender, _text(root, "identifier", needed=True)), status, message, _text(root, "scope", needed=True),
        tuple(_references(_text(root, "references"))), _moment(sent), _expires(info), _level(info),
        _text(info, "headline") or _text(info, "event"), _text(info, "instruction") or _text(info, "description"),
        _text(info, "senderName") or sender,
    )  # fmt: skip


def _info(root: ET.Element) -> ET.Element | None:
    """In Vietnamese, if there is one; else the first."""
    every = root.findall(f"{NAMESPACE}info")
    spoken = [info for info in every if _text(info, "language").lower().startswith("vi")]
    return next(iter([*spoken, *every]), None)


def _text(parent: ET.Element | None, name: str, *, needed: bool = False) -> str:
    value = (parent.findtext(f"{NAMESPACE}{name}") or "").strip() if parent is not None else ""
    if needed and not value:
        raise ValueError(f"no {name}")
    if len(value) > MAX_TEXT:
        raise ValueError(f"{name} is longer than {MAX_TEXT} characters")
    return value


def _choice(parent: ET.Element, name: str, allowed: tuple[str, ...]) -> str:
    value = _text(parent, name)
    if value not in allowed:
        raise ValueError(f"{name} is “{value[:20]}”, not {', '.join(allowed)}")
    return value


def _moment(text: str) -> datetime:
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"“{text[:30]}” is not a time of CAP")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error


def _expires(info: ET.Element | None) -> datetime | None:
    return _moment(text) if (text := _text(info, "expires")) else None


def _level(info: ET.Element | None) -> int | None:
    for parameter in info.findall(f"{NAMESPACE}parameter") if info is not None else ():
        if _text(parameter, "valueName") == LEVEL_OF_OURS and (value := _text(parameter, "value")[:1]) in "12345":
            return int(value) if value else None
    return LEVELS.get(_text(info, "severity"))


def _references(text: str) -> list[str]:
    """`sender,identifier,sent` with spaces between."""
    found = [part.split(",") for part in text.split()]
    if any(len(parts) != 3 for parts in found):
        raise ValueError("references are not sender,identifier,sent")
    return [_name(sender, identifier) for sender, identifier, _ in found]


def _name(sender: str, identifier: str) -> str:
    """A file's name for a message, the same each time that it is named; nothing of its own words."""
    return f"cap-{sha256(f'{sender},{identifier}'.encode())[:16]}"
