"""The result card: one HTML file beside the officer's, with all that one wants to know before and after it is posted.

It stands alone: no script runs, nothing is fetched, every picture is inside. It is written by this machine and written
again whenever the officer's file or its standing changes; its first lines say so, and only a file with those lines
is ever replaced or removed.
"""

from __future__ import annotations

import re
import stat
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from ...errors import Problem, remedy, sentence
from ...notice import Notice
from ...settings import Settings
from .. import drawing, preview
from ..showing import THUMB_WIDTH, widest
from ..website.views import moment
from .draft import Draft
from .progress import Progress, Step

MARK = b'<meta name="generator" content="bangtin thu-muc">'  # of every file that we wrote into the folder
MARK_WITHIN = 8192  # bytes from the beginning in which the mark stands
MAX_PICTURES = 40  # slides on one card
MAX_CARD = 8 * 1024 * 1024  # bytes of one card: pictures beyond it are left out and told
ZALO_TITLE = 150  # characters of a title that Zalo OA takes
BLANK = "blank-left"  # a template's question that is not answered yet
STEPS = ("Soạn thảo", "Ký trình", "Duyệt", "Đăng")
TONE = {
    Step.MEND: "loi", Step.RETURNED: "loi", Step.DRAFT: "duoc", Step.SIGN: "cho", Step.APPROVE: "cho",
    Step.APPROVED: "cho", Step.POSTED: "duoc", Step.ENDED: "thoi", Step.HIDDEN: "thoi", Step.WITHDRAWN: "thoi",
}  # fmt: skip
_SOURCE = re.compile(r'(src|href)="((?:\.\./)*)(tep/[^"]*)"')
_VIDEO = re.compile(r'<video[^>]*src="(?:\.\./)*tep/[^"/]*/([^"]*)"[^>]*>.*?</video>', re.DOTALL)


@dataclass(frozen=True)
class Subject:
    """What a card is about: the officer's file, when it was saved, and the words of what stands in its way."""

    name: str
    saved: datetime
    title: str
    progress: Progress
    problems: tuple[Problem, ...]
    typed: dict[int, str]  # the lines that problems name
    beside: tuple[str, ...] = ()  # files that go with it
    origin: str = ""  # the Word file or PDF that it was drafted from


def is_ours(path: Path) -> bool:
    """Whether this machine wrote the file; raises `OSError`. What is no plain file is not opened: a pipe never ends."""
    if not stat.S_ISREG(path.lstat().st_mode):
        return False
    with path.open("rb") as file:
        return MARK in file.read(MARK_WITHIN)


@cache
def style() -> str:
    return preview.style() + (Path(__file__).parent.parent / "templates/card.css").read_text("utf-8")


@cache
def policy() -> str:
    digest = b64encode(sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def html(subject: Subject, draft: Draft | None, settings: Settings, now: datetime) -> bytes:
    """The card; `draft` is None when the file could not be read as a notice at all."""
    errors = [p for p in subject.problems if p.severity == "error"]
    sheet, zalo = None, None
    if draft and draft.notice and draft.drawn:
        sheet = _preview(draft, now)
        zalo = _zalo(draft, settings)
    whole = _html(subject, errors, settings, sheet, zalo, heavy=False)
    return whole if len(whole) <= MAX_CARD else _html(subject, errors, settings, None, zalo, heavy=True)


def _html(
    subject: Subject, errors: list[Problem], settings: Settings, sheet: dict[str, Any] | None,
    zalo: dict[str, str] | None, *, heavy: bool,
) -> bytes:  # fmt: skip
    return preview.html(
        "card.html", settings, style=style(), policy=policy(), subject=subject, saved=moment(subject.saved),
        tone=TONE[subject.progress.step],
        errors=[told(p, subject.typed) for p in errors if p.code != BLANK],
        blanks=[told(p, subject.typed) for p in errors if p.code == BLANK],
        warnings=[told(p, subject.typed) for p in subject.problems if p.severity != "error"],
        mend=to_mend(len(errors), sum(p.code == BLANK for p in errors)),
        steps=STEPS, sheet=sheet, zalo=zalo, heavy=heavy, posted=subject.progress.step is Step.POSTED,
    )  # fmt: skip


def to_mend(errors: int, blanks: int) -> str:
    """“Cần sửa 2 chỗ, cần điền 5 chỗ.”; `blanks` are counted among `errors`. "" when there are none."""
    counts = (("sửa", errors - blanks), ("điền", blanks))
    words = ", ".join(f"cần {what} {count} chỗ" for what, count in counts if count)
    return f"{words.capitalize()}." if words else ""


def told(problem: Problem, typed: dict[int, str]) -> dict[str, Any]:
    values = {"file": problem.file, "field": problem.field or "", **problem.values}
    return {
        "line": problem.line, "field": problem.field, "code": problem.code,
        "typed": typed.get(problem.line or 0, ""),
        "what": sentence(problem.code, "vi", **values), "todo": remedy(problem.code, "vi", **values),
    }  # fmt: skip


# ── the preview ──────────────────────────────────────────────────────────────────────────────────


def _preview(draft: Draft, now: datetime) -> dict[str, Any]:
    """The site's page and the boards' slides, with their pictures inside."""
    assert draft.notice and draft.drawn
    made = preview.drafted(draft.settings, draft.notice, draft.drawn, now)
    left, shapes = MAX_PICTURES, []
    for shape in made.values["shapes"]:
        shown = [
            {**slide, "src": _inside(_small(draft.drawn.files[slide["src"].rpartition("/")[2]]), "webp")}
            for slide in shape["slides"][:left]
        ]
        left -= len(shown)
        shapes.append({**shape, "slides": shown, "left": len(shape["slides"]) - len(shown)})
    page = _VIDEO.sub(lambda m: f'<p>Phim: <a href="{m[1]}">{unquote(m[1])}</a></p>', made.values["site_page"])
    page = _SOURCE.sub(lambda m: _address(m, made.files), page)
    return {"page": page, "shapes": shapes, "facts": made.values["facts"], "prepared": draft.notice.prepared}


def _address(match: re.Match[str], files: Any) -> str:
    """A picture of the page goes into the card; what can be downloaded lies beside it under its own name."""
    what, _, address = match.groups()
    source = files.get(unquote(address))
    if what == "src" and source is not None:
        return f'src="{_inside(_small(source if isinstance(source, bytes) else source.read_bytes()), "webp")}"'
    return f'{what}="{quote(unquote(address.rpartition("/")[2]))}"'


def _small(data: bytes) -> bytes:
    return drawing.small(data, THUMB_WIDTH)


def _inside(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{b64encode(data).decode()}"


# ── Zalo ─────────────────────────────────────────────────────────────────────────────────────────


def _zalo(draft: Draft, settings: Settings) -> dict[str, str] | None:
    """Words and a picture to paste; nothing for what citizens do not read on the site."""
    notice, drawn = draft.notice, draft.drawn
    assert notice and drawn
    if notice.prepared or notice.is_page:
        return None
    name = widest(drawn.slides) or next((name for name, each in drawn.slides.items() if each), "")
    picture = drawing.card(drawn.files[drawn.slides[name][0].name]) if name else b""
    return {"words": zalo_words(notice, settings), "picture": _inside(picture, "jpeg") if picture else ""}


def zalo_words(notice: Notice, settings: Settings) -> str:
    """A message as people paste it: title, facts, summary, where to read on, who says so."""
    lines = [notice.title[:ZALO_TITLE], ""]
    lines += [f"{label}: {value}" for label, value in notice.facts]
    lines += [""] * bool(notice.facts)
    lines += [notice.summary, "", f"Xem đầy đủ: {settings.commune.site}/{notice.url}"]
    lines += [f"{settings.commune.heading} · {settings.commune.phone}"]
    return "\n".join(lines)


def saved_at(mtime_ns: int) -> datetime:
    return datetime.fromtimestamp(mtime_ns // 10**9, UTC)
