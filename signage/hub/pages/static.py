"""Our own styles, script and picture: for everybody, since the log-in needs them."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response

from .shell import Section
from .visit import Visit

FILES = {
    "shell.css": "text/css; charset=utf-8",
    "hub.css": "text/css; charset=utf-8",
    "boards.css": "text/css; charset=utf-8",
    "reports.css": "text/css; charset=utf-8",
    "hub.js": "text/javascript; charset=utf-8",
    "hub.svg": "image/svg+xml",
}
_HERE = Path(__file__).parent / "static"

section = Section("Tệp tĩnh")


@section.open("/static/{name}")
def static(visit: Visit) -> Response:
    """A file that is in the list."""
    name = visit.param("name")
    if name not in FILES:
        raise HTTPException(404)
    headers = {"Content-Type": FILES[name], "Cache-Control": "max-age=300"}
    return Response((_HERE / name).read_bytes(), headers=headers)
