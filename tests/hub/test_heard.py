"""The fast reader takes nothing that the strict ones refuse, and reads what boards write as they do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from signage.errors import Refused
from signage.hub import heard
from signage.keys import REPORT_TYPE, PrivateKey
from signage.report import About, Frame, Machine, Play, Report, Wear
from signage.wire import BadFormat, canonical

KEY = PrivateKey.generate()
PUBLIC = Ed25519PublicKey.from_public_bytes(bytes.fromhex(KEY.public.public))
ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.just("2026-02-30T00:00:00Z"),
    st.sampled_from(["\x00", "0001-01-01T00:00:00Z", "2026-11-22T03:04:05.5Z", "2026-11-22T03:04:05+07:00", "a" * 65]),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


def hear(data: bytes) -> heard.Heard:
    return heard.hear(data, PUBLIC, KEY.public.keyid)


@given(at=st.integers(0, 400), value=ANYTHING, spaced=st.booleans(), more=st.booleans())
def test_what_it_takes_the_strict_reader_takes_and_reads_alike(
    make_report: Any, at: int, value: Any, spaced: bool, more: bool
) -> None:
    good = make_report("cong-xa")
    about = About("1.0", "3.11", "Debian", "2.5", None, "Pi", 29_000, Wear("mmcblk0", (1, 2), 1))
    plays = (Play("f" * 64, good.sent, 14000),)
    told = json.loads(make_report("cong-xa", plays=plays, frame=b"x", about=about).to_payload())
    nests = [told, told["showing"], told["clock"], told["sync"], told["machine"], told["frame"], told["about"],
             told["about"]["wear"]]  # fmt: skip
    nest = nests[at % len(nests)]
    nest[sorted(nest)[at // len(nests) % len(nest)]] = value
    if more:
        told["later"] = value  # a field of a later version
    payload = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(", ", ": ") if spaced else (",", ":"))
    try:
        said = heard.read(payload.encode())
    except BadFormat:
        return
    strict = Report.read(payload.encode())
    assert heard.as_report(said).to_payload() == heard.small(said)
    frame = said.frame and Frame(said.frame.data, said.frame.at, said.frame.layer)
    about = heard.about_of(said)
    assert (strict.sent, strict.plays, strict.frame) == (said.sent, tuple(Play(*play) for play in said.plays), frame)
    assert (strict.about and canonical(strict.about.as_json())) == about


def test_a_field_that_stands_twice_is_refused(make_report: Any) -> None:
    payload = make_report("cong-xa").to_payload()
    with pytest.raises(BadFormat):
        heard.read(payload[:-1] + b',"verdict":"black"}')


@given(flip=st.integers(0, 10_000))
def test_no_changed_byte_of_what_was_signed_is_heard(make_report: Any, flip: int) -> None:
    data = bytearray(make_report("cong-xa").sealed(KEY))
    payload = heard.payload_of(bytes(data))
    data[flip % len(data)] ^= 1 + flip % 7
    try:
        found = hear(bytes(data))
    except (BadFormat, Refused):
        return
    assert heard.payload_of(found.envelope) == payload


def test_another_type_or_another_key_is_refused(make_report: Any) -> None:
    payload = make_report("cong-xa").to_payload()
    for sealed in (KEY.seal(payload, "application/other"), PrivateKey.generate().seal(payload, REPORT_TYPE)):
        with pytest.raises((BadFormat, Refused)):
            hear(sealed)


def test_what_was_kept_is_read_as_it_was_said(make_report: Callable[..., Report]) -> None:
    now = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
    for values in (
        {}, {"showing": None, "publication": None, "sync_last_ok": None, "machine": Machine(1, 2, 3)},
        {"faults": (("hot", now),), "sync_usb": now, "sync_error": "net-failed"},
    ):  # fmt: skip
        said = make_report("cong-xa", **values)
        assert heard.kept(heard.small(heard.read(said.to_payload()))) == said
