"""All boards, worst first, with filters; the same for programs. Ten boards or forty thousand: one page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from ...wire import when
from ..alarms import HEARTBEAT, Contact, Content, Screen
from ..alarms.judgement import LOST_BEATS
from ..seen import boards, fleet
from ..seen.boards import Board
from ..seen.fleet import BOARDS_A_PAGE, Filter
from ..seen.lately import Lately
from ..watchman import hearing_since
from . import words
from .shell import Menu, Section
from .stream import line
from .visit import Visit

MAX_PAGE = 100_000
IN_JSON = 500  # boards of one answer to a program: a commune's are always in one
AXES = {
    "contact": ("Liên lạc", {state.value: said for state, said in words.CONTACT.items()}),
    "content": ("Nội dung", {state.value: said for state, said in words.CONTENT.items()}),
    "screen": ("Màn hình", {state.value: said for state, said in words.SCREEN.items()}),
}
_STATES = {"contact": Contact, "content": Content, "screen": Screen}
LEVELS = {3: "Cần xử lý ngay", 2: "Cần xem", 1: "Lưu ý", 0: "Yên ổn"}

section = Section("Các bảng", menu=Menu("/", "Các bảng", 10))


@section.get("/")
def overview(visit: Visit) -> Response:
    """All boards that the viewer may see, worst first."""
    wanted, communes = _filter(visit), visit.viewer.communes
    lately: Lately = visit.hub.more["lately"]
    with visit.reading() as connection:
        live, names = line(connection, visit), fleet.communes_of(connection, communes)
        only = next(iter(names)) if len(names) == 1 else ""
        number = _number(visit.query("trang"))
        found = lately.look(connection, communes, wanted, visit.now, number)
        pages = max(1, -(-found.tally.found // BOARDS_A_PAGE))
        if number > pages:  # boards have gone, or somebody typed
            number = pages
            found = lately.look(connection, communes, wanted, visit.now, number)
        shown, sample = boards.of(connection, found.boards, visit.now), fleet.has_sample(connection, communes)
        here = wanted.commune or only
        listening = hearing_since(connection, visit.now)
        hamlets = fleet.hamlets_of(connection, here) if here in names else []
        groups = fleet.groups_of(connection, communes)
    return visit.page(
        "boards.html", boards=shown, tally=found.tally, page=number, pages=pages, wanted=wanted, names=names,
        hamlets=hamlets, groups=groups, troubled=found.troubled if len(names) > 1 and not wanted.commune else [],
        healthy=visit.hub.is_well(), deaf=_deaf(listening, shown, visit.now),
        live=live, axes=AXES, states=_STATES, levels=LEVELS, link=_link,
        org=names.get(here, ""), sample=sample,
    )  # fmt: skip


@section.get("/api/boards.json", programs=True)
def boards_json(visit: Visit) -> Response:
    """One page of boards for programs, by the same filters; `pages` says how many there are."""
    wanted = _filter(visit)
    with visit.reading() as connection:
        number = _number(visit.query("trang"))
        found = fleet.look(connection, visit.viewer.communes, wanted, visit.now, number, IN_JSON)
        shown = boards.of(connection, found.boards, visit.now)
    pages = max(1, -(-found.tally.found // IN_JSON))
    head = {"v": 1, "made": when(visit.now), "total": found.tally.found, "page": number, "pages": pages}
    return JSONResponse({**head, "boards": [board.as_json() for board in shown]})


def _deaf(listening: datetime | None, shown: Sequence[Board], now: datetime) -> datetime | None:
    """Since when the hub listens again, while boards that it did not hear are not yet called lost."""
    if listening is None:
        return None
    young = now - listening < HEARTBEAT * LOST_BEATS
    return listening if young or any(board.facts.awaited for board in shown) else None


def _filter(visit: Visit) -> Filter:
    """What was asked for; what is no such value is as if it had not been asked."""
    axis, state, level = visit.query("truc"), visit.query("la"), visit.query("muc")
    if axis not in AXES or state not in AXES[axis][1]:
        axis = state = ""
    return Filter(
        visit.query("xa"), visit.query("thon"), visit.query("nhom"),
        int(level) if level in ("0", "1", "2", "3") else None, axis, state,
        visit.query("tim").strip()[: fleet.MAX_TEXT],
    )  # fmt: skip


def _link(wanted: Filter, **other: object) -> str:
    """The overview with these filters, and some of them otherwise."""
    known: dict[str, object] = {
        "xa": wanted.commune, "thon": wanted.hamlet, "nhom": wanted.group,
        "muc": "" if wanted.level is None else wanted.level, "truc": wanted.axis, "la": wanted.state,
        "tim": wanted.text,
    }  # fmt: skip
    chosen = {name: value for name, value in (known | other).items() if value != ""}
    return "/?" + urlencode(chosen) if chosen else "/"


def _number(text: str) -> int:
    return min(max(int(text), 1), MAX_PAGE) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
