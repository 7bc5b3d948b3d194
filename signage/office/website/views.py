"""What the site says of one notice, every value ready to print: templates only lay it out.

Pure: from one approved notice, the commune's names and `now` to a plain dict.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ...notice import CATEGORIES, CLASSES, KINDS, LEVELS, Notice
from ...notice.timing import yearly_said
from ...phrases import bound
from ...schedule import VIETNAM_TIME
from ...settings import Settings
from .. import doctype, paper
from .wording import page_html

_TYPES = {
    ".pdf": "PDF", ".docx": "Word", ".odt": "ODT", ".xlsx": "Excel", ".ods": "ODS", ".csv": "CSV",
    ".txt": "Văn bản thuần", ".zip": "ZIP", ".jpg": "Ảnh JPEG", ".jpeg": "Ảnh JPEG", ".png": "Ảnh PNG",
    ".webp": "Ảnh WebP",
}  # fmt: skip


@dataclass(frozen=True)
class Published:
    """One approved statement's content, as the office hands it over.

    Two of one statement hold the same words and files: those are never compared, for they lie on the disk.
    """

    notice: Notice = field(compare=False)  # parsed from the signed canonical text, never from the officer's folder
    statement: str  # SHA-256
    approved_at: datetime
    files: Mapping[str, Path] = field(compare=False)  # attachment or picture → a file with exactly the signed bytes
    withdrawn_at: datetime | None = None
    reason: str = ""
    card: bytes | None = None  # JPEG for a shared link
    order: tuple[datetime, str, str] = field(init=False, compare=False)  # among all, from the oldest by its own date

    def __post_init__(self) -> None:
        object.__setattr__(self, "order", (self.notice.date, self.notice.id, self.statement))

    @cached_property
    def issued(self) -> date:
        """A document's day of issue, else of posting."""
        document = self.notice.document
        return document.issued if document and document.issued else self.notice.date.astimezone(VIETNAM_TIME).date()

    @cached_property
    def number(self) -> tuple[int, int, str, str, str]:
        """What the register's order of numbers is by: the year, the count, the number as written, the notice."""
        notice, written = self.notice, self.notice.document.number if self.notice.document else ""
        return doctype.year(written) or self.issued.year, doctype.count(written), written, notice.id, self.statement


def moment(at: datetime) -> str:
    """17:00 ngày 22/11/2026, as people read it."""
    return f"{at.astimezone(VIETNAM_TIME):%H:%M ngày %d/%m/%Y}"


def day(at: date | datetime) -> str:
    """22/11/2026."""
    return f"{at.astimezone(VIETNAM_TIME) if isinstance(at, datetime) else at:%d/%m/%Y}"


def title_html(view: Mapping[str, Any]) -> tuple[str, str]:
    """The title and the heading as the page must carry them, escaped as Jinja does."""
    return f"<title>{_escaped(view['title'])} – ", f"<h1>{_escaped(view['heading'])}</h1>"


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).replace('"', "&#34;").replace("'", "&#39;")


def iso(at: datetime) -> str:
    """2026-11-22T17:00:00+07:00."""
    return at.astimezone(VIETNAM_TIME).isoformat(timespec="seconds")


def state(item: Published, now: datetime) -> str:
    """Whether a notice is to come, holds or is over: `truoc`, `nay`, `sau`."""
    return "truoc" if now < item.notice.start else "sau" if now >= item.notice.end else "nay"


def view(item: Published, settings: Settings, now: datetime, known: Container[str]) -> dict[str, Any]:
    """What a notice's page and the lists say of it, every value ready to print."""
    notice = item.notice
    image, film = notice.image, notice.film
    root = "../" * notice.url.count("/")
    names = settings.hamlet_names
    return {
        "id": notice.id, "slug": notice.slug, "url": notice.url, "root": root, "statement": item.statement,
        "title": notice.title, "heading": bound(notice.title), "summary": notice.summary, "is_page": notice.is_page,
        "lang": "en" if notice.is_english else "vi", "twin": "",  # the page in the other language: the planner's
        "kind": KINDS[notice.kind], "kind_id": notice.kind,
        "class": CLASSES[notice.klass], "class_id": notice.klass,
        "category": CATEGORIES[notice.category] if notice.category else "",
        "hamlets": [{"id": h if h in names else "", "name": names.get(h, h)} for h in notice.hamlets],
        "date": day(notice.date), "updated": moment(item.approved_at), "updated_iso": iso(item.approved_at),
        "start": moment(notice.start), "end": moment(notice.end), "until": day(notice.end),
        "state": state(item, now),
        "card": f"tin/{notice.slug}.jpg" if item.card else "",
        "facts": [list(fact) for fact in notice.facts],
        "yearly": yearly_said(notice.yearly) if notice.yearly else "",
        "host": notice.calendar.host if notice.calendar else "",
        "issuer": notice.issuer, "document": _document_fields(notice), "alert": _alert_fields(notice),
        "image": {"src": _file_address(notice, image.name), "alt": image.alt} if image else None,
        "film": {"src": _file_address(notice, film.name), "words": film.alt} if film else None,
        "attachments": attachment_rows(notice),
        "calendar": [], "linked": "",  # the planner's to fill in
        "paper": paper.sheet(notice, settings, over=state(item, now) == "sau" and not notice.is_page),
        "html": page_html(notice.body, _addresses(notice, known, root)),
    }  # fmt: skip


def _file_address(notice: Notice, name: str) -> str:
    return f"tep/{notice.slug}/{quote(name)}"


def _addresses(notice: Notice, known: Container[str], root: str) -> Callable[[str], str | None]:
    names = {file.name for file in notice.files}

    def address(written: str) -> str | None:
        if written in names:
            return root + _file_address(notice, written)
        return root + written if written in known else None

    return address


def _document_fields(notice: Notice) -> dict[str, Any] | None:
    if (document := notice.document) is None:
        return None
    by = document.signer
    return {
        "number": document.number, "kind": doctype.kind_name(document.number),
        "issuer": document.issuer, "recipients": list(document.recipients),
        "issued": day(document.issued) if document.issued else "",
        "effective": day(document.effective) if document.effective else "",
        "signer": {"name": by.name, "title": by.title, "authority": by.authority} if by else None,
    }  # fmt: skip


def _alert_fields(notice: Notice) -> dict[str, Any] | None:
    if (alert := notice.alert) is None:
        return None
    return {
        "level": alert.level, "word": LEVELS[alert.level].word,
        "source": alert.source, "bulletin": moment(alert.bulletin_time), "drill": alert.drill,
    }  # fmt: skip


def attachment_rows(notice: Notice) -> list[dict[str, str]]:
    sizes = {file.name: file.size for file in notice.files}
    return [
        {
            "name": name, "href": _file_address(notice, name), "size": size_words(sizes[name]),
            "type": _TYPES.get(Path(name).suffix.lower(), Path(name).suffix.lstrip(".").upper()),
        }
        for name in notice.attachments
    ]  # fmt: skip


def size_words(size: int) -> str:
    """812 byte, 45 kB, 1,3 MB: decimal comma, as Vietnamese is written."""
    if size < 1000:
        return f"{size} byte"
    return f"{round(size / 1000)} kB" if size < 999_500 else f"{size / 1_000_000:.1f} MB".replace(".", ",")
