"""The one text of a notice that is signed, and its digest (docs/formats.md, "Canonical digest").

Names lower-case and sorted, values trimmed, NFC, a blank line, the body without trailing spaces
and with one final newline. One changed letter changes it; line ends and field order do not. The
canonical text is itself a Markdown file that Pelican reads: what is published is what was signed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..lettering import nfc

NOTICE_ID = re.compile(r"(?=.{1,300}$)[a-z0-9][a-z0-9-]*(?:/[a-z0-9][a-z0-9-]*)*")  # at most 300 characters


@dataclass(frozen=True)
class SourceFile:
    """A file beside a notice: its name there, SHA-256 and size in bytes."""

    name: str
    sha256: str
    size: int


def canonical_text(fields: Mapping[str, str], body: str) -> bytes:
    """The bytes that stand for a notice's words; `fields` are values by name as written."""
    named = {name.lower(): " ".join(nfc(value).split()) for name, value in fields.items()}
    head = "".join(f"{name}: {value}\n" for name, value in sorted(named.items()))
    lines = [line.rstrip() for line in nfc(body).split("\n")]
    return (head + "\n" + "\n".join(lines).strip("\n") + "\n").encode()


def digest(text: bytes, files: Iterable[SourceFile]) -> str:
    """SHA-256 over the canonical text, a line feed, then `name sha256` of each file, sorted."""
    lines = sorted(f"{file.name} {file.sha256}\n" for file in files)
    return hashlib.sha256(text + b"\n" + "".join(lines).encode()).hexdigest()
