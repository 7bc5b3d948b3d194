"""The intake as an OpenAPI document, `/v1/openapi.json`: what a board sends and what it is answered."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .. import __version__
from ..keys import MAX_ENVELOPE, REPORT_TYPE
from ..report import MAX_BATCH, MAX_BATCH_BYTES
from .intake import PATH, STATUS

_SHA = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_ENVELOPE = {
    "type": "object",
    "description": f"A DSSE envelope of at most {MAX_ENVELOPE} bytes, on one line; its payload is a report "
    "(docs/formats.md, Report), signed by the board's Ed25519 key.",
    "required": ["payload", "payloadType", "signatures"],
    "properties": {
        "payload": {"type": "string", "contentEncoding": "base64"},
        "payloadType": {"const": REPORT_TYPE},
        "signatures": {
            "type": "array", "minItems": 1, "maxItems": 1,
            "items": {
                "type": "object", "required": ["keyid", "sig"],
                "properties": {"keyid": _SHA, "sig": {"type": "string", "contentEncoding": "base64"}},
            },
        },
    },
}  # fmt: skip
_NUMBER = {"type": "integer", "minimum": 0, "maximum": 2**53}
_MEANS = {
    200: "All up to `last` is on disk; what was sent after it, later.",
    400: "The line `line` is no report of this board; what stands before it is on disk up to `last`.",
    403: "The board is not enrolled, or this is not its key: a person must act.",
    405: "Only POST.",
    408: "The body came too slowly.",
    413: "Too many bytes, or too many lines.",
    429: "The board has used up its share; see Retry-After.",
    503: "The hub is busy, or its store is away; see Retry-After.",
}


def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    refused = {str(status): _refusal(status) for status in sorted({*STATUS.values(), 405})}
    taken = _answer(_MEANS[200], {"v": {"const": 1}, "last": _NUMBER}, ["v", "last"])
    operation = {
        "operationId": "sendReports",
        "summary": "Signed reports of one board, one envelope a line, the oldest first",
        "requestBody": {
            "required": True,
            "description": f"At most {MAX_BATCH} lines and {MAX_BATCH_BYTES} bytes.",
            "content": {"application/x-ndjson": {"schema": {"$ref": "#/components/schemas/Envelope"}}},
        },
        "responses": {"200": taken, **refused},
    }
    parameters = [
        _parameter("commune", "^[0-9]{5}$", "the commune's code"),
        _parameter("board", "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$", "the board's id in the commune"),
    ]
    return {
        "openapi": "3.1.0",
        "info": {"title": "bangtin hub", "version": __version__},
        "paths": {f"{PATH}{{commune}}/{{board}}": {"parameters": parameters, "post": operation}},
        "components": {"schemas": {"Envelope": _ENVELOPE}},
    }


async def answer(_: Request) -> Response:
    """`GET /v1/openapi.json`."""
    return JSONResponse(document())


def _parameter(name: str, pattern: str, says: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "path", "required": True, "description": says, "schema": schema}


def _refusal(status: int) -> dict[str, Any]:
    codes = sorted(code for code, its in STATUS.items() if its == status) or ["method"]
    told: dict[str, Any] = {
        "v": {"const": 1}, "code": {"enum": codes}, "message": {"type": "string"}, "where": {"type": "string"},
        "line": _NUMBER, "last": _NUMBER,
    }  # fmt: skip
    answer = _answer(_MEANS[status], told, ["v", "code"])
    if status in (429, 503):
        answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return answer


def _answer(says: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": properties}
    return {"description": says, "content": {"application/json": {"schema": schema}}}
