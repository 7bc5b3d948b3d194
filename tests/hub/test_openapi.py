"""The OpenAPI document is the hub's: each address is there, and schemathesis finds no answer that it does not name."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.routing import Route

from signage.hub import app, openapi
from signage.hub.people import accounts, audit, sessions
from signage.hub.people.accounts import Wanted
from signage.hub.people.passwords import Fresh
from signage.hub.people.roles import Role
from signage.hub.store import open_store
from tests.hub.conftest import kept_password

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ENDLESS = {"listen"}  # a stream: its own tests read it
EXAMPLES = 12  # of each operation


@schemathesis.serializer("application/x-ndjson")
def one_line(_: Any, value: Any) -> bytes:
    """An envelope, or whatever was made up in its place."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def token(hub: Any) -> str:
    """As `bangtin hub account token` gives it."""
    now = datetime.now(UTC)
    with open_store(hub.folder) as store, store.writing() as connection:
        wanted = Wanted("Hệ thống của tỉnh", Role.AUDITOR, None)
        account = accounts.add(connection, "he-thong-tinh", wanted, Fresh((), kept_password()), audit.ON_THE_BOX, now)
        made = sessions.open_new(connection, account.id, now, address="", agent="", kind=sessions.TOKEN)
        return str(made)


def test_every_door_for_programs_is_in_the_document(tmp_path: Any) -> None:
    with open_store(tmp_path / "hub") as store:
        routes = [route for route in app.application(store).routes if isinstance(route, Route)]
    doors = {route.path for route in routes if route.path.startswith(("/v1/", "/healthz", "/metrics"))}
    assert doors == {path for path in openapi.document()["paths"] if not path.startswith("/v1/reports/")}


def test_schemathesis_finds_nothing(hub: Any, board: Any) -> None:
    hub.post(board.id, board.next())
    headers = {"Authorization": f"Bearer {token(hub)}"}
    schema = schemathesis.openapi.from_dict(json.loads(hub.get("/v1/openapi.json")[1]))
    schema.config.update(base_url=hub.url)
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.definition.raw["operationId"] in ENDLESS:
            continue

        @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        def one(case: Any) -> None:
            nonlocal tried
            tried += 1
            case.call_and_validate(headers=headers, checks=CHECKS, timeout=30)

        given(case=operation.as_strategy())(one)()
    assert tried > EXAMPLES
    assert hub.get("/healthz")[0] == 200


@pytest.mark.parametrize("authorization", ["", "Bearer x", "Basic eDp4"])
def test_who_has_no_token_reads_nothing(hub: Any, authorization: str) -> None:
    for path in ("/v1/feed/boards.json", "/v1/feed/bulletins.csv", "/v1/feed/alerts.xml"):
        assert hub.ask("GET", path, Authorization=authorization)[0] == 401
