"""What is in an attachment: is it what its name says, and does it carry a program?

Attachments are copied to the website byte for byte, and citizens open them. Nothing is unpacked here: of a packed
file only the list of names is read, so that no bomb goes off. A macro is refused. A script in a PDF is told; one
that lies in a packed part of the PDF is not found: this is a look, not a virus scanner.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from ..errors import Problem

MAX_MEMBERS = 5000  # files in a packed attachment
_BLOCK = 1 << 20  # bytes searched at once
_LOOK = 1024  # bytes in which a PDF must begin
_STARTS = {
    ".jpg": (b"\xff\xd8\xff",), ".jpeg": (b"\xff\xd8\xff",), ".png": (b"\x89PNG\r\n\x1a\n",), ".webp": (b"RIFF",),
}  # fmt: skip
_PARTS = {".docx": "word/", ".xlsx": "xl/", ".odt": "content.xml", ".ods": "content.xml", ".zip": ""}
_MACRO = re.compile(r"vbaproject\.bin$|vbadata\.xml$|/activex/|^basic/|^scripts/|/macrosheets/", re.IGNORECASE)
_PROGRAM = re.compile(
    r"\.(exe|dll|scr|com|pif|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|msi|jar|lnk|apk|sh|docm|xlsm|dotm|xltm|iso|img)$",
    re.IGNORECASE,
)
_SCRIPT = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia)(?![A-Za-z])")
_LONGEST = 16  # bytes that `_SCRIPT` may take


def attachment_problem(path: Path, shown: str, where: tuple[int, str | None]) -> Problem | None:
    """Why `path` cannot be attached; a warning for what citizens' readers may warn of. Raises `OSError`."""
    ending, values = path.suffix.lower(), {"name": path.name}
    line, field = where
    if not _is(path, ending):
        return Problem("attachment-other", shown, line, field, values=values | {"ending": ending})
    if ending in _PARTS:
        names = _names(path)
        if names is None or not any(name.startswith(_PARTS[ending]) for name in names):
            return Problem("attachment-other", shown, line, field, values=values | {"ending": ending})
        bad = next((n for n in names if _MACRO.search(n) or _PROGRAM.search(n)), None)
        if bad:
            return Problem("attachment-program", shown, line, field, values=values | {"part": bad[-60:]})
    if ending == ".pdf" and (found := _script(path)):
        return Problem("attachment-script", shown, line, field, severity="warning", values=values | {"part": found})
    return None


def _is(path: Path, ending: str) -> bool:
    with path.open("rb") as file:
        start = file.read(_BLOCK)
    if ending == ".pdf":
        return b"%PDF" in start[:_LOOK]
    if ending in _STARTS:
        return start.startswith(_STARTS[ending]) and (ending != ".webp" or start[8:12] == b"WEBP")
    return ending in _PARTS or b"\0" not in start  # a text has no zeros


def _names(path: Path) -> list[str] | None:
    """The names in a packed file, or None when it is none or has too many."""
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError):
        return None
    return names if len(names) <= MAX_MEMBERS else None


def _script(path: Path) -> str:
    """What in a PDF makes a reader do something, or ""."""
    tail = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if match := _SCRIPT.search(tail + block):
                return match[0].decode("ascii")
            tail = block[-_LONGEST:]
    return ""
