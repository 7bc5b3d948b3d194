"""What an approver looks at: the signed words and the very slide files, on one page.

The slides on the page are the files of the review book, by hash, never drawn again for looking.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from pathlib import Path

from .. import durable
from ..errors import BadInput, Problem
from ..notice import CLASSES, KINDS, Notice
from ..notice.vocabulary import DRILL
from ..review import SlideFile
from ..schedule import VIETNAM_TIME
from ..settings import Settings
from ..wire import sha256
from . import slides
from .desk import Desk
from .standing import Standing
from .wording import page_html

_HEAD = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Chờ duyệt</title>
<style>body{font:18px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#111}
article{border-top:6px solid #0b3d6e;margin:3rem 0;padding-top:1rem}dl{display:grid;grid-template-columns:12rem 1fr}
dd{margin:0}img{max-width:100%;border:1px solid #555;image-rendering:pixelated;display:block;margin:.5rem 0}
table{border-collapse:collapse}td,th{border:1px solid #777;padding:.3rem .6rem}</style>
<h1>Chờ duyệt</h1><p>Đọc kỹ chữ và từng hình bên dưới: đây đúng là những tệp sẽ lên bảng.</p>
"""


def sheet(settings: Settings, desk: Desk, chosen: Iterable[Standing], folder: Path) -> Path:
    """Write the page for these statements; returns its path. Raises `Refused` when a signed file is missing."""
    parts = [_HEAD]
    for standing in chosen:
        for path in desk.files_shown(standing):
            durable.write_if_changed(folder / path.name, path.read_bytes(), sync=False)
        parts.append(_article(settings, desk, standing, folder))
    page = folder / "index.html"
    durable.write(page, "".join(parts).encode(), sync=False)
    return page


def draft(settings: Settings, drafts: Iterable[tuple[Notice, slides.Drawn]], folder: Path) -> Path:
    """A page of what would be submitted: nobody has signed it; returns its path."""
    parts = [_HEAD.replace("Chờ duyệt", "Xem trước: chưa ai ký")]
    for notice, drawn in drafts:
        for name, data in drawn.files.items():
            durable.write_if_changed(folder / name, data, sync=False)
        beside = (settings.content / f"{notice.id}.md").parent
        files = _copied({file.name: beside / file.name for file in notice.files}, folder)
        parts.append(_told(notice, {}, drawn.slides, files))
    page = folder / "index.html"
    durable.write(page, "".join(parts).encode(), sync=False)
    return page


def _article(settings: Settings, desk: Desk, standing: Standing, folder: Path) -> str:
    statement = standing.statement
    notice = desk.book.notice(statement)
    author = settings.member(standing.submitted.person) if standing.submitted else None
    signed = {
        "Người trình": author.name if author else "",
        "Tệp kèm": ", ".join(f.name for f in notice.files) or "không",
        "Mã": standing.sha256[:16],
    }
    return _told(notice, signed, statement.slides, _copied(desk.book.sources(statement), folder))


def _copied(sources: Mapping[str, Path], folder: Path) -> dict[str, str]:
    """The notice's own files beside the page: what the notice calls them → where they are."""
    found = {}
    for name, path in sources.items():
        data = path.read_bytes()
        found[name] = f"{sha256(data)}{path.suffix}"
        durable.write_if_changed(folder / found[name], data, sync=False)
    return found


def _urgent(notice: Notice) -> dict[str, str]:
    """What an approver must not overlook of an emergency or its template."""
    if notice.prepared:
        return {"Dùng làm": "mẫu khẩn cấp: nằm sẵn trên bảng, chỉ chiếu sau lời của một thông báo khẩn cấp"}
    if (alert := notice.alert) is None:
        return {}
    drill = {"Lưu ý": DRILL} if alert.drill else {}
    return {**drill, "Theo mẫu": alert.prepared_as} if alert.prepared_as else drill


def _told(
    notice: Notice, more: Mapping[str, str], shapes: Mapping[str, tuple[SlideFile, ...]], files: Mapping[str, str]
) -> str:
    """One notice: its facts, its words as the website's page has them, its slides."""
    facts = {
        "Loại": f"{KINDS[notice.kind]} · {CLASSES[notice.klass]}",
        "Hiệu lực": " – ".join(f"{t.astimezone(VIETNAM_TIME):%H:%M %d/%m/%Y}" for t in (notice.start, notice.end)),
        **({"Chiếu": notice.shown_when} if notice.shown_when else {}),
        "Bảng": ", ".join(notice.boards),
        **_urgent(notice),
        **more,
    }
    rows = "".join(f"<dt>{html.escape(k)}</dt><dd>{html.escape(v)}</dd>" for k, v in facts.items())
    body = page_html(notice.body, files.get)
    pictures = "".join(
        f"<h3>{html.escape(shape)}</h3>"
        + "".join(_picture(slide, f"Hình {i} trên {shape}") for i, slide in enumerate(files, 1))
        for shape, files in shapes.items()
    )
    film = ""
    if notice.film and notice.film.name in files:
        film = f'<video src="{files[notice.film.name]}" controls muted preload="metadata"></video>'
    return f"<article><h2>{html.escape(notice.title)}</h2><dl>{rows}</dl>{body}{film}{pictures}</article>"


def _picture(slide: SlideFile, alt: str) -> str:
    """The slide, and the words that the board scrolls over it: they are signed too."""
    told = f"<p>Chữ chạy trên bảng: {html.escape(slide.ticker.text)}</p>" if slide.ticker else ""
    return f'<img src="{slide.name}" alt="{html.escape(alt)}">{told}'


def redrawn_differently(desk: Desk, chosen: Iterable[Standing]) -> list[Problem]:
    """A warning for each statement whose slides this machine would draw with other pixels.

    The signed file is the authority; a difference means another version or other fonts drew it.
    """
    found = []
    for standing in chosen:
        statement = standing.statement
        notice = desk.book.notice(statement)
        pictures = {name: path.read_bytes() for name, path in desk.book.sources(statement).items()}
        try:
            same = _pixels(desk.drawn(notice, pictures).slides) == _pixels(statement.slides)
        except BadInput:  # this machine would not let it in, or cannot decode its film
            same = False
        if not same:
            found.append(Problem("drawn-differently", f"{notice.id}.md", severity="warning"))
    return found


def _pixels(by_shape: dict[str, tuple[SlideFile, ...]]) -> dict[str, list[str]]:
    return {shape: [s.pixels for s in files] for shape, files in by_shape.items()}
