"""For machines: feeds, the whole list and each page as JSON, the register as CSV; the same notices as on the pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from .... import spreadsheet
from ....notice import CLASSES, KINDS
from ....settings import Settings
from ....wire import when
from ..views import Published, attachment_rows, iso
from .leaves import Leaves, as_json, entry
from .page import Output, Page, sources
from .shelves import Shelves

FEED_ITEMS = 20  # entries of a feed
NO_NEWS = "2000-01-01T00:00:00+07:00"  # when a feed without entries was updated
REGISTER = ("Số, ký hiệu", "Ngày ban hành", "Ngày có hiệu lực", "Cơ quan ban hành", "Người ký", "Trích yếu",
            "Niêm yết đến", "Tệp", "Địa chỉ")  # fmt: skip


def feeds(shelves: Shelves, settings: Settings) -> Iterator[Page]:
    """One of everything, one of each kind, one of each hamlet (with what is for the whole commune)."""
    newest = [*shelves.newest]
    yield feed("atom.xml", "Thông báo", "index.html", newest[:FEED_ITEMS])
    for kind, name in shelves.kinds:
        yield feed(f"loai/{kind}.xml", name, f"loai/{kind}.html", _first(i for i in newest if i.notice.kind == kind))
    for hamlet in settings.hamlets:
        here = _first(i for i in newest if not i.notice.hamlets or hamlet.id in i.notice.hamlets)
        yield feed(f"thon/{hamlet.id}.xml", hamlet.name, f"thon/{hamlet.id}.html", here)


def _first(items: Iterator[Published]) -> list[Published]:
    return list(islice(items, FEED_ITEMS))


def feed(path: str, title: str, home: str, newest: Sequence[Published], **more: Any) -> Page:
    """One feed of these entries."""
    updated = iso(newest[0].approved_at) if newest else NO_NEWS
    values = {"title": title, "path": path, "home": home.removesuffix("index.html"), "updated": updated, **more}
    return Page(path, "atom.xml", items=newest, values=values)


def outputs(shelves: Shelves, leaves: Leaves, settings: Settings) -> dict[str, Output]:
    """The files that no template lays out, by path; but for each notice's own (`twin`)."""
    notices, gone = shelves.notices, sorted(shelves.gone, key=lambda i: i.notice.id)
    told = [{"id": i.notice.id, "url": i.notice.url, "at": _gone_at(i)} for i in gone]
    head = {"v": 1, "commune": settings.commune.code, "name": settings.commune.name}
    newest = _first(shelves.newest)
    documents = [i for i in reversed(shelves.documents) if not i.withdrawn_at]
    base, told_of = settings.commune.site, sources(documents)
    register = leaves.digest(documents, base)
    return {
        "notices.json": Output(
            leaves.digest(notices, head, told),
            lambda: _joined({**head, "withdrawn": told}, "notices", [leaves[i].record for i in reversed(notices)]),
            (*notices.sources, *sources(gone)),
        ),
        "feed.json": Output(leaves.digest(newest, vars(settings.commune)),
                            lambda: as_json(_json_feed(newest, leaves, settings)) + b"\n", sources(newest)),
        "van-ban.json": Output(
            register, lambda: _joined({"v": 1}, "documents", [leaves[i].entry for i in documents]), told_of,
        ),
        "van-ban.csv": Output(register, lambda: _register(documents, base), told_of),
    }  # fmt: skip


def _joined(head: dict[str, Any], name: str, parts: Sequence[bytes]) -> bytes:
    """One JSON object whose list `name` is of parts that are JSON already."""
    before, _, after = as_json({**head, name: ["|"]}).partition(b'"|"')
    return before + b",".join(parts) + after + b"\n"


def _gone_at(item: Published) -> str:
    assert item.withdrawn_at is not None
    return when(item.withdrawn_at)


def _json_feed(newest: Sequence[Published], leaves: Leaves, settings: Settings) -> dict[str, Any]:
    """JSON Feed 1.1."""
    base, commune = settings.commune.site, settings.commune
    return {
        "version": "https://jsonfeed.org/version/1.1", "language": "vi",
        "title": f"Thông báo – {commune.heading}" + (" (DỮ LIỆU MẪU)" if commune.sample else ""),
        "home_page_url": f"{base}/", "feed_url": f"{base}/feed.json", "authors": [{"name": commune.authority}],
        "items": [
            {
                "id": f"{base}/{i.notice.url}", "url": f"{base}/{i.notice.url}", "title": i.notice.title,
                "summary": i.notice.summary, "content_html": leaves.view(i)["html"],
                "date_published": iso(i.notice.date), "date_modified": iso(i.approved_at),
                "tags": [KINDS[i.notice.kind], CLASSES[i.notice.klass]],
            }
            for i in newest
        ],
    }  # fmt: skip


def twin(item: Published, html: str) -> bytes:
    """What a notice's page says, as values."""
    return as_json({**entry(item), "html": html}) + b"\n"


def _register(documents: Sequence[Published], base: str) -> bytes:
    lines = []
    for item in documents:
        document = item.notice.document
        assert document is not None
        lines.append([
            document.number, document.issued.isoformat() if document.issued else "",
            document.effective.isoformat() if document.effective else "", document.issuer,
            document.signer.name if document.signer else "", item.notice.title, item.notice.end.date().isoformat(),
            " ".join(f"{base}/{a['href']}" for a in attachment_rows(item.notice)), f"{base}/{item.notice.url}",
        ])  # fmt: skip
    return spreadsheet.table(REGISTER, lines).encode()
