"""Whatever comes between machines: a value, or a refusal with a code; never a traceback, never a hang."""

from __future__ import annotations

import base64
import json
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from signage import settings, stick
from signage.board import identity, trust
from signage.dossier import Dossier
from signage.errors import BangtinError
from signage.keys import RECORD_TYPE, REPORT_TYPE, PrivateKey, Sealed
from signage.office import audit
from signage.publication import EmergencyList, Manifest
from signage.report import Report
from signage.review import People, Record, Statement
from signage.wire import canonical, parse
from tests.test_documents import example, full, put

KEY = PrivateKey.generate()
Tried = Callable[[Any, Callable[[Any], None]], None]
READERS: dict[str, Callable[[bytes], Any]] = {
    "manifest": Manifest.read, "emergencies": EmergencyList.read, "report": Report.read, "people": People.read,
    "statement": Statement.read, "record": lambda data: Record.read(KEY.seal(data, RECORD_TYPE)),
    "envelope": lambda data: Sealed.read(data, RECORD_TYPE),
    "dossier": Dossier.read, "board": stick.Card.read,
}  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-2, 3), st.floats(), st.text(max_size=20),
    st.sampled_from(["", "a" * 64, "../../etc/passwd", "\ud800", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00Z",
                     "9999-12-31T23:59:59Z", 2**63, -(2**63), 10**30, "A" * 500]),
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


def spots(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The place of every part of a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(spot for key, part in inner for spot in spots(part, (*at, key)))]


def spoilt(value: Any) -> st.SearchStrategy[bytes]:
    """The value with one to three parts replaced by anything, taken out, or given another name."""
    places = spots(value)

    def change(changes: list[tuple[tuple[str | int, ...], Any]]) -> bytes:
        made = value
        for spot, new in changes:
            try:
                made = put(made, spot, None if new is ... and not spot else new)
            except (KeyError, IndexError, TypeError):  # an earlier change took its place away
                continue
        return json.dumps(made).encode("utf-8", "surrogatepass")

    one = st.tuples(st.sampled_from(places), st.one_of(ANYTHING, st.just(...)))
    return st.lists(one, min_size=1, max_size=3).map(change)


def flipped(data: bytes) -> st.SearchStrategy[bytes]:
    """The bytes with some of them changed, or cut."""

    def change(parts: tuple[list[tuple[int, int]], int]) -> bytes:
        made = bytearray(data)
        for at, to in parts[0]:
            made[at % len(made)] = to
        return bytes(made[: parts[1] % (len(made) + 1)] if parts[1] % 3 == 0 else made)

    return st.tuples(
        st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6), st.integers(0, 10**6)
    ).map(change)


def refuses(read: Callable[[bytes], Any]) -> Callable[[bytes], None]:
    """A check: reading gives a value, or an error that has a sentence for people."""

    def check(data: bytes) -> None:
        try:
            read(data)
        except BangtinError as error:
            assert error.told("vi") and error.told("en")

    return check


@pytest.mark.parametrize("name", READERS)
def test_no_message_makes_a_traceback(tried: Tried, name: str) -> None:
    good = full(name)
    data = canonical(good)
    READERS[name](data)  # what is spoilt below was good
    tried(st.one_of(spoilt(good), flipped(data), st.binary(max_size=200)), refuses(READERS[name]))


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "data",
    [b"[" * 90_000, b'{"v":' * 15_000, b'{"v":1,"a":' + b"9" * 90_000 + b"}", b'"' + b"\\u0000" * 15_000 + b'"', b"",
     b"\xff\xfe{\x00}\x00", b'{"v":1,"v":1}', b'{"v":1e999}', b'{"v":NaN}', b"null", b"{" * 90_000],
    ids=["lists", "objects", "number", "zeros", "empty", "utf-16", "twice", "infinity", "nan", "null", "braces"],
)  # fmt: skip
def test_shapes_that_hurt_readers(name: str, data: bytes) -> None:
    with pytest.raises(BangtinError):
        READERS[name](data)


@pytest.mark.parametrize("name", READERS)
def test_what_is_too_large_is_not_parsed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen megabytes of a good beginning: refused by length, before any parser sees them."""
    data = canonical(example(name))[:-1] + b" " * (16 << 20) + b"}"
    monkeypatch.setattr(json, "loads", lambda *_, **__: pytest.fail("parsed"))
    with pytest.raises(BangtinError):
        READERS[name](data)


def test_a_signature_is_asked_of_any_envelope(tried: Tried) -> None:
    key = PrivateKey.generate()
    sealed = key.seal(canonical({"v": 1}), REPORT_TYPE)

    def check(data: bytes) -> None:
        try:
            found = Sealed.read(data, REPORT_TYPE)
        except BangtinError:
            return
        if found.signed_by(key.public):
            assert found.payload == canonical({"v": 1})

    strange = st.dictionaries(st.sampled_from(["payload", "payloadType", "signatures", "x"]), ANYTHING, max_size=4)
    tried(st.one_of(flipped(sealed), spoilt(json.loads(sealed)), strange.map(lambda v: json.dumps(v).encode())), check)


def test_a_root_that_is_none(tried: Tried) -> None:
    role = {"keyids": ["a" * 64], "threshold": 1}
    root = {"_type": "root", "spec_version": "1.0.31", "version": 1, "expires": "2030-01-01T00:00:00Z",
            "consistent_snapshot": True, "keys": {}, "bangtin": example("root"),
            "roles": {"root": role, "targets": role, "snapshot": role, "timestamp": role}}  # fmt: skip
    whole = {"signed": root, "signatures": [{"keyid": "a" * 64, "sig": base64.b16encode(b"a" * 64).decode().lower()}]}
    tried(st.one_of(spoilt(whole), st.binary(max_size=300)), refuses(trust.built_in))


@pytest.mark.parametrize("file", ["bangtin.toml", "people.toml"])
def test_settings(tried: Tried, file: str) -> None:
    """`load` says every problem of a TOML file, whatever is in it."""
    good = {name: Path(__file__).parents[2].joinpath(name).read_bytes() for name in ("bangtin.toml", "people.toml")}
    tomllib.loads(good[file].decode())

    def check(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**good, file: data}.items():
                (Path(folder) / name).write_bytes(text)
            refuses(lambda _: settings.load(Path(folder)))(data)

    names = ("v", "name", "id", "viewport", "output", "dark", "roles", "key", "public", "hub", "classes", "output.x")
    line = st.tuples(st.sampled_from(names), ANYTHING)
    lines = st.lists(line, max_size=4).map(lambda some: "\n".join(f"{k} = {json.dumps(v)}" for k, v in some))
    tried(st.one_of(flipped(good[file]), lines.map(lambda t: good[file] + t.encode("utf-8", "surrogatepass"))), check)


def test_a_boards_own_file(tried: Tried) -> None:
    good = (
        'id = "cong-xa"\nurl = "https://xa.example"\nhub = ""\ncommune = "99999"\nrepository = "' + "a" * 64 + '"\n'
    ).encode()

    def check(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "board.toml").write_bytes(data)
            refuses(lambda _: identity.load(Path(folder)))(data)

    tried(st.one_of(flipped(good), st.binary(max_size=100)), check)


def test_lines_of_the_audit_log(tried: Tried) -> None:
    def check(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for path in (Path(folder) / "nhat-ky" / "2026-11.jsonl", Path(folder) / "2026-11.jsonl"):
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(data)
            refuses(lambda _: audit.read(Path(folder)))(data)

    tried(st.one_of(st.binary(max_size=200), ANYTHING.map(lambda v: json.dumps(v).encode() + b"\n")), check)


def test_a_ticket_and_what_was_done_with_it(tried: Tried) -> None:
    tried(st.one_of(st.binary(max_size=200), ANYTHING.map(lambda v: json.dumps({"v": 1, "x": v}).encode())),
          refuses(lambda data: (stick.Ticket.read(data), stick.Used.read(data), parse(data, limit=9))))  # fmt: skip
