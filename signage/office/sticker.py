"""What is stuck on a board: its id and whom to call, for whoever sees something strange on it. A4, to be printed.

The code dials the number: a phone needs no network for that, and nobody has to type. Whoever answers must
know which board it is, so its id is the largest thing on the paper.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import jinja2

from ..settings import Board, Commune
from . import qr

IDENT_WIDTH, IDENT_HEIGHT = 168, 26  # millimetres that the id may take
LETTER = 0.66  # of its size: how wide a bold letter is, at most
_HERE = Path(__file__).parent / "templates"


def page(commune: Commune, boards: Iterable[Board], phone: str = "") -> str:
    """One HTML page that needs nothing else, two stickers on a sheet; `phone` instead of the commune's."""
    number = phone or commune.phone
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    modules = qr.modules("tel:" + "".join(c for c in number if c.isdigit() or c == "+"))
    stickers = [{"board": b, "size": f"{ident_size(b.id):.1f}"} for b in boards]
    return environment.get_template("sticker.html").render(
        commune=commune, stickers=stickers, phone=number, side=len(modules) + 2 * qr.QUIET, path=_path(modules)
    )


def ident_size(ident: str) -> float:
    """The size of the id's letters, in millimetres."""
    return min(IDENT_HEIGHT, IDENT_WIDTH / (LETTER * len(ident)))


def _path(modules: qr.Modules) -> str:
    """The dark modules as an SVG path, inside the quiet zone."""
    dark = ((x, y) for y, row in enumerate(modules) for x, is_dark in enumerate(row) if is_dark)
    return "".join(f"M{x + qr.QUIET} {y + qr.QUIET}h1v1h-1z" for x, y in dark)
