"""What the site keeps of each notice between plans, so that a plan looks only at what changed.

A leaf is small: what lists print, what the whole list tells, and the digest of all that the notice's page
says. The page's text is made when it is printed and then forgotten. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from ....notice import CATEGORIES, CLASSES, KINDS
from ....settings import Settings
from ....wire import sha256, when
from ...duties import fulfilled
from ...rules import Duty
from ..views import Published, attachment_rows, state, view
from . import calendar
from .english import twin
from .linked import announcement
from .shelves import Shelf, by_approval, rearrange

NOT_IN_LISTS = ("html", "heading", "linked", "calendar", "facts", "image", "film", "root", "paper")
KEPT_VIEWS = 48  # pages' texts remembered: those of the feed, and a page and its JSON one after the other
View = dict[str, Any]
_JSON = msgspec.json.Encoder(order="sorted")
Asked = tuple[tuple[str, bool], ...]  # addresses that a text links to, and whether they are there


@dataclass(frozen=True, slots=True)
class Leaf:
    """One notice or page, as the rest of the site needs it."""

    given: str  # lines: statement, digest, approved at, card, state, twin: the leaf is made of them
    asked: Asked
    digest: str  # SHA-256 of everything that its own page and JSON say
    row_key: str  # SHA-256 of the row
    row: bytes  # JSON of what lists print of it
    record: bytes  # JSON of its line in notices.json
    entry: bytes  # JSON of its line in the register; b"" for what is no document
    duties: tuple[int, ...]  # places of the duties that it counts for

    @property
    def statement(self) -> str:
        """Of which statement it was made."""
        return self.given.partition("\n")[0]


class Lookups:
    """The addresses that are known, and which of them somebody asked for."""

    def __init__(self, known: frozenset[str]) -> None:
        self._known = known
        self.asked: dict[str, bool] = {}

    def __contains__(self, address: object) -> bool:
        found = address in self._known
        self.asked[str(address)] = found
        return found


class Leaves:
    """All leaves, by notice; what a plan asks of a notice is asked here."""

    def __init__(self) -> None:
        self.kept: dict[str, Leaf] = {}
        self.changed: set[str] = set()  # notices whose leaf changed since it was last saved
        self.made_of = ""  # digest of the settings that leaves depend on
        self.renewed: set[str] = set()  # slugs whose row is another than before the last renewal
        self.turned: set[str] = set()  # those of them whose notice is the same: it began, ended or is told otherwise
        self._duties: tuple[Duty, ...] = ()
        self._seen: dict[str, Published] = {}
        self._views: dict[str, tuple[View, Asked]] = {}  # the last that were asked for come last
        self._at: tuple[Settings, datetime, frozenset[str]] | None = None
        self._asking: set[str] = set()  # notices whose leaf depends on the addresses there are
        self._stands: dict[str, tuple[Published, tuple[int, ...]]] = {}  # the duties that each is counted for
        self._counting: dict[int, Shelf] = {}  # duty → what counts for it

    def __getitem__(self, item: Published) -> Leaf:
        return self.kept[item.notice.id]

    def renew(
        self, live: Mapping[str, Published], settings: Settings, now: datetime, known: frozenset[str],
        fresh: Callable[[Published, Leaf], None], *, duties: tuple[Duty, ...] = (), holds: bool = False,
    ) -> None:  # fmt: skip
        """Make the leaves those of `live`, by id, at `now`; `fresh` is told of each that is new or other than before.

        `duties`: what a notice may count for. `holds`: no notice has begun or ended since the last time.
        """
        made_of = sha256(repr((settings.commune, settings.hamlets, settings.holidays, duties)).encode())
        if anew := made_of != self.made_of:
            self.changed.update(self.kept)
            self.kept, self.made_of, self._views, self._seen = {}, made_of, {}, {}
            self._asking, self._counting, self._stands = set(), {}, {}
        before, self._seen = self._seen, dict(live)
        stays = self._at is not None and self._at[2] == known
        self._at, self._duties, self.renewed = (settings, now, known), duties, set()
        self.turned = set()
        gone = self.kept.keys() - self._seen.keys()
        for ident in gone:
            del self.kept[ident]
            self._views.pop(ident, None)
            self._asking.discard(ident)
            self.changed.add(ident)
        doubtful = self._in_doubt(before, stays) if holds else list(self._seen)
        for ident in doubtful:
            item, kept = self._seen[ident], self.kept.get(ident)
            given = _given(item, now, known)
            if kept and kept.given == given and all((address in known) == was for address, was in kept.asked):
                leaf = kept
            else:
                leaf = self.kept[ident] = self._leaf(item, given)
                self.changed.add(ident)
                if not kept or kept.row_key != leaf.row_key:
                    self.renewed.add(item.notice.slug)
                    if anew or before.get(ident) == item:
                        self.turned.add(item.notice.slug)
            if leaf.asked or item.notice.is_page:
                self._asking.add(ident)
            if leaf is not kept:
                fresh(item, leaf)
        self._count([*gone, *doubtful])

    def that_count(self, duty: int) -> Sequence[Published]:
        """What is published for a duty, by its place, in the order of approval."""
        return self._counting.get(duty, ())

    def _count(self, idents: Iterable[str]) -> None:
        leave: list[tuple[int, Published]] = []
        come: list[tuple[int, Published]] = []
        for ident in idents:
            if was := self._stands.pop(ident, None):
                leave += [(duty, was[0]) for duty in was[1]]
            if leaf := self.kept.get(ident):
                item, duties = self._stands[ident] = self._seen[ident], leaf.duties
                come += [(duty, item) for duty in duties]
        rearrange(self._counting, leave, come, lambda duty: by_approval)

    def _in_doubt(self, before: Mapping[str, Published], stays: bool) -> list[str]:
        """What is other than before, or asked for an address while addresses came or went."""
        idents = dict.fromkeys([ident for ident, item in self._seen.items() if before.get(ident) is not item])
        if not stays:
            idents |= dict.fromkeys(sorted(self._asking))
        return list(idents)

    def view(self, item: Published) -> View:
        """Everything that the page of a notice says."""
        return self._viewed(item)[0]

    def digest(self, items: Iterable[Published], *more: Any) -> str:
        """What changes when any of these notices' pages does, or `more`."""
        parts = [self.kept[item.notice.id].digest for item in items]
        return sha256("\n".join([*parts, repr(more)]).encode())

    def _viewed(self, item: Published) -> tuple[View, Asked]:
        ident = item.notice.id
        found = self._views.pop(ident, None) or self._made(item)
        if len(self._views) >= KEPT_VIEWS:
            del self._views[next(iter(self._views))]
        self._views[ident] = found
        return found

    def _made(self, item: Published) -> tuple[View, Asked]:
        assert self._at is not None
        settings, now, known = self._at
        lookups = Lookups(known)
        made = view(item, settings, now, lookups)
        made["twin"] = twin(item.notice.url, known) if item.notice.is_page else ""
        if not item.notice.is_page:
            made["linked"], made["calendar"] = announcement(item, settings), calendar.table(item, settings)
        return made, tuple(sorted(lookups.asked.items()))

    def _leaf(self, item: Published, given: str) -> Leaf:
        self._views.pop(item.notice.id, None)
        made, asked = self._viewed(item)
        row = as_json({name: value for name, value in made.items() if name not in NOT_IN_LISTS})
        counts_for = fulfilled(self._duties, item.notice)
        told = as_json(entry(item)) if item.notice.document else b""
        return Leaf(given, asked, sha256(as_json(made)), sha256(row), row, as_json(record(item)), told, counts_for)


def _given(item: Published, now: datetime, known: frozenset[str]) -> str:
    notice = item.notice
    other = twin(notice.url, known) if notice.is_page else ""
    card = "card" if item.card else ""
    return f"{item.statement}\n{notice.digest}\n{item.approved_at.isoformat()}\n{card}\n{state(item, now)}\n{other}"


def record(item: Published) -> dict[str, Any]:
    """A notice's line in `notices.json`."""
    notice = item.notice
    return {
        "id": notice.id, "title": notice.title, "kind": notice.kind, "class": notice.klass,
        "category": notice.category, "hamlets": list(notice.hamlets),
        "start": when(notice.start), "end": when(notice.end), "url": notice.url,
        "number": notice.document.number if notice.document else None, "summary": notice.summary,
        "statement": item.statement, "updated": when(item.approved_at),
    }  # fmt: skip


def entry(item: Published) -> dict[str, Any]:
    """All that is told of a notice but its text: the register holds what thousands of documents are."""
    notice, document = item.notice, item.notice.document
    signer = document.signer if document else None
    return {
        **record(item), "v": 1, "kind_name": KINDS[notice.kind], "class_name": CLASSES[notice.klass],
        "category_name": CATEGORIES[notice.category] if notice.category else None, "issuer": notice.issuer or None,
        "date": when(notice.date), "facts": [list(fact) for fact in notice.facts],
        "document": {
            "number": document.number, "issuer": document.issuer, "recipients": list(document.recipients),
            "issued": document.issued.isoformat() if document.issued else None,
            "effective": document.effective.isoformat() if document.effective else None,
            "signer": vars(signer) if signer else None,
        } if document else None,
        "attachments": [{"name": a["name"], "href": a["href"], "type": a["type"]} for a in attachment_rows(notice)],
    }  # fmt: skip


def as_json(value: Any) -> bytes:
    """One form for the same value; `TypeError` for what is not plain."""
    return _JSON.encode(value)
