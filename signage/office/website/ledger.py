"""What was written against what was approved: every output, its bytes and the statements it came from.

The site's generator is not believed. It tells what it wrote and from which statements; here the
folder itself is read and compared with what the office expects, file by file. Any difference, a
missing page as much as one too many, refuses the whole site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import Refused
from ...wire import sha256

MAX_DIFFERENCES_TOLD = 5  # differences named in one refusal; the rest are counted
_MARK = re.compile(rb"bangtin:statement\" content=\"([^\"]*)\"")


@dataclass(frozen=True)
class Output:
    """One file of the site, and the statements whose words or files it holds."""

    sha256: str
    size: int
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Ledger:
    """Every file of a finished site, by its path from the root."""

    outputs: Mapping[str, Output]


@dataclass(frozen=True)
class Expected:
    """What the office knows beforehand of one file of the site."""

    sources: tuple[str, ...] = ()
    sha256: str | None = None  # for a file that is copied: exactly these bytes
    statement: str | None = None  # the page that is this statement's own carries its mark, once
    holds: tuple[str, ...] = field(default=(), repr=False)  # HTML that must stand in it, exactly


Entry = tuple[str, tuple[str, ...]]  # SHA-256, statements
Told = Mapping[str, Entry]  # what the generator says, by path


def compare(site: Path, expected: Mapping[str, Expected], told: Told) -> Ledger:
    """The ledger of the folder `site`; raises `Refused` (`site-gate`) at any difference."""
    found: dict[str, Output] = {}
    differences: list[str] = []
    for name, data in _files(site):
        if name not in expected:
            differences.append(f"{name}: not expected")
        elif data is None:
            differences.append(f"{name}: not a plain file")
        else:
            output = found[name] = Output(sha256(data), len(data), expected[name].sources)
            faults = _faults(data, output, expected[name], told.get(name))
            differences += [f"{name}: {why}" for why in faults]
    differences += [f"{name}: missing" for name in sorted(set(expected) - set(found))]
    differences += [f"{name}: told but not expected" for name in sorted(set(told) - set(expected))]
    if differences:
        refuse(differences)
    return Ledger(dict(sorted(found.items())))


def refuse(differences: list[str]) -> None:
    """Raise the one refusal that names what differs."""
    shown = "; ".join(differences[:MAX_DIFFERENCES_TOLD])
    raise Refused("site-gate", count=len(differences), why=shown)


def _files(site: Path) -> Iterator[tuple[str, bytes | None]]:
    """(path from the root, bytes) of everything below `site`; None for what is no plain file."""
    for path in sorted(site.rglob("*")):
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            yield path.relative_to(site).as_posix(), None
        elif path.is_file():
            yield path.relative_to(site).as_posix(), path.read_bytes()


def _faults(data: bytes, output: Output, expected: Expected, told: Entry | None) -> Iterator[str]:
    if expected.sha256 is not None:
        if output.sha256 != expected.sha256:
            yield "other bytes than were signed"
        return
    if told is None:
        yield "written without the gate"
    elif told[0] != output.sha256:
        yield "changed after it was written"
    elif told[1] != expected.sources:
        yield "from other statements than planned"
    marks = [mark.decode(errors="replace") for mark in _MARK.findall(data)]
    if marks != ([expected.statement] if expected.statement else []):
        yield "carries another statement's mark"
    for fragment in expected.holds:
        if fragment.encode() not in data:
            yield "its words are not those that were signed"
