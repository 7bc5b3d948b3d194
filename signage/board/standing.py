"""How this board is, for `bangtin board status`: from the notes on the disk, for people and programs."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from ..errors import Language, codes
from ..errors import sentence as told_in_words
from ..schedule import VIETNAM_TIME
from ..wire import BadFormat, to_moment, when
from . import health, notes, panic
from .clock import NOTE, Clock, kernel_synchronised, state
from .identity import Board
from .reporting import waiting
from .shelf import Shelf
from .witness import fresh

_WORDS = {
    "vi": {
        "board": "Bảng", "commune": "xã", "fingerprint": "Dấu vân tay", "holds": "Đang giữ bản", "none": "chưa có",
        "items": "thông báo", "shows": "Đang chiếu", "player": "Trình chiếu", "on": "đang chạy", "off": "không chạy",
        "sync": "Đồng bộ được lần cuối", "never": "chưa lần nào", "error": "lỗi", "clock": "Đồng hồ",
        "waiting": "Báo cáo chờ gửi", "words": "Bốn từ", "refused": "Không chiếu", "fault": "Hỏng",
        "trusted": "tin được", "suspect": "nghi sai", "unknown": "chưa biết",
        "screen": "Màn hình", "match": "đúng hình", "transition": "đang chuyển hình", "foreign": "HÌNH LẠ",
        "black": "ĐEN", "frozen": "ĐỨNG HÌNH", "dark": "tắt theo lịch", "unclear": "không rõ",
        "usb": "Nhận USB lần cuối", "refused_usb": "không nhận",
        "window": "nhìn trên màn hình", "surface": "trình chiếu tự báo", "nothing": "không nhìn được",
    },
    "en": {
        "board": "Board", "commune": "commune", "fingerprint": "Fingerprint", "holds": "Holds publication",
        "none": "none", "items": "notices", "shows": "Shows", "player": "Player", "on": "running", "off": "not running",
        "sync": "Last synced", "never": "never", "error": "error", "clock": "Clock",
        "waiting": "Reports waiting", "words": "Four words", "refused": "Not shown", "fault": "Fault",
        "trusted": "trusted", "suspect": "suspect", "unknown": "unknown",
        "screen": "Screen", "match": "right", "transition": "changing", "foreign": "FOREIGN PICTURE",
        "black": "BLACK", "frozen": "FROZEN", "dark": "dark by schedule", "unclear": "unknown",
        "usb": "Last stick", "refused_usb": "not taken",
        "window": "looked at", "surface": "the player's own word", "nothing": "nothing can look",
    },
}  # fmt: skip


def told(board: Board, now: datetime) -> dict[str, Any]:
    """Everything as JSON."""
    clock = Clock(note=board.state / NOTE)
    held = Shelf(board.shelf).holding(board.root(), board.identity, now)
    if held:
        clock.prove(held.floor)
    player, sync = notes.read(board.state / "player.json"), notes.read(board.state / "sync.json")
    pid = player.raw.get("pid") if player else None
    alive = isinstance(pid, int) and pid != os.getpid() and health.alive(pid)
    hub, witness = notes.read(board.state / "hub.json"), fresh(board.state)
    usb = notes.read(board.state / notes.IMPORTED)
    noted = [fault for note in (player if alive else None, sync, witness) for fault in notes.faults(note)]
    faults = [*panic.faults(board.state), *noted]
    playlist = held.playlist if held else None
    offset = sync.raw.get("offset_ms") if sync else None
    synced = kernel_synchronised()
    return {
        "v": 1, "board": board.id, "commune": board.commune, "repository": board.repository,
        "fingerprint": board.key().public.fingerprint, "words": board.words(),
        "number": playlist.number if playlist else None, "fallen_back": bool(held and held.fallen_back),
        "items": len(playlist.entries) if playlist else 0,
        "emergencies": len(playlist.emergencies) if playlist else 0,
        "refused": [{"statement": r.statement, "code": r.code} for r in playlist.refused] if playlist else [],
        "player": {"running": alive, **({k: v for k, v in player.raw.items() if k != "v"} if player else {})},
        "witness": {k: v for k, v in witness.raw.items() if k != "v"} if witness else None,
        "sync": {k: v for k, v in sync.raw.items() if k != "v"} if sync else None,
        "clock": {
            "state": state(
                clock.machine(), clock.floor, offset_ms=offset if isinstance(offset, int) else None,
                synchronised=synced,
            ),
            "floor": when(clock.floor),
        },
        "hub": {k: v for k, v in hub.raw.items() if k != "v"} if hub else None,
        "usb": {k: v for k, v in usb.raw.items() if k != "v"} if usb else None,
        "reports_waiting": len(waiting(board.outbox)),
        "faults": [{"code": code, "since": when(since)} for code, since in faults],
    }  # fmt: skip


def sentence(told: dict[str, Any], lang: Language) -> str:
    """The same for people."""
    w = _WORDS[lang]
    player, sync = told["player"], told["sync"] or {}
    showing = player.get("showing") or {}
    lines = [
        f"{w['board']} {told['board']}, {w['commune']} {told['commune']}",
        f"{w['fingerprint']}: {told['fingerprint']}",
        f"{w['words']}: {'   '.join(told['words'])}",
        f"{w['holds']}: {told['number'] or w['none']} ({told['items']} {w['items']})",
        f"{w['player']}: {w['on'] if player['running'] else w['off']}",
        f"{w['sync']}: {_when(sync.get('last_ok')) or w['never']}",
        f"{w['clock']}: {w[told['clock']['state']]}",
        f"{w['waiting']}: {told['reports_waiting']}",
    ]
    lines.insert(5, f"{w['screen']}: {_screen(told, w)}")
    if player["running"] and showing:
        lines.insert(5, f"{w['shows']}: {showing.get('title') or showing.get('kind')}")
    if usb := told["usb"]:
        result = f"{w['refused_usb']} ({usb.get('error')})" if usb.get("error") else usb.get("number")
        lines.append(f"{w['usb']}: {_when(usb.get('at'))}, {result}")
    if sync.get("error"):
        lines.append(f"✗ {w['sync']}, {w['error']}: {sync['error']}")
    if told["hub"] and told["hub"].get("fault"):
        lines.append(f"! {_words(told['hub']['fault'], lang)} ({_when(told['hub'].get('since'))})")
    for one in told["refused"]:
        lines.append(f"! {w['refused']} {one['statement'][:12]}: {_words(one['code'], lang)}")
    for one in told["faults"]:
        lines.append(f"! {w['fault']}: {_words(one['code'], lang)} ({_when(one['since'])})")
    return "\n".join(lines)


def _screen(told: dict[str, Any], w: dict[str, str]) -> str:
    """The verdict, and who says so: the witness, else the player of itself."""
    witness, player = told["witness"] or {}, told["player"]
    verdict, layer = witness.get("verdict"), "window" if witness.get("layer") == "window" else "nothing"
    if layer == "nothing" and verdict not in ("frozen", "black") and player["running"]:
        verdict, layer = player.get("verdict"), "surface"
    known = w.get(str(verdict)) if verdict != "unknown" else None
    return f"{known or w['unclear']} ({w[layer]})"


def _words(code: str, lang: Language) -> str:
    return told_in_words(code, lang) if code in codes() else code


def _when(text: Any) -> str:
    try:
        return f"{to_moment(text).astimezone(VIETNAM_TIME):%H:%M %d/%m/%Y}"
    except (TypeError, ValueError, BadFormat):
        return ""
