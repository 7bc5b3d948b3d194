"""For machines: feeds, the whole list and each page as JSON, the register as CSV; the same notices as on the pages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ...notice import CATEGORIES, CLASSES, KINDS
from ...settings import Settings
from ...wire import when
from .. import spreadsheet
from ..views import Published, iso
from .page import Output, Page, kinds, rows, sources

FEED_ITEMS = 20  # entries of a feed
NO_NEWS = "2000-01-01T00:00:00+07:00"  # when a feed without entries was updated
REGISTER = ("Số, ký hiệu", "Ngày ban hành", "Ngày có hiệu lực", "Cơ quan ban hành", "Người ký", "Trích yếu",
            "Niêm yết đến", "Tệp", "Địa chỉ")  # fmt: skip


def feeds(notices: Sequence[Published], settings: Settings) -> Iterator[Page]:
    """One of everything, one of each kind, one of each hamlet (with what is for the whole commune)."""
    yield _feed("atom.xml", "Thông báo", "index.html", notices)
    for kind, name in kinds(notices):
        yield _feed(f"loai/{kind}.xml", name, f"loai/{kind}.html", [i for i in notices if i.notice.kind == kind])
    for hamlet in settings.hamlets:
        here = [i for i in notices if not i.notice.hamlets or hamlet.id in i.notice.hamlets]
        yield _feed(f"thon/{hamlet.id}.xml", hamlet.name, f"thon/{hamlet.id}.html", here)


def _newest(notices: Sequence[Published]) -> list[Published]:
    return sorted(notices, key=lambda i: (i.approved_at, i.notice.id), reverse=True)[:FEED_ITEMS]


def _feed(path: str, title: str, home: str, notices: Sequence[Published]) -> Page:
    newest = _newest(notices)
    updated = iso(newest[0].approved_at) if newest else NO_NEWS
    values = {"title": title, "path": path, "home": home.removesuffix("index.html"), "updated": updated}
    return Page(path, "atom.xml", sources(newest), rows(newest), values)


def outputs(
    items: Sequence[Published], notices: Sequence[Published], views: dict[str, dict[str, Any]], settings: Settings
) -> dict[str, Output]:
    """The files that no template lays out, by path; `items`: with what was withdrawn."""
    gone = sorted((i for i in items if i.withdrawn_at), key=lambda i: i.notice.id)
    listed = {
        "v": 1, "commune": settings.commune.code, "name": settings.commune.name,
        "notices": [_record(i) for i in reversed(notices)],
        "withdrawn": [{"id": i.notice.id, "url": i.notice.url, "at": _gone_at(i)} for i in gone],
    }  # fmt: skip
    documents = [i for i in reversed(notices) if i.notice.document]
    found = {
        "notices.json": Output(_json(listed), sources([*notices, *gone])),
        "feed.json": Output(_json(_json_feed(_newest(notices), views, settings)), sources(_newest(notices))),
        "van-ban.json": Output(_json({"v": 1, "documents": [_twin(i, views) for i in documents]}), sources(documents)),
        "van-ban.csv": Output(_register(documents, views, settings), sources(documents)),
    }
    twins = {f"tin/{i.notice.slug}.json": Output(_json(_twin(i, views)), (i.statement,)) for i in notices}
    return found | twins


def _gone_at(item: Published) -> str:
    assert item.withdrawn_at is not None
    return when(item.withdrawn_at)


def _json_feed(newest: Sequence[Published], views: dict[str, dict[str, Any]], settings: Settings) -> dict[str, Any]:
    """JSON Feed 1.1."""
    base, commune = settings.commune.site, settings.commune
    return {
        "version": "https://jsonfeed.org/version/1.1", "language": "vi",
        "title": f"Thông báo – {commune.heading}" + (" (DỮ LIỆU MẪU)" if commune.sample else ""),
        "home_page_url": f"{base}/", "feed_url": f"{base}/feed.json", "authors": [{"name": commune.authority}],
        "items": [
            {
                "id": f"{base}/{i.notice.url}", "url": f"{base}/{i.notice.url}", "title": i.notice.title,
                "summary": i.notice.summary, "content_html": views[i.notice.slug]["html"],
                "date_published": iso(i.notice.date), "date_modified": iso(i.approved_at),
                "tags": [KINDS[i.notice.kind], CLASSES[i.notice.klass]],
            }
            for i in newest
        ],
    }  # fmt: skip


def _record(item: Published) -> dict[str, Any]:
    notice = item.notice
    return {
        "id": notice.id, "title": notice.title, "kind": notice.kind, "class": notice.klass,
        "category": notice.category, "hamlets": list(notice.hamlets),
        "start": when(notice.start), "end": when(notice.end), "url": notice.url,
        "number": notice.document.number if notice.document else None, "summary": notice.summary,
        "statement": item.statement, "updated": when(item.approved_at),
    }  # fmt: skip


def _twin(item: Published, views: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the page says, as values."""
    notice, view, document = item.notice, views[item.notice.slug], item.notice.document
    signer = document.signer if document else None
    return {
        **_record(item), "v": 1, "kind_name": KINDS[notice.kind], "class_name": CLASSES[notice.klass],
        "category_name": CATEGORIES[notice.category] if notice.category else None, "issuer": notice.issuer or None,
        "date": when(notice.date), "facts": [list(fact) for fact in notice.facts], "html": view["html"],
        "document": {
            "number": document.number, "issuer": document.issuer, "recipients": list(document.recipients),
            "issued": document.issued.isoformat() if document.issued else None,
            "effective": document.effective.isoformat() if document.effective else None,
            "signer": vars(signer) if signer else None,
        } if document else None,
        "attachments": [{"name": a["name"], "href": a["href"], "type": a["type"]} for a in view["attachments"]],
    }  # fmt: skip


def _register(documents: Sequence[Published], views: dict[str, dict[str, Any]], settings: Settings) -> bytes:
    lines = []
    for item in documents:
        view, document = views[item.notice.slug], item.notice.document
        assert document is not None
        base = settings.commune.site
        lines.append([
            document.number, document.issued.isoformat() if document.issued else "",
            document.effective.isoformat() if document.effective else "", document.issuer,
            document.signer.name if document.signer else "", item.notice.title,
            item.notice.end.date().isoformat(), " ".join(f"{base}/{a['href']}" for a in view["attachments"]),
            f"{base}/{item.notice.url}",
        ])  # fmt: skip
    return spreadsheet.table(REGISTER, lines).encode()


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()
