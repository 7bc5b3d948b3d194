"""A report as a document on paper: HTML with the form of an administrative document, and its PDF.

The head (quốc hiệu, issuing body, number, place and date, kind and subject) and the foot (recipients, signature)
are laid out as NĐ 30/2020, Phụ lục I has them; number, date and signature are left to the person who signs.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from ... import printing
from . import cells
from .cells import local
from .certificate import Certificate
from .facts import Commune
from .pack import STANDINGS, Pack
from .rollup import RollUp
from .tables import Report, Table
from .times import Times
from .wording import EVIDENCE_IS, EVIDENCE_IS_NOT, HOW

HERE = Path(__file__).parent
MOST_ROWS = 300  # of a table on paper and on the page; the rest is in XLSX and CSV
COLOURS = {  # of a day's bar, from the ground up; on paper without colour they differ in lightness
    "right": "#17663a", "claimed": "#8ccaa2", "dark": "#2f3b4a", "wrong": "#b00020", "unknown": "#e0b030",
    "silent": "#e4e4e4",
}  # fmt: skip


def report_html(report: Report, pack: Pack) -> str:
    """A commune's report."""
    return _template("report.html").render(
        _about(report.commune), report=report, asof=local(report.asof),
        tables=[table for table in report.tables if not table.file_only],
        bars=bars(report.days), sources=[(s.name, STANDINGS[s.standing]) for s in pack.sources], version=pack.version,
    )  # fmt: skip


def certificate_html(certificate: Certificate) -> str:
    """A notice's certificate of posting."""
    return _template("certificate.html").render(
        _about(certificate.commune), c=certificate, asof=local(certificate.asof), evidence=EVIDENCE_IS,
        limits=EVIDENCE_IS_NOT,
    )  # fmt: skip


def rollup_html(rollup: RollUp) -> str:
    """All communes side by side."""
    return _template("rollup.html").render(
        _about(Commune("", rollup.name, sample=rollup.sample)), r=rollup, asof=local(rollup.asof), how=HOW,
    )  # fmt: skip


def table_drawn(table: Table, links: str = "", after: str = "") -> Markup:
    """A table for a page of the hub; `links` and `after`: what stands around a hash to make an address of it."""
    return Markup(_parts().table(table, links, after))  # noqa: S704 (our own template has escaped it)


def days_drawn(days: dict[date, Times]) -> Markup:
    """The bars of days for a page of the hub."""
    return Markup(_parts().days(bars(days)))  # noqa: S704 (the same)


def _parts() -> Any:
    return _template("parts.html").module


def pdf(html: str) -> bytes:
    """Raises `Unavailable` (`print-extra`)."""
    return printing.pdf(html)


def _about(commune: Commune) -> dict[str, Any]:
    return {"issuer": issuer(commune.name), "place": place(commune.name), "commune": commune}


def issuer(name: str) -> str:
    """`ỦY BAN NHÂN DÂN XÃ MẪU` of `UBND xã Mẫu`, of `xã Mẫu` and of `Xã Mẫu`."""
    for short in ("UBND", "Ủy ban nhân dân", "Uỷ ban nhân dân"):
        if name.startswith(short):
            name = name[len(short) :].strip()
    return f"ỦY BAN NHÂN DÂN {name.upper()}" if name else ""


def place(name: str) -> str:
    """What stands before the date: the name of the place alone."""
    name = name.removeprefix("UBND").strip()
    for kind in ("xã", "phường", "đặc khu"):
        if name.lower().startswith(kind + " "):
            name = name[len(kind) + 1 :]
    return name[:1].upper() + name[1:]


def bars(days: dict[date, Times]) -> dict[str, Any]:
    """Where the hours of each day went, as rectangles of a drawing 100 high."""
    found = []
    for at, times in enumerate(days.values()):
        ground = 0.0
        for name in COLOURS:
            height = 100 * getattr(times, name) / times.whole if times.whole else 0.0
            if height:
                found.append((name, at, round(100 - ground - height, 3), round(height, 3)))
            ground += height
    return {"rectangles": found, "days": list(days), "count": len(days)}


@cache
def environment() -> jinja2.Environment:
    """The templates of paper."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.globals |= {"said": cells.said, "numbers": cells.NUMBERS, "most": MOST_ROWS, "hash_kind": cells.HASH,
                     "fonts": printing.FONTS.as_uri(), "colours": COLOURS}  # fmt: skip
    return made


def _template(name: str) -> jinja2.Template:
    return environment().get_template(name)
