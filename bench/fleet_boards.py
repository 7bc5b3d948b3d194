"""Boards that are only a key and a place in a chain: they sign the reports that a real board would.

What they send is `signage.report.Report` in its canonical form, checked once against the real one; it is put
together from a template, so that signing 40,000 of them takes seconds.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from signage.hub.store import Store
from signage.hub.store import tables as t
from signage.hub.store.bulk import Put
from signage.keys import REPORT_TYPE, PrivateKey, PublicKey
from signage.report import Frame, Machine, Play, Report, Showing
from signage.wire import when

EACH_S = 30  # seconds between two reports of a board
IN_COMMUNE = 100  # boards of one commune
REPOSITORY, STATEMENT = "d" * 64, "a" * 64
FIRST = "0" * 64  # what the first report names as the one before
FRAME_EACH = 10  # one report of so many carries a picture: a board makes one in five minutes
FRAME = b"\xff\xd8\xff" + bytes(range(256)) * 16  # 4 kB, as a thumbnail of 160 × 90
FILES = [hashlib.sha256(b"slide %d" % n).hexdigest() for n in range(12)]
TITLE = "Ngừng cung cấp điện thôn 3 và thôn 5 để sửa chữa đường dây"
_PAYLOAD = (
    '{{"board":"{board}","clock":{{"offset_ms":12,"state":"trusted"}},"commune":"{commune}","faults":[],'
    '"frame":{frame},"layer":"window","machine":{{"disk_free_mb":{disk},"rss_mb":71,"temp_c":{temp},'
    '"uptime_s":{uptime}}},"plays":[{plays}],"prev":"{prev}","publication":412,"repository":"{repository}",'
    '"sent":"{sent}","seq":{seq},"showing":{{"file":"{file}","kind":"rotation","since":"{since}",'
    '"statement":"{statement}","title":"{title}"}},"sync":{{"error":null,"last_ok":"{sent}"}},"v":1,'
    '"verdict":"match"}}'
)
FRAME_AT = datetime(2026, 11, 22, tzinfo=UTC)
_SHOWN = (
    f'{{"at":"{when(FRAME_AT)}","data":"{base64.b64encode(FRAME).decode()}","layer":"surface","type":"image/jpeg"}}'
)


@dataclass
class Board:
    """One of them, by its place in the fleet."""

    commune: str
    id: str
    key: Ed25519PrivateKey
    keyid: str
    number: int
    seq: int = 0
    prev: str = FIRST
    acknowledged: int = 0  # the last number that the hub says it keeps

    @property
    def path(self) -> str:
        return f"/v1/reports/{self.commune}/{self.id}"

    @property
    def public(self) -> str:
        return self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def next(self, sent: datetime) -> bytes:
        """The next report, sealed."""
        self.seq += 1
        payload = _payload(self, sent)
        self.prev = hashlib.sha256(payload).hexdigest()
        said = b"DSSEv1 %d %s %d %b" % (len(REPORT_TYPE), REPORT_TYPE.encode(), len(payload), payload)
        return b'{"payload":"%b","payloadType":"%b","signatures":[{"keyid":"%b","sig":"%b"}]}' % (
            base64.b64encode(payload), REPORT_TYPE.encode(), self.keyid.encode(),
            base64.b64encode(self.key.sign(said)),
        )  # fmt: skip


def fleet(count: int) -> list[Board]:
    """The same boards with the same keys each time; their chains begin anew."""
    made = []
    for n in range(count):
        key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"bench board %d" % n).digest())
        keyid = PublicKey(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()).keyid
        made.append(Board(f"{10000 + n // IN_COMMUNE:05}", f"bang-{n % IN_COMMUNE + 1}", key, keyid, n))
    return made


def enroll(store: Store, boards: list[Board]) -> None:
    """Into the hub's store, all at once; what `bangtin hub enroll` does one by one."""
    now = int(datetime.now(UTC).timestamp() * 1000)
    codes = sorted({board.commune for board in boards})
    communes = Put(t.commune, ("code", "name", "sample"), ("code",))
    known = Put(t.board, ("commune", "code", "public", "chain", "repository", "enrolled", "name", "site", "hamlet",
                          "metered"))  # fmt: skip
    rows = [
        (board.commune, board.id, board.public, 1, REPOSITORY, now, f"Bảng số {board.id.rpartition('-')[2]}",
         "Cổng nhà văn hóa thôn", f"Thôn {n % 9 + 1}", False)
        for n, board in enumerate(boards)
    ]  # fmt: skip
    with store.writing() as connection:
        communes(connection, [(code, f"UBND xã {code}", True) for code in codes])
        known(connection, rows)


def lost(store: Store, boards: list[Board], taken: int) -> int:
    """Reports that were acknowledged and are not there: by the number of each board, and by their sum."""
    with store.reading() as connection:
        asked = select(t.board.c.commune, t.board.c.code, t.state.c.seq).join(t.state, t.state.c.board == t.board.c.id)
        kept = {(row.commune, row.code): row.seq for row in connection.execute(asked)}
        counted = sum(connection.execute(select(t.hour.c.reports)).scalars())
    behind = sum(max(0, board.acknowledged - kept.get((board.commune, board.id), 0)) for board in boards)
    return max(behind, taken - counted)


def check() -> None:
    """Raises `AssertionError` when the template says something else than `Report` would."""
    board, sent = fleet(1)[0], datetime(2026, 11, 22, 9, 0, 30, tzinfo=UTC)
    board.seq = FRAME_EACH - 1
    mine = board.next(sent)
    since = sent - timedelta(seconds=5)
    real = Report(
        commune=board.commune, repository=REPOSITORY, board=board.id, seq=board.seq, prev=FIRST, sent=sent,
        publication=412, showing=Showing("rotation", STATEMENT, _file(board.seq), TITLE, since), verdict="match",
        layer="window", plays=tuple(Play(f, at, ms) for f, at, ms in _plays(board.seq, sent)), faults=(),
        clock_state="trusted", clock_offset_ms=12, sync_last_ok=sent, sync_error=None,
        machine=Machine(3600 + board.seq * EACH_S, 71, 18211 - board.seq, 45 + board.seq % 9),
        frame=Frame(FRAME, FRAME_AT, "surface"),
    )  # fmt: skip
    assert real.sealed(PrivateKey(board.key)) == mine


def _file(seq: int) -> str:
    return FILES[seq % len(FILES)]


def _plays(seq: int, sent: datetime) -> list[tuple[str, datetime, int]]:
    """Three slides of ten seconds."""
    begun = sent - timedelta(seconds=EACH_S)
    return [(FILES[(seq * 3 + n) % len(FILES)], begun + timedelta(seconds=10 * n), 10_000) for n in range(3)]


def _payload(board: Board, sent: datetime) -> bytes:
    seq = board.seq
    plays = ",".join(f'["{file}","{when(at)}",{ms}]' for file, at, ms in _plays(seq, sent))
    return _PAYLOAD.format(
        board=board.id, commune=board.commune, frame=_SHOWN if (seq + board.number) % FRAME_EACH == 0 else "null",
        disk=18211 - seq, temp=45 + seq % 9, uptime=3600 + seq * EACH_S, plays=plays, prev=board.prev,
        repository=REPOSITORY, sent=when(sent), seq=seq, file=_file(seq), since=when(sent - timedelta(seconds=5)),
        statement=STATEMENT, title=TITLE,
    ).encode()  # fmt: skip
