"""The morning's message: how the boards are, what stands open, what is due. One for each recipient that wants it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, and_, func, select, update

from ...schedule import VIETNAM_TIME
from ...wire import when
from ..alarms import Contact, Content, Level, Screen
from ..alarms.handling import works
from ..alarms.looking import Look, Watched
from ..pages import words
from ..store import Store
from ..store import tables as t
from ..store.engine import to_ms
from . import outbox
from .settings import HubSettings, Recipient
from .wording import SIGNED, Message, Told, label

WORST = 10  # boards
OPEN_MOST = 20  # alarms
DUE_MOST = 8  # reports
NIGHT = timedelta(hours=24)  # of which it tells

Due = Callable[[date, Sequence[str]], Sequence[str]]  # sentences of the reports that are due in communes, or in all


@dataclass(frozen=True)
class Morning:
    """What one recipient is told."""

    boards: Sequence[Watched]
    names: dict[int, str]
    open: Sequence[Told]  # the loudest of them
    standing: int  # alarms that are open
    taken: int  # of them, in hand
    begun: int  # in `NIGHT`
    over: int
    works: int  # maintenance windows, at this moment
    due: Sequence[str]


def compose(store: Store, settings: HubSettings, found: Look, due: Due) -> int:
    """Put today's digests into the outbox, when it is time; how many. Read first, as `outbox.compose` does."""
    local = found.now.astimezone(VIETNAM_TIME)
    if local.time() < settings.digest_at:
        return 0
    today, r = local.date(), t.recipient.c
    with store.reading() as connection:
        had = {row.name: row.digested for row in connection.execute(select(r.name, r.digested))}
    made = 0
    for one in settings.recipients:
        if not one.digest or had.get(one.name, "") == today.isoformat():
            continue
        soon = due(today, one.communes)[:DUE_MOST]
        with store.reading() as connection:
            morning = _morning(connection, one, found, soon)
        told = message(morning, found.now, settings.url)
        with store.writing() as connection:
            outbox.put(connection, f"digest:{one.name}:{today}", one, told, found.now)
            connection.execute(update(t.recipient).where(r.name == one.name).values(digested=today.isoformat()))
        made += 1
    return made


def message(m: Morning, now: datetime, url: str) -> Message:
    """The words of it (pure)."""
    wrong = sum(board.judgement.level >= Level.WARNING for board in m.boards)
    day = now.astimezone(VIETNAM_TIME).strftime("%d/%m/%Y")
    how = f"{wrong} bảng cần xem" if wrong else "tất cả bình thường"
    subject = f"[Bảng tin] Sáng {day}: {len(m.boards)} bảng, {how}"
    parts = [
        f"Tình trạng lúc {words.local(now)}: {len(m.boards)} bảng.",
        "\n".join(_axes(m.boards)),
        f"Trong 24 giờ qua: {m.begun} cảnh báo mới, {m.over} đã hết."
        f" Đang mở: {m.standing}, trong đó {m.taken} đã có người nhận."
        + (f" Có {m.works} đợt bảo trì." if m.works else ""),
        _list("Bảng cần xem trước", [_worst(board, m.names) for board in _sorted(m.boards)[:WORST]]),
        _list("Cảnh báo đang mở", [_open(told) for told in m.open], m.standing - len(m.open)),
        _list("Báo cáo đến hạn", list(m.due)),
        SIGNED + (f"\n{url}/" if url else ""),
    ]
    data = {
        "v": 1, "kind": "digest", "made": when(now), "boards": len(m.boards), "to_look_at": wrong,
        "open": [told.as_json() for told in m.open], "begun": m.begun, "over": m.over, "due": list(m.due),
    }  # fmt: skip
    return Message(subject, "\n\n".join(part for part in parts if part), data)


def _axes(boards: Sequence[Watched]) -> list[str]:
    """One line for each axis, in the order of the words' own tables."""
    contact = Counter(board.judgement.contact for board in boards)
    content = Counter(board.judgement.content for board in boards)
    screen = Counter(board.judgement.screen for board in boards)
    return [
        "Liên lạc: " + _counts([(words.CONTACT[one][0], contact[one]) for one in Contact]),
        "Nội dung: " + _counts([(words.CONTENT[one][0], content[one]) for one in Content]),
        "Màn hình: " + _counts([(words.SCREEN[one][0], screen[one]) for one in Screen]),
    ]


def _counts(told: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name.lower()} {count}" for name, count in told if count) or "chưa có bảng"


def _list(title: str, lines: Sequence[str], more: int = 0) -> str:
    if not lines:
        return ""
    return "\n".join([f"{title}:", *(f"• {line}" for line in lines), *([f"• … và {more} nữa"] if more > 0 else [])])


def _sorted(boards: Sequence[Watched]) -> list[Watched]:
    loud = [board for board in boards if board.judgement.level >= Level.WARNING]
    return sorted(loud, key=lambda one: (-one.judgement.level, -len(one.judgement.reasons), one.commune, one.code))


def _worst(board: Watched, names: dict[int, str]) -> str:
    reasons = ", ".join(label(code) for code, level in board.judgement.reasons if level >= Level.WARNING)
    return f"{words.plain(names.get(board.number, board.code))}: {reasons}"


def _open(told: Told) -> str:
    place = words.plain(told.commune_name or told.commune)
    return f"{words.plain(told.name)} ({place}): {label(told.code)} từ {words.local(told.since)}"


def _morning(connection: Connection, one: Recipient, found: Look, due: Sequence[str]) -> Morning:
    boards = [board for board in found.boards.values() if not one.communes or board.commune in one.communes]
    a, after = t.alarm.c, to_ms(found.now - NIGHT)
    here = outbox.here(one)
    standing = and_(a.until.is_(None), a.opened.is_not(None), here)
    joined = t.alarm.join(t.board, a.board == t.board.c.id)
    counted = select(
        func.count().filter(a.opened >= after), func.count().filter(and_(a.closed >= after, a.opened.is_not(None)))
    )
    begun, over = connection.execute(counted.select_from(joined).where(here)).one()
    count = select(func.count()).select_from(joined).where(standing)
    in_hand = select(func.count(func.distinct(a.id))).select_from(joined.join(t.acknowledgement))
    worst = [board.number for board in _sorted(boards)[:WORST]]
    asked = select(t.board.c.id, t.board.c.name).where(t.board.c.id.in_(worst))
    names = {row.id: row.name for row in connection.execute(asked)}
    return Morning(
        boards, names, outbox.alarms(connection, standing, OPEN_MOST), connection.execute(count).scalar_one(),
        connection.execute(in_hand.where(standing)).scalar_one(), begun, over,
        works(connection, found.now, one.communes), due,
    )  # fmt: skip
