"""Which pages the site has: the notices' own, and home, lists, register, archive, feeds around them.

Pure: from approved notices and `now` to a `Plan` that templates only lay out. Lists are numbered
from the oldest and show no bodies, so that one more notice changes few pages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

from ....schedule import VIETNAM_TIME
from ....settings import Settings
from ...rules import Duty, Rules, packaged
from ...showing import Showing
from ..look import Look
from ..views import Published
from . import boards, calendar
from .alerts import alerts
from .disclosure import disclosure
from .english import english
from .guide import guides
from .home import home
from .leaves import Leaf, Leaves
from .lists import lists, months, withdrawn
from .machine import feeds, outputs
from .page import Output, Page, Plan
from .register import register
from .search import search, words_index
from .shelves import Shelves

__all__ = ["Leaf", "Leaves", "Memory", "Output", "Page", "Plan", "plan"]

# Pages that the menu names: until one is approved, a page that says so stands there.
OWN_PAGES = {"gioi-thieu": "Giới thiệu", "thu-tuc": "Thủ tục hành chính", "lien-he": "Liên hệ"}


def plan(
    settings: Settings, look: Look, items: Sequence[Published], now: datetime, shown: Sequence[Showing] = (),
    rules: Rules | None = None, memory: Memory | None = None,
    fresh: Callable[[Published, Leaf], None] = lambda item, leaf: None,
) -> Plan:  # fmt: skip
    """Every page of the site at `now`.

    `memory` is what the last plan left; `fresh` is told at once of each notice whose page says something new.
    """
    memory, rules = memory or Memory(settings), rules or packaged()
    shelves = memory.shelves
    shelves.renew(items)
    live, notices, own = shelves.live, shelves.notices, shelves.own
    known = frozenset(shelves.by_url)
    memory.renew(settings, now, known, fresh, (*rules.sections, *rules.categories))
    searching, index = search(shelves, settings, memory.index)
    warnings, messages = alerts(shelves.emergencies, settings)
    entries = calendar.entries(shelves.announced, settings)
    files = index | messages | outputs(shelves, memory.leaves, settings)
    screens, pictures = boards.boards(shown, shelves.by_id, settings.hamlet_names)
    files |= pictures | {f"tin/{i.notice.slug}.jpg": Output.of(i.card, (i.statement,)) for i in notices if i.card}
    files |= calendar.files(entries, settings, now)
    pages = [
        searching,
        home(shelves, look, entries, settings, now, shown),
        screens,
        *lists(shelves, settings, look, now),
        *register(shelves),
        *months(shelves),
        *(Page(f"{slug}.html", "empty.html", values={"title": title})
          for slug, title in OWN_PAGES.items() if f"{slug}.html" not in known),
        *guides(shelves, settings, look),
        *english(own, settings),
        *feeds(shelves, settings),
        *calendar.calendars(entries, now),
        warnings,
    ]  # fmt: skip
    taken = {p.path for p in pages}  # a menu's page that is taken back gives way to the one that says what is known
    pages += [p for p in withdrawn(shelves.gone, known) if p.path not in taken]
    found = {p.path for p in pages if p.path.endswith(".html") and not p.statement} - {"404.html"}
    disclosed = disclosure(rules, found | known, memory.leaves)
    paths = ["" if path == "index.html" else path for path in sorted(found | known | {disclosed.path})]
    values = {"addresses": [f"{settings.commune.site}/{path}" for path in paths]}
    sitemap = Page("sitemap.xml", "sitemap.xml", values=values)
    memory.planned = now, (until := _until(shelves, entries, now))
    return Plan(live[:], dict(shelves.by_slug), known, (*pages, disclosed, sitemap), files, until)


def _until(shelves: Shelves, entries: Sequence[calendar.Entry], now: datetime) -> datetime:
    """When the next page changes by itself: a day, a notice or an occasion begins or ends."""
    tomorrow = now.astimezone(VIETNAM_TIME).date() + timedelta(days=1)
    edges = [datetime.combine(tomorrow, time(), VIETNAM_TIME)]
    edges += [edge for edge in (shelves.edge(now),) if edge]
    edges += [edge for e in entries for edge in calendar.edges(e) if edge > now]
    return min(edges)


class Memory:
    """What is kept between plans: the shelves, each notice's leaf, each word's places."""

    def __init__(self, settings: Settings) -> None:
        self.shelves, self.leaves, self.index = Shelves(), Leaves(), words_index(settings)
        self._hamlets = settings.hamlets
        self.planned: tuple[datetime, datetime] | None = None  # when the last plan was made, and until when it held

    def renew(
        self, settings: Settings, now: datetime, known: frozenset[str],
        fresh: Callable[[Published, Leaf], None], duties: tuple[Duty, ...],
    ) -> None:  # fmt: skip
        """For another plan of what is on the shelves."""
        if settings.hamlets != self._hamlets:
            self.index, self._hamlets = words_index(settings), settings.hamlets
        holds = self.planned is not None and self.planned[0] <= now < self.planned[1]
        self.leaves.renew(self.shelves.by_id, settings, now, known, fresh, duties=duties, holds=holds)
