"""What an approver looks at: the signed words as the site's page, and the very slide files, side by side.

The slides are the files of the review book, by hash, never drawn again for looking. One maker of pages
for all who look: `approving` serves them to a browser, `sheet` and `draft` lay them into a folder.
A notice's page stands at `<mark>/<its address on the site>`, with the site's own HTML for it and every
file at the address that the site gives it; its slides lie in `<mark>/hinh/`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from .. import durable
from ..errors import BadInput, Problem, Refused
from ..notice import CLASSES, KINDS, Notice
from ..notice.attachment import attachment_problem
from ..notice.files import ATTACHMENT_TYPES
from ..notice.vocabulary import DRILL
from ..publication import Shape
from ..review import SlideFile
from ..settings import Settings
from . import changes, slides, starter
from .desk import Desk
from .standing import Note, Standing, in_force
from .website.views import Published, moment, view

SLIDES = "hinh"  # folder of the slides, beside the site's own
_HERE = Path(__file__).parent / "templates"
Source = Path | bytes


@dataclass(frozen=True)
class Sheet:
    """One notice as it is shown: what its template is given, and its files by address below its mark."""

    mark: str
    address: str  # of the page, below its mark
    values: Mapping[str, Any]
    files: Mapping[str, Source]

    @property
    def home(self) -> str:
        """From its page up to the list."""
        return "../" * (self.address.count("/") + 1)


# ── what is shown ────────────────────────────────────────────────────────────────────────────────


def shown(
    settings: Settings, desk: Desk, standing: Standing, now: datetime, *,
    force: Standing | None = None, known: Iterable[str] = (), note: Note | None = None,
) -> Sheet:  # fmt: skip
    """What waits for approval; `force`: what the site and the boards have of it now, `known`: the site's pages.

    Raises `Refused` (`book-file`, `book-text`) when a signed file is missing or changed.
    """
    statement, submitted = standing.statement, standing.submitted
    notice = desk.book.notice(statement)
    files: dict[str, Source] = {f"{SLIDES}/{path.name}": path for path in desk.files_shown(standing)}
    before = desk.book.notice(force.statement) if force and not force.withdrawn else None
    old = force.statement.slides if force and before else None
    by = [(name_of(settings, submitted.person), moment(submitted.at))] if submitted else []
    more = {
        "mark": standing.sha256, "by": by[0] if by else None, "note": note and told_note(settings, note),
        "changed": changes.words(before, notice) if before else None,
        "in_force": moment(force.approval.at) if force and force.approval and before else "",
        "gone": bool(force and force.withdrawn),
    }  # fmt: skip
    return _sheet(
        settings, notice, standing.sha256, desk.book.sources(statement), statement.slides, old, files, more, now, known
    )


def _sheet(
    settings: Settings, notice: Notice, mark: str, sources: Mapping[str, Source],
    by_shape: Mapping[str, tuple[SlideFile, ...]], old: Mapping[str, tuple[SlideFile, ...]] | None,
    files: Mapping[str, Source], more: Mapping[str, Any], now: datetime, known: Iterable[str],
) -> Sheet:  # fmt: skip
    paths = {name: Path(name) for name in sources}  # `view` asks for names alone
    seen = view(Published(notice, mark, now, paths), settings, now, {*known, notice.url})
    values = {
        "view": seen, "root": seen["root"], "facts": _facts(settings, notice), "site_page": _site_page(seen),
        "shapes": _shapes(settings, notice, by_shape, old, seen["root"]), "prepared": notice.prepared, **more,
    }  # fmt: skip
    beside = {f"tep/{notice.slug}/{name}": source for name, source in sources.items()}
    return Sheet(mark, notice.url, values, {**files, **beside})


def name_of(settings: Settings, person: str) -> str:
    member = settings.member(person)
    return member.name if member else person


def told_note(settings: Settings, note: Note) -> dict[str, str]:
    return {"by": name_of(settings, note.person), "at": moment(note.at), "words": note.words}


def boards_of(settings: Settings, notice: Notice) -> list[str]:
    """The names of the boards that show it."""
    return [b.name for b in settings.boards if notice.shown_on(b.id, b.groups)]


def _facts(settings: Settings, notice: Notice) -> list[tuple[str, str]]:
    """What an approver must not overlook."""
    names = boards_of(settings, notice)
    found = [
        ("Loại", f"{KINDS[notice.kind]} · {CLASSES[notice.klass]}"),
        ("Hiệu lực", f"{moment(notice.start)} đến {moment(notice.end)}"),
        ("Chiếu", notice.shown_when),
        ("Bảng", ", ".join(names) or "không lên bảng nào"),
    ]
    if notice.prepared:
        found.append(("Dùng làm", "mẫu khẩn cấp: nằm sẵn trên bảng, chỉ chiếu sau lời của một thông báo khẩn cấp"))
    if alert := notice.alert:
        found += [("Lưu ý", DRILL if alert.drill else ""), ("Theo mẫu", alert.prepared_as or "")]
        found.append(("Nguồn", f"{alert.source}, bản tin lúc {moment(alert.bulletin_time)}"))
    return [(label, words) for label, words in found if words]


def _shapes(
    settings: Settings, notice: Notice, by_shape: Mapping[str, tuple[SlideFile, ...]],
    old: Mapping[str, tuple[SlideFile, ...]] | None, root: str,
) -> list[dict[str, Any]]:  # fmt: skip
    fresh, found = changes.slides(old, by_shape) if old is not None else {}, []
    for name, every in by_shape.items():
        shape = Shape.named(name)
        boards = [b.name for b in settings.boards if b.mode.shape == shape and notice.shown_on(b.id, b.groups)]
        marks = fresh.get(name, [None] * len(every))
        found.append({
            "words": f"{shape.kind.upper()} {shape.width} × {shape.height} điểm" + (", nền tối" * bool(shape.paper)),
            "boards": ", ".join(boards), "kind": shape.kind, "seconds": seconds(sum(s.dwell_ms for s in every)),
            "changed": sum(map(bool, marks)), "clock": any(s.clock for s in every),
            "small": shape.kind == "led" or shape.height > shape.width,  # two beside each other can be read
            "slides": [_slide(s, shape, n, root, f) for n, (s, f) in enumerate(zip(every, marks, strict=True), 1)],
        })  # fmt: skip
    return found


def _slide(slide: SlideFile, shape: Shape, number: int, root: str, fresh: bool | None) -> dict[str, Any]:
    film = slide.film
    return {
        "src": f"{root}{SLIDES}/{slide.name}", "width": shape.width, "height": shape.height, "number": number,
        "seconds": seconds(slide.dwell_ms), "fresh": fresh,
        "ticker": slide.ticker.text if slide.ticker else "",
        "film": {"src": f"{root}{SLIDES}/{film.name}", "seconds": seconds(film.ms)} if film else None,
    }  # fmt: skip


def seconds(ms: int) -> str:
    """14 giây, 9,3 giây."""
    return (f"{ms / 1000:.1f}".removesuffix(".0") + " giây").replace(".", ",")


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


@cache
def _templates() -> jinja2.Environment:
    """Ours before the site's; as strict as Pelican is told to be (`website.plate`)."""
    loader = jinja2.FileSystemLoader([_HERE, starter.theme_folder() / "templates"])
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


@cache
def style() -> str:
    """The site's style sheet and ours after it, to stand in the page itself."""
    return (starter.theme_folder() / "static/site.css").read_text("utf-8") + (_HERE / "approval.css").read_text("utf-8")


def style_hash() -> str:
    """What a content security policy calls that style."""
    return f"sha256-{b64encode(sha256(style().encode()).digest()).decode()}"


def html(template: str, settings: Settings, **values: Any) -> bytes:
    """One of the pages of `templates/`."""
    given = {"style": style(), "commune": settings.commune, "who": None, "live": False, **values}
    return _templates().get_template(template).render(given).encode("utf-8", "replace")  # a file's name may be no UTF-8


def _site_page(seen: Mapping[str, Any]) -> str:
    """The site's own HTML of the notice: the part of its template between the site's head and foot."""
    template = _templates().get_template("notice.html")
    parts = template.new_context({"view": seen, "root": seen["root"]})
    return "".join(template.blocks["main"](parts))


def notice_page(settings: Settings, sheet: Sheet, **values: Any) -> bytes:
    return html("approval.html", settings, **{"home": sheet.home, "warnings": (), **sheet.values, **values})


# ── into a folder ────────────────────────────────────────────────────────────────────────────────


def sheet(settings: Settings, desk: Desk, chosen: Iterable[Standing], folder: Path, now: datetime) -> Path:
    """Pages for these statements; returns where to begin. Raises `Refused` when a signed file is missing."""
    waiting = list(chosen)
    force = in_force(desk.about(*(s.statement.notice for s in waiting)))
    made = [shown(settings, desk, s, now, force=force.get(s.statement.notice)) for s in waiting]
    return _laid(settings, made, folder, "Chờ duyệt")


def drafted(
    settings: Settings, notice: Notice, drawn: slides.Drawn, now: datetime, *, mark: str = "",
    desk: Desk | None = None, force: Standing | None = None, known: Iterable[str] = (), note: Note | None = None,
) -> Sheet:  # fmt: skip
    """What would be submitted of a notice below `settings.content`: nobody has signed it.

    `mark`: what to call it where a person may sign it; `force`: what `desk` has of it in force.
    """
    beside = (settings.content / f"{notice.id}.md").parent
    files: dict[str, Source] = {f"{SLIDES}/{name}": data for name, data in drawn.files.items()}
    before = desk.book.notice(force.statement) if desk and force and not force.withdrawn else None
    more = {
        "by": None, "note": note and told_note(settings, note), "mark": mark,
        "changed": changes.words(before, notice) if before else None,
        "in_force": moment(force.approval.at) if before and force and force.approval else "",
        "gone": bool(force and force.withdrawn),
    }  # fmt: skip
    old = force.statement.slides if before and force else None
    sources = {file.name: beside / file.name for file in notice.files}
    name = mark or notice.slug
    return _sheet(settings, notice, name, sources, drawn.slides, old, files, more, now, known)


def draft(settings: Settings, drafts: Iterable[tuple[Notice, slides.Drawn]], folder: Path, now: datetime) -> Path:
    """Pages of what would be submitted; returns where to begin."""
    made = [drafted(settings, notice, drawn, now) for notice, drawn in drafts]
    return _laid(settings, made, folder, "Xem trước: chưa ai ký")


def _laid(settings: Settings, sheets: Iterable[Sheet], folder: Path, title: str) -> Path:
    every = list(sheets)
    for one in every:
        for address, source in one.files.items():
            data = source if isinstance(source, bytes) else source.read_bytes()
            of_book = isinstance(source, Path) and one.values["mark"]  # where names are hashes
            if of_book and sha256(data).hexdigest() != Path(str(source)).stem:
                raise Refused("book-file", file=address)  # changed between two looks
            durable.write_if_changed(folder / one.mark / address, data, sync=False)
        page = notice_page(settings, one, home=f"{one.home}index.html", title=title)
        durable.write(folder / one.mark / one.address, page, sync=False)
    rows = [(f"{quote(one.mark)}/{quote(one.address)}", one.values["view"]) for one in every]
    durable.write(folder / "index.html", html("folder.html", settings, title=title, rows=rows), sync=False)
    return folder / every[0].mark / every[0].address if len(every) == 1 else folder / "index.html"


# ── would this machine draw the same? ────────────────────────────────────────────────────────────


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
            same = _pixels(desk.drawn(notice, pictures, kept=False).slides) == _pixels(statement.slides)
        except BadInput:  # this machine would not let it in, or cannot decode its film
            same = False
        if not same:
            found.append(Problem("drawn-differently", f"{notice.id}.md", severity="warning"))
    return found


def strange_files(desk: Desk, chosen: Iterable[Standing]) -> list[Problem]:
    """A warning for each attachment that `check` would not have let in: who submitted may have passed it by."""
    found = []
    for one in chosen:
        shown = f"{one.statement.notice}.md"
        for name, path in desk.book.sources(one.statement).items():
            if path.suffix in ATTACHMENT_TYPES and (problem := attachment_problem(path, shown, (1, None))):
                found.append(replace(problem, severity="warning", values={**problem.values, "name": name}))
    return found


def _pixels(by_shape: Mapping[str, tuple[SlideFile, ...]]) -> dict[str, list[str]]:
    return {shape: [s.pixels for s in files] for shape, files in by_shape.items()}
