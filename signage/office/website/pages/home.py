"""The home page: emergencies, what is on today and this week, the newest, documents, schedules, boards, services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from ....notice.vocabulary import SLOGAN
from ....settings import Settings
from ...showing import Showing
from ..look import Look
from ..views import Published
from .boards import home as on_home
from .calendar import Entry, week
from .linked import organisation
from .page import Page, active, rows, sources
from .shelves import Shelves

OFF_HOME = (SLOGAN,)  # kinds for boards first: on the site, but not among its newest notices
HOME_PINNED = 4  # priority notices above the newest; the rest stand among these
HOME_DOCUMENTS = 5  # documents on the home page
# What people come for, in their words; the addresses are pages that every commune has.
SERVICES = (
    ("Làm thủ tục", "Hồ sơ cần gì, nộp ở đâu", "thu-tuc.html"),
    ("Gặp lãnh đạo xã", "Lịch tiếp công dân", "lich.html"),
    ("Mất điện, mất nước", "Lịch ngừng cung cấp", "lich.html"),
    ("Tiêm chủng", "Ngày, giờ, nơi tiêm", "lich.html"),
    ("Tìm văn bản", "Theo số, ngày, trích yếu", "van-ban.html"),
    ("Gọi cho xã", "Số điện thoại từng bộ phận", "lien-he.html"),
)
SCHEDULES = ("tiep-dan", "lich-lam-viec")  # kinds whose newest notice the home page links to


def home(
    shelves: Shelves, look: Look, entries: Sequence[Entry], settings: Settings, now: datetime, boards: Sequence[Showing]
) -> Page:
    """The page that everybody comes to first."""
    urgent = active(shelves.emergencies, now)
    priority = [i for i in reversed(shelves.priority) if now < i.notice.end]
    pinned = sorted(priority, key=lambda i: i.notice.order)[:HOME_PINNED]
    chosen = [one for kind in SCHEDULES if (one := _newest(shelves.of_kind(kind), now))]
    above = {i.notice.slug for i in (*urgent, *pinned, *chosen)}
    below = (i for i in reversed(shelves.notices) if i.notice.slug not in above and i.notice.kind not in OFF_HOME)
    latest = list(islice(below, look.home_notices))
    documents = list(islice((i for i in reversed(shelves.documents) if not i.withdrawn_at), HOME_DOCUMENTS))
    screens, on_boards = on_home(boards)
    values = {
        "urgent": rows(urgent), "pinned": rows(pinned), "latest": rows(latest),
        "documents": rows(documents), "schedules": rows(chosen), "kinds": shelves.kinds,
        "week": week(entries, now), "boards": screens, "services": [list(one) for one in SERVICES],
        "linked": organisation(settings.commune),
    }  # fmt: skip
    shown = [*urgent, *pinned, *latest, *documents, *chosen]
    return Page("index.html", "index.html", (*sources(shown), *on_boards), values=values)


def _newest(some: Sequence[Published], now: datetime) -> Published | None:
    """The newest that is not over; else the newest."""
    live = (i for i in reversed(some) if not i.withdrawn_at)
    if (newest := next(live, None)) is None or now < newest.notice.end:
        return newest
    return next((i for i in live if now < i.notice.end), newest)
