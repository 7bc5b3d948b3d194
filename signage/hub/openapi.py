"""The hub's doors for programs as an OpenAPI document, `/v1/openapi.json`: what boards send, what others may read."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .. import __version__, hint
from ..keys import MAX_ENVELOPE, REPORT_TYPE
from ..report import MAX_BATCH, MAX_BATCH_BYTES
from ..stick import MAX_CARD
from .alarms import Contact, Content, Level, Screen
from .feeds import PAGE_ROWS, VERSION
from .fleet import door
from .intake import PATH, STATUS

Schema = dict[str, Any]
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
_COMMUNE = {"type": "string", "pattern": "^[0-9]{5}$"}
_NAME = {"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"}
_TEXT, _YES = {"type": "string"}, {"type": "boolean"}
_TIME = {"type": "string", "format": "date-time"}
_MEANS = {
    200: "All up to `last` is on disk; what was sent after it, later. `frame`: somebody wants to see the glass.",
    400: "The line `line` is no report of this board; what stands before it is on disk up to `last`.",
    403: "The board is not enrolled, or this is not its key: a person must act.",
    405: "Only POST.",
    408: "The body came too slowly.",
    413: "Too many bytes, or too many lines.",
    429: "The board has used up its share; see Retry-After.",
    503: "The hub is busy, or its store is away; see Retry-After.",
}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _one_of(values: Any) -> Schema:
    return {"enum": [value.value for value in values]}


def _object(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


_BOARD = _object({
    "commune": _COMMUNE, "agency": _maybe(_TEXT), "board": _NAME, "name": _TEXT, "site": _TEXT,
    "hamlet": _maybe(_TEXT), "shape": _maybe(_TEXT), "latitude": _maybe({"type": "number"}),
    "longitude": _maybe({"type": "number"}), "metered": _YES, "sample": _YES, "contact": _one_of(Contact),
    "content": _one_of(Content), "screen": _one_of(Screen), "level": {"enum": [one.name.lower() for one in Level]},
    "heard": _maybe(_TIME), "publication": _maybe(_NUMBER), "published": _maybe(_NUMBER), "showing": _maybe(_TEXT),
    "statement": _maybe(_SHA),
})  # fmt: skip
_BULLETIN = _object({
    "commune": _COMMUNE, "agency": _maybe(_TEXT), "statement": _SHA, "id": _maybe(_TEXT), "title": _TEXT,
    "kind": _maybe(_TEXT), "class": {"enum": ["thong-thuong", "uu-tien", "khan-cap"]}, "category": _maybe(_TEXT),
    "hamlets": {"type": "array", "items": _TEXT}, "boards": {"type": "array", "items": _TEXT},
    **{name: _maybe(_TIME) for name in
       ("submitted", "approved", "published", "start", "end", "withdrawn", "gone", "hidden")},
    "level": _maybe(_NUMBER), "source": _maybe(_TEXT), "drill": _maybe(_YES),
})  # fmt: skip


def _page(name: str, of: str) -> Schema:
    rows = {"type": "array", "maxItems": PAGE_ROWS, "items": {"$ref": f"#/components/schemas/{of}"}}
    return _object({"v": {"const": VERSION}, "made": _TIME, "next": _maybe(_TEXT), name: rows})


_CARD = _object({
    "v": {"const": 1}, "board": _NAME, "public": _SHA, "keyid": _SHA, "commune": _COMMUNE, "repository": _SHA,
    "root": _SHA, "proof": _SHA,
})  # fmt: skip
_SCHEMAS = {
    "Envelope": _ENVELOPE, "Card": _CARD, "Board": _BOARD, "Bulletin": _BULLETIN, "Boards": _page("boards", "Board"),
    "Bulletins": _page("bulletins", "Bulletin"),
    "Words": _object({"v": {"const": 1}, "words": {"type": "array", "items": _TEXT}}),
    "Health": _object({"v": {"const": 1}, "ok": _YES, "reasons": {"type": "array", "items": _TEXT}}),
}  # fmt: skip


def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "bangtin hub", "version": __version__},
        "paths": {**_boards(), **_feeds(), **_plain()},
        "components": {
            "schemas": _SCHEMAS,
            "securitySchemes": {
                "program": {
                    "type": "http", "scheme": "bearer",
                    "description": "`bangtin hub account token`: reads only, within the account's communes.",
                }
            },
        },
    }  # fmt: skip


async def answer(_: Request) -> Response:
    """`GET /v1/openapi.json`."""
    return JSONResponse(document())


# ── what boards use ──────────────────────────────────────────────────────────────────────────────


def _boards() -> dict[str, Any]:
    refused = {str(status): _refusal(status) for status in sorted({*STATUS.values(), 405})}
    taken = _answer(_MEANS[200], {"v": {"const": 1}, "last": _NUMBER, "frame": _YES}, ["v", "last"])
    reports = {
        "operationId": "sendReports",
        "summary": "Signed reports of one board, one envelope a line, the oldest first",
        "requestBody": {
            "required": True,
            "description": f"At most {MAX_BATCH} lines and {MAX_BATCH_BYTES} bytes, unpacked; gzip may be used.",
            "content": {"application/x-ndjson": {"schema": {"$ref": "#/components/schemas/Envelope"}}},
        },
        "responses": {"200": taken, **refused},
    }
    parameters = [
        _parameter("commune", "path", _COMMUNE, "the commune's code"),
        _parameter("board", "path", _NAME, "the board's id in the commune"),
    ]
    codes: dict[int, list[str]] = {}
    for code, status in door.STATUS.items():
        codes.setdefault(status, []).append(code)
    card = {
        "operationId": "bringCard",
        "summary": "A new board's public key, with the proof of the one-time code that a person typed at it",
        "requestBody": {
            "required": True, "description": f"`board.pub.json`, at most {MAX_CARD} bytes.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Card"}}},
        },
        "responses": {
            "200": {"description": "Taken: four words that the person compares with the board's.",
                    "content": _as("Words")},
            **{str(status): _answer("Not taken.", {"v": {"const": 1}, "code": {"enum": sorted(known)}}, ["v", "code"])
               for status, known in sorted(codes.items())},
        },
    }  # fmt: skip
    every = _parameter(
        hint.QUERY, "query", {"type": "integer"},
        f"seconds between two comments, {hint.LEAST_S:.0f} to {hint.MOST_S:.0f}", required=False,
    )  # fmt: skip
    hints = {
        "operationId": "listen", "summary": "Hints that something was published (server-sent events)",
        "parameters": [parameters[0], every],
        "responses": {
            "200": {"description": "Goes on as long as both sides like.", "content": {hint.KIND: {"schema": _TEXT}}},
            "404": {"description": "This hub has no publication of that commune."},
            "503": {"description": "Too many listen: poll."},
        },
    }  # fmt: skip
    return {
        f"{PATH}{{commune}}/{{board}}": {"parameters": parameters, "post": reports},
        door.PATH: {"post": card},
        f"/v1/{hint.PATH}/{{commune}}": {"get": hints},
    }


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


# ── what other systems read ──────────────────────────────────────────────────────────────────────


def _feeds() -> dict[str, Any]:
    after = _parameter("after", "query", _TEXT, "`next` of the page before", required=False)
    limit = _parameter("limit", "query", {"type": "integer"}, f"rows, at most {PAGE_ROWS}", required=False)
    live = _parameter("live", "query", {"enum": ["0", "1"]}, "1: only what is in force now", required=False)
    one = [
        _parameter("commune", "path", _COMMUNE, "the commune's code"),
        _parameter("statement", "path", _SHA, "of the bulletin"),
    ]
    return {
        "/v1/feed/boards.json": _read("boards", "Boards and how they are", _as("Boards"), [after, limit]),
        "/v1/feed/boards.csv": _read("boardsTable", "The same as one table", _file("text/csv")),
        "/v1/feed/bulletins.json": _read("bulletins", "What offices published", _as("Bulletins"), [after, limit, live]),
        "/v1/feed/bulletins.csv": _read("bulletinsTable", "The same as one table", _file("text/csv"), [live]),
        "/v1/feed/alerts.xml": _read("alerts", "Emergencies: an Atom feed of CAP", _file("application/atom+xml")),
        "/v1/feed/alerts/{commune}/{statement}.xml": _read(
            "alert", "One emergency as CAP 1.2", _file("application/cap+xml"), one
        ),
    }


def _read(name: str, says: str, content: dict[str, Any], parameters: list[dict[str, Any]] | None = None) -> Schema:
    refused = {"401": "No token, or not a good one.", "404": "There is none, or not for this account.",
               "422": "More rows than a table may have.", "503": "The store is away."}  # fmt: skip
    responses = {status: {"description": why} for status, why in refused.items()}
    operation = {
        "operationId": name, "summary": says, "security": [{"program": []}], "parameters": parameters or [],
        "responses": {"200": {"description": says, "content": content}, **responses},
    }  # fmt: skip
    return {"get": operation}


def _as(of: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{of}"}}}


def _file(kind: str) -> dict[str, Any]:
    return {kind: {"schema": _TEXT}}


def _plain() -> dict[str, Any]:
    content = _as("Health")
    well = {status: {"description": says, "content": content} for status, says in (("200", "Yes."), ("503", "No."))}
    numbers = {
        "200": {"description": "Prometheus' text form.", "content": _file("text/plain")},
        "401": {"description": "Not the token of hub.toml."}, "503": {"description": "The store is away."},
    }  # fmt: skip
    itself = {"200": {"description": "This.", "content": {"application/json": {"schema": {"type": "object"}}}}}
    return {
        "/healthz": {"get": {"operationId": "health", "summary": "Whether the hub is well", "responses": well}},
        "/metrics": {"get": {"operationId": "metrics", "summary": "Numbers for Prometheus", "responses": numbers}},
        "/v1/openapi.json": {"get": {"operationId": "document", "summary": "This document", "responses": itself}},
    }


# ── how it is written ────────────────────────────────────────────────────────────────────────────


def _parameter(name: str, where: str, schema: Schema, says: str, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": where, "required": required, "description": says, "schema": schema}


def _answer(says: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": properties}
    return {"description": says, "content": {"application/json": {"schema": schema}}}
