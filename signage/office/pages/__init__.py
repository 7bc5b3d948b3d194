"""Which pages the site has: the notices' own, and home, lists, register, archive, feeds around them.

Pure: from approved notices and `now` to a `Plan` that templates only lay out. Lists are numbered
from the oldest and show no bodies, so that one more notice changes few pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ...settings import Settings
from ..look import Look
from ..rules import Rules, packaged
from ..showing import Showing
from ..views import Published, view
from . import boards, calendar
from .alerts import alerts
from .disclosure import disclosure
from .english import english, twin
from .guide import guides
from .home import home
from .linked import announcement
from .lists import lists, months, withdrawn
from .machine import feeds, outputs
from .page import Output, Page, Plan
from .register import register
from .search import search

__all__ = ["Output", "Page", "Plan", "plan"]

# Pages that the menu names: until one is approved, a page that says so stands there.
OWN_PAGES = {"gioi-thieu": "Giới thiệu", "thu-tuc": "Thủ tục hành chính", "lien-he": "Liên hệ"}


def plan(
    settings: Settings, look: Look, items: Sequence[Published], now: datetime, shown: Sequence[Showing] = (),
    rules: Rules | None = None,
) -> Plan:  # fmt: skip
    """Every page of the site at `now`."""
    live = sorted((i for i in items if not i.withdrawn_at), key=lambda i: (i.notice.date, i.notice.id))
    known = {i.notice.url for i in live}
    views = {i.notice.slug: view(i, settings, now, known) for i in live}
    notices, own = [i for i in live if not i.notice.is_page], [i for i in live if i.notice.is_page]
    for one in views.values():
        one["twin"] = twin(one["url"], known)
    for item in notices:
        view_ = views[item.notice.slug]
        view_["linked"], view_["calendar"] = announcement(item, settings), calendar.table(item, settings)
    searching, index = search(notices, settings)
    warnings, messages = alerts(items, settings)
    files = index | messages | outputs(items, notices, views, settings)
    urls, hamlets = {i.notice.id: i.notice.url for i in live}, {h.id: h.name for h in settings.hamlets}
    screens, pictures = boards.boards(shown, urls, hamlets)
    files |= pictures | {f"tin/{i.notice.slug}.jpg": Output(i.card, (i.statement,)) for i in notices if i.card}
    files |= calendar.files(notices, settings, now)
    pages = [
        searching,
        home(notices, settings, look, now, shown),
        screens,
        *lists(notices, settings, look, now),
        *register(notices),
        *months(notices),
        *(Page(f"{slug}.html", "empty.html", values={"title": title})
          for slug, title in OWN_PAGES.items() if f"{slug}.html" not in known),
        *guides(notices, own, settings, look),
        *english(own, settings),
        *feeds(notices, settings),
        *calendar.calendars(notices, settings, now),
        warnings,
    ]  # fmt: skip
    taken = {p.path for p in pages}  # a menu's page that is taken back gives way to the one that says what is known
    pages += [p for p in withdrawn(items, known) if p.path not in taken]
    found = {p.path for p in pages if p.path.endswith(".html") and not p.statement} - {"404.html"}
    disclosed = disclosure(live, settings, rules or packaged(), found | known)
    paths = ["" if path == "index.html" else path for path in sorted(found | known | {disclosed.path})]
    values = {"addresses": [f"{settings.commune.site}/{path}" for path in paths]}
    return Plan(views, (*pages, disclosed, Page("sitemap.xml", "sitemap.xml", values=values)), files)
