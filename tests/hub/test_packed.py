"""Reports may come packed: a line that is paid by the megabyte carries a sixth; what unpacks to too much is refused."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

from signage import parcel
from signage.report import MAX_BATCH_BYTES
from tests.hub.conftest import COMMUNE


def packed(
    hub: Any, board: str, body: bytes, encoding: str = "gzip", kind: str = "application/json"
) -> tuple[int, Any]:
    headers = {"Content-Encoding": encoding, "Content-Type": kind}
    status, told, _ = hub.ask("POST", f"/v1/reports/{COMMUNE}/{board}", body, **headers)
    return status, json.loads(told)


def test_packed_reports_are_reports_and_bombs_are_not(hub: Any, board: Any) -> None:
    whole = gzip.compress(b"\n".join(board.next() for _ in range(5)))
    assert packed(hub, board.id, whole[:-9])[0] == 400, "cut off on the way"
    assert packed(hub, board.id, b"no gzip at all")[0] == 400
    assert packed(hub, board.id, whole, "br")[0] == 400
    assert packed(hub, board.id, whole + whole)[0] == 400, "two in one"
    bomb = gzip.compress(bytes(50 * MAX_BATCH_BYTES))
    assert len(bomb) < MAX_BATCH_BYTES
    assert packed(hub, board.id, bomb)[1]["code"] == "report-large"
    assert packed(hub, board.id, whole) == (200, {"v": 1, "last": 5})


def test_bare_reports_are_the_very_envelopes_again_and_nonsense_names_its_line(hub: Any, board: Any) -> None:
    envelopes = [board.next() for _ in range(3)]
    body = parcel.packed(envelopes)
    assert parcel.enveloped(zlib.decompress(body, wbits=parcel.WBITS)) == b"\n".join(envelopes)
    for line in (b"", b"no envelope", b"a" * 64 + b" sig", b"a" * 64 + b' ","x":"" {}'):
        status, told = packed(hub, board.id, gzip.compress(line), kind=parcel.KIND)
        assert (status, told["code"]) == (400, "bad-format")
    forged = bytearray(zlib.decompress(body, wbits=parcel.WBITS))
    forged[forged.index(b'"seq":1') + 6] = ord("7")
    assert packed(hub, board.id, gzip.compress(forged), kind=parcel.KIND)[0] == 403
    assert packed(hub, board.id, body, kind=parcel.KIND) == (200, {"v": 1, "last": 3})
    bomb = gzip.compress(bytes(50 * MAX_BATCH_BYTES))
    assert packed(hub, board.id, bomb, kind=parcel.KIND)[1]["code"] == "report-large"
