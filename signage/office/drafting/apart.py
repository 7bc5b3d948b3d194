"""A file that came from anywhere is taken apart in a process of its own, with an end to its time and memory.

`python -m signage.office.drafting.apart word|pdf` reads the file's bytes from standard input and answers with
one JSON object; `answer` starts it. Without `resource` (Windows) only the time is limited.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from typing import Any

from ...errors import Unavailable
from .package import NotWordError

MAX_SECONDS = 30  # of waiting: whoever watches a folder waits with it
MAX_CPU_SECONDS = 20  # of work; a hundred pages take three
MAX_MEMORY = 1024 * 1024 * 1024  # bytes of address space
MAX_ANSWER = 160 * 1024 * 1024  # characters: pictures of the file, in base64


def answer(what: str, data: bytes) -> dict[str, Any]:
    """What the other process says of `data`. Raises `NotWordError`, `Unavailable` (`draft-extra`)."""
    command = [sys.executable, "-P", "-m", __name__, what]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=MAX_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise NotWordError("word-heavy", limit=f"{MAX_SECONDS} giây") from error
    try:
        told = json.loads(done.stdout)
    except ValueError as error:  # killed, or out of memory before it could speak
        raise NotWordError("word-heavy", limit=f"{MAX_CPU_SECONDS} giây, {MAX_MEMORY >> 20} MB bộ nhớ") from error
    assert isinstance(told, dict)
    if "missing" in told:
        raise Unavailable("draft-extra", library=told["missing"])
    if "error" in told:
        raise NotWordError(told["error"], **told["values"])
    return told


def _limit() -> None:
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


def _word(data: bytes) -> dict[str, Any]:
    from .word import read

    found = read(data)
    return {
        "html": found.html, "notes": [[note.code, note.values] for note in found.notes],
        "pictures": {name: base64.b64encode(content).decode() for name, content in found.pictures.items()},
    }  # fmt: skip


def _pdf(data: bytes) -> dict[str, Any]:
    from .pdf import read

    return vars(read(data))


def main(what: str) -> None:
    """The other process."""
    _limit()
    try:
        told = {"word": _word, "pdf": _pdf}[what](sys.stdin.buffer.read())
        text = json.dumps(told)
        if len(text) > MAX_ANSWER:
            raise NotWordError("word-heavy", limit=f"{MAX_ANSWER >> 20} MB")
    except NotWordError as error:
        text = json.dumps({"error": error.code, "values": error.values})
    except ModuleNotFoundError as error:
        text = json.dumps({"missing": error.name})
    except MemoryError:
        text = json.dumps({"error": "word-heavy", "values": {"limit": f"{MAX_MEMORY >> 20} MB bộ nhớ"}})
    sys.stdout.write(text)


if __name__ == "__main__":
    main(sys.argv[1])
