"""The header of a notice's file: `Name: value` lines, with the line where each stands.

The same lines Python-Markdown's `meta` extension and Pelican read; ours keeps line numbers, so
that an officer is told where to look.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from ..errors import Problem

FIELDS = (
    "Title", "Date", "Kind", "Class", "Category", "Hamlets", "Boards", "Start", "End", "Hours", "Days",
    "Yearly", "Holidays", "Number", "Issuer", "Signer", "Recipients", "Issued", "Effective", "Facts", "Summary",
    "Board-Summary", "Image", "Film", "Attachments", "Level", "Source", "Bulletin-Time", "Drill", "Prepared",
    "Prepared-As", "Evergreen", "Order", "Slug", "Events", "If-Holiday", "Host", "Place",
)  # fmt: skip
_KNOWN = {name.lower(): name for name in FIELDS}
_LINE = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):(.*)")
# What the site's generator would obey if a notice could say it: never an officer's to set.
FORBIDDEN = frozenset(
    {"status", "template", "save_as", "url", "author", "authors", "tags", "lang", "translation", "modified"}
)


@dataclass(frozen=True)
class Field:
    """One field as written, and its 1-based line."""

    name: str
    value: str
    line: int


def split(text: str, file: str) -> tuple[dict[str, Field], str, int, list[Problem]]:
    """Header fields by lower-case name, the body, the body's first line, and what is wrong."""
    fields: dict[str, Field] = {}
    problems: list[Problem] = []
    lines = text.split("\n")
    number = 0
    last: str | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            break
        if line.startswith("    ") and last:
            old = fields[last]
            fields[last] = Field(old.name, f"{old.value} {line.strip()}".strip(), old.line)
            continue
        match = _LINE.fullmatch(line)
        if not match:
            problems.append(Problem("header-line", file, number, values={"text": line[:60]}))
            continue
        last = _take(match[1], match[2].strip(), number, fields, file, problems)
    body = "\n".join(lines[number:])
    return fields, body, number + 1, problems


def _take(name: str, value: str, line: int, fields: dict[str, Field], file: str, problems: list[Problem]) -> str | None:
    key = name.lower()
    if key in FORBIDDEN:
        problems.append(Problem("field-forbidden", file, line, name))
    elif key not in _KNOWN:
        near = difflib.get_close_matches(key, _KNOWN, n=1)
        hint = _KNOWN[near[0]] if near else ", ".join(FIELDS[:8]) + " …"
        problems.append(Problem("field-unknown", file, line, name, values={"hint": hint}))
    elif key in fields:
        problems.append(Problem("field-twice", file, line, name, values={"first": fields[key].line}))
    else:
        fields[key] = Field(_KNOWN[key], value, line)
        return key
    return None
