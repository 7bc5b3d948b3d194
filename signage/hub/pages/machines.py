"""The boards' computers: which versions run, which disks are worn, what is free and how hot; page and CSV."""

from __future__ import annotations

from collections import Counter

from starlette.exceptions import HTTPException
from starlette.responses import Response

from ...spreadsheet import table
from ...wire import when
from ..seen import makings
from ..seen.fleet import has_sample
from ..seen.makings import Row
from ..store import tables as t
from . import telling
from .shell import Section
from .visit import Visit

SHOWN = 200  # boards on the page, the worst first; the table has them all
HEAD = (
    "commune", "board", "name", "bangtin", "python", "pygame", "sdl", "system", "model", "disk_mb", "disk_free_mb",
    "temp_c", "wear_disk", "wear_life_a", "wear_life_b", "wear_eol", "worn", "told",
)  # fmt: skip

section = Section("Máy của các bảng")


@section.get("/may")
def page(visit: Visit) -> Response:
    """Versions counted, worn disks first."""
    rows, sample = _rows(visit)
    versions = Counter(row.makings.about.bangtin if row.makings else "" for row in rows)
    worn = sum(bool(row.makings and row.makings.about.wear and row.makings.about.wear.worn) for row in rows)
    return visit.page(
        "machines.html", rows=rows[:SHOWN], total=len(rows), worn=worn, sample=sample,
        versions=sorted(versions.most_common(), key=lambda one: not one[0]),  # who told none, last
        telling=telling, shown=SHOWN,
    )  # fmt: skip


@section.get("/may.csv", programs=True)
def as_table(visit: Visit) -> Response:
    """All of them; 422 when they are more than one list may hold."""
    rows, _ = _rows(visit)
    if len(rows) > makings.MOST_BOARDS:
        raise HTTPException(422, f"Hơn {makings.MOST_BOARDS} bảng: hãy chia tài khoản theo xã.")
    text = table(HEAD, [_cells(row) for row in rows])
    headers = {"Content-Disposition": 'attachment; filename="may.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _rows(visit: Visit) -> tuple[list[Row], bool]:
    """And whether any of it is invented."""
    with visit.reading() as connection:
        rows = makings.machines(connection, visit.viewer.sees(t.board.c.commune))
        return rows, has_sample(connection, visit.viewer.communes)


def _cells(row: Row) -> list[object]:
    """Empty where nobody told."""
    about = row.makings.about if row.makings else None
    wear = about.wear if about else None
    told = [about.bangtin, about.python, about.pygame, about.sdl, about.system, about.model, about.disk_mb] \
        if about else [""] * 7  # fmt: skip
    worn = [wear.disk, *wear.life, wear.eol, int(wear.worn)] if wear else [""] * 5
    moment = when(row.makings.told) if row.makings else ""
    cells = [row.commune, row.code, row.name, *told, row.disk_free_mb, row.temp_c, *worn, moment]
    return ["" if cell is None else cell for cell in cells]
