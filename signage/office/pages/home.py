"""The home page: emergencies, what is on today and this week, the newest, documents, schedules, boards, services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ...notice.vocabulary import PRIORITY, SLOGAN
from ...settings import Settings
from ..look import Look
from ..showing import Showing
from ..views import Published
from .boards import home as on_home
from .calendar import Entry, week
from .linked import organisation
from .page import Page, active, kinds, rows, sources

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
    notices: Sequence[Published], look: Look, entries: Sequence[Entry], settings: Settings, now: datetime,
    boards: Sequence[Showing],
) -> Page:  # fmt: skip
    """The page that everybody comes to first."""
    newest = notices[::-1]
    current = [i for i in newest if now < i.notice.end]
    urgent = active(notices, now)
    pinned = sorted((i for i in current if i.notice.klass == PRIORITY), key=lambda i: i.notice.order)
    pinned = pinned[:HOME_PINNED]
    first = {i.notice.kind: i for i in [*notices, *reversed(current)]}  # of each kind: current, else newest
    chosen = [first[kind] for kind in SCHEDULES if kind in first]
    above = {i.notice.slug for i in (*urgent, *pinned, *chosen)}
    below = [i for i in newest if i.notice.slug not in above and i.notice.kind not in OFF_HOME]
    latest = below[: look.home_notices]
    documents = [i for i in newest if i.notice.document][:HOME_DOCUMENTS]
    screens, on_boards = on_home(boards)
    values = {
        "urgent": rows(urgent), "pinned": rows(pinned), "latest": rows(latest),
        "documents": rows(documents), "schedules": rows(chosen), "kinds": kinds(notices),
        "week": week(entries, now), "boards": screens, "services": [list(one) for one in SERVICES],
        "linked": organisation(settings.commune),
    }  # fmt: skip
    shown = [*urgent, *pinned, *latest, *documents, *chosen]
    return Page("index.html", "index.html", (*sources(shown), *on_boards), values=values)
