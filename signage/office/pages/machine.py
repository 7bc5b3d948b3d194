"""For machines: the feed, and the whole list as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ...settings import Settings
from ...wire import when
from ..views import Published, iso
from .page import Page, rows, sources

FEED_ITEMS = 20  # entries of the feed


def machine(items: Sequence[Published], notices: Sequence[Published], settings: Settings) -> Iterator[Page]:
    """The feed and the whole list as JSON."""
    newest = sorted(notices, key=lambda i: (i.approved_at, i.notice.id), reverse=True)[:FEED_ITEMS]
    values = {"updated": iso(newest[0].approved_at) if newest else "2000-01-01T00:00:00+07:00"}
    yield Page("atom.xml", "atom.xml", sources(newest), rows(newest), values)
    listed = {
        "v": 1, "commune": settings.commune.code, "name": settings.commune.name,
        "notices": [_record(i) for i in reversed(notices)],
        "withdrawn": [
            {"id": i.notice.id, "url": i.notice.url, "at": when(i.withdrawn_at)}
            for i in sorted(items, key=lambda i: i.notice.id) if i.withdrawn_at
        ],
    }  # fmt: skip
    text = json.dumps(listed, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
    gone = [i for i in items if i.withdrawn_at]
    yield Page("notices.json", "plain.txt", sources([*notices, *gone]), values={"text": text})


def _record(item: Published) -> dict[str, Any]:
    notice = item.notice
    return {
        "id": notice.id, "title": notice.title, "kind": notice.kind, "class": notice.klass,
        "category": notice.category, "hamlets": list(notice.hamlets),
        "start": when(notice.start), "end": when(notice.end), "url": notice.url,
        "number": notice.document.number if notice.document else None, "summary": notice.summary,
        "statement": item.statement, "updated": when(item.approved_at),
    }  # fmt: skip
