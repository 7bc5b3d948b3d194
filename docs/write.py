"""Writes what the documents take from the code: `python docs/write.py`, then read the difference.

    examples   the blocks of docs/formats.md below `<!-- made: … -->`: a commune is made in a temporary
               folder, a notice is submitted, approved and published, a board enrolled and its report
               signed; the private keys go with the folder, the public ones stay in the examples
    codes      the table of docs/ma-loi.md, from signage/messages.toml

`tests/test_documents.py` holds both against the code; it needs no run of this script.
"""

from __future__ import annotations

import io
import json
import re
import sys
import tempfile
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from signage.board import identity
from signage.keys import PrivateKey
from signage.office import starter
from signage.office.desk import Desk, Signatory
from signage.office.publish import publish, repository, signed_people
from signage.publication import EMERGENCIES, PEOPLE, Manifest, manifest_name
from signage.report import About, Frame, Machine, Play, Report, Showing
from signage.settings import Settings, load

DOCS = Path(__file__).parent
FORMATS, CODES = DOCS / "formats.md", DOCS / "ma-loi.md"
MESSAGES = DOCS.parent / "signage" / "messages.toml"
NOTICE, ALERT, BOARD = "thong-bao/2026/cat-dien-thon-3", "khan-cap/2026/lu-song-mau", "cong-xa"
MADE = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
_MADE_BLOCK = re.compile(r"(<!-- made: (\S+) -->\n```\w+[^\n]*\n)(?:.*?\n)?(```\n)", re.DOTALL)
_BLOCK = re.compile(r"^```(?P<words>[^\n]*)\n(?P<text>.*?)\n```$", re.DOTALL | re.MULTILINE)
PEOPLE_SETTINGS = """v = 1
[[person]]
id = "p1"
name = "Người Biên Tập"
roles = ["author"]
[[person]]
id = "p3"
name = "Người Duyệt"
roles = ["approver"]
[[person]]
id = "p5"
name = "Người Trực"
roles = ["duty"]
"""


def blocks(text: str, words: str) -> list[str]:
    """The fenced blocks with exactly these words after the fence."""
    return [m["text"] + "\n" for m in _BLOCK.finditer(text) if m["words"].strip() == words]


def pretty(data: bytes) -> str:
    return json.dumps(json.loads(data), ensure_ascii=False, indent=1, sort_keys=True)


# ── examples ─────────────────────────────────────────────────────────────────────────────────────


def examples(text: str, folder: Path) -> dict[str, str]:
    """What the made blocks of formats.md hold, by name."""
    commune = _commune(text, folder / "xa")
    desk = Desk(commune, signed_people(commune))
    desk.submit([NOTICE], _person(commune, "p1", "author"), MADE)
    (notice,) = desk.approve([NOTICE], _person(commune, "p3", "approver"), MADE + timedelta(hours=1))
    alert = desk.raise_alert(ALERT, _person(commune, "p5", "duty"), MADE + timedelta(hours=2))
    publish(commune, MADE + timedelta(hours=3))
    repo = repository(commune)
    published = {name: repo.current(name) or b"" for name in (PEOPLE, manifest_name(BOARD), EMERGENCIES)}
    submit, approve = notice.approval.records if notice.approval else ()
    book = desk.book.notice(notice.statement)
    board = identity.enroll(folder / "bang", board=BOARD, url="https://dongmau.example", root=repo.root_bytes())
    manifest = Manifest.read(published[manifest_name(BOARD)])
    report = _report(manifest, alert.sha256, notice.statement.slides["led-384x192"][0].file)
    root = json.loads(repo.root_bytes())["signed"]["bangtin"]
    return {
        "canonical": book.text.decode().rstrip("\n"), "digest": book.digest,
        "people-settings": (commune.folder / "people.toml").read_text("utf-8").rstrip("\n"),
        "statement": pretty(notice.statement.to_bytes()), "statement-name": notice.sha256,
        "record": pretty(submit.sealed.payload), "submit": pretty(submit.sealed.data),
        "approve": pretty(approve.sealed.data), "people": pretty(published[PEOPLE]),
        "dossier": pretty(notice.dossier.to_bytes()),
        "manifest": pretty(published[manifest_name(BOARD)]), "emergencies": pretty(published[EMERGENCIES]),
        "root": pretty(json.dumps(root).encode()), "board": pretty((folder / "bang/board.pub.json").read_bytes()),
        "report": pretty(report.to_payload()), "report-envelope": pretty(report.sealed(board.key())),
    }  # fmt: skip


def _commune(text: str, folder: Path) -> Settings:
    """The commune whose settings and notices stand in formats.md."""
    (written,) = blocks(text, "toml settings")
    notice, alert = blocks(text, "text notice")
    for name, words in (
        ("bangtin.toml", written), ("people.toml", PEOPLE_SETTINGS),
        (f"content/{NOTICE}.md", notice), (f"content/{ALERT}.md", alert),
    ):  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words, encoding="utf-8")
    starter.make_keys(folder, {}, MADE - timedelta(days=30))
    return load(folder)


def _person(settings: Settings, ident: str, role: str) -> Signatory:
    return Signatory(ident, role, PrivateKey.load(starter.person_key(settings.folder, ident)))


def _report(manifest: Manifest, alert: str, slide: str) -> Report:
    sent = MADE + timedelta(hours=4)
    return Report(
        commune=manifest.commune, repository=manifest.repository, board=manifest.board, seq=1, prev="0" * 64,
        sent=sent, publication=manifest.number,
        showing=Showing("emergency", alert, None, "Lũ trên sông Mẫu lên nhanh", sent - timedelta(minutes=9)),
        verdict="match", layer="surface", plays=(Play(slide, sent - timedelta(minutes=10), 14_000),),
        faults=(("clock-suspect", sent - timedelta(minutes=30)),), clock_state="suspect", clock_offset_ms=-4200,
        sync_last_ok=sent - timedelta(minutes=9), sync_error=None, machine=Machine(86_400, 91, 5120, 52),
        frame=Frame(_thumbnail(), sent - timedelta(seconds=2), "window"),
        about=About("1.0", "3.11.2", "Debian GNU/Linux 12, Linux 6.12.47", "2.5.7", "2.32.10", None, 29_000, None),
    )  # fmt: skip


def _thumbnail() -> bytes:
    """A picture for the example's sake, as small as JPEG allows."""
    data = io.BytesIO()
    Image.new("L", (16, 8)).save(data, "JPEG", quality=1)
    return data.getvalue()


def write_examples() -> None:
    text = FORMATS.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        made = examples(text, Path(folder))
    FORMATS.write_text(_MADE_BLOCK.sub(lambda m: f"{m[1]}{made[m[2]]}\n{m[3]}", text), encoding="utf-8")


# ── codes ────────────────────────────────────────────────────────────────────────────────────────


def code_table() -> str:
    """The table of ma-loi.md."""
    messages: dict[str, dict[str, Any]] = tomllib.loads(MESSAGES.read_text("utf-8"))
    rows = ["| Mã | Nghĩa là | Làm gì |", "|---|---|---|"]
    for code, words in sorted(messages.items()):
        rows.append(f"| `{code}` | {_cell(words['vi'])} | {_cell(words.get('vi_do', ''))} |")
    return "\n".join(rows) + "\n"


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|")


def write_codes() -> None:
    head = CODES.read_text("utf-8").split("| Mã |", 1)[0]
    CODES.write_text(head + code_table(), encoding="utf-8")


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["examples", "codes"]
    if "examples" in wanted:
        write_examples()
    if "codes" in wanted:
        write_codes()
