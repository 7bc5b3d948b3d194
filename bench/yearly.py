"""How large the audit log and the archive of a commune grow in a year, and what they cost each publication.

The sample commune with twenty boards; each publication hides or shows one notice. `python bench/yearly.py`.
"""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from record import Row, write

from signage.keys import PrivateKey
from signage.office import archive, audit, starter
from signage.office.desk import Desk, Signatory
from signage.office.publish import publish, repository, signed_people
from signage.publication import manifest_name
from signage.settings import Settings, load

BOARDS, TIMES, A_DAY = 20, 6, 10  # of the commune; publications measured; publications a day, for the year's figure
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
_BOARD = """
[[board]]
id = "them-{n}"
name = "Bảng thêm {n}"
kind = "led"
output = [1280, 720]
viewport = [0, 0, 384, 192]
groups = ["ngoai-troi"]
"""


def commune(folder: Path) -> Settings:
    """The sample commune with more boards, and keys without passphrases."""
    starter.copy_sample(folder)
    path = folder / "bangtin.toml"
    text = path.read_text("utf-8")
    more = (_BOARD.format(n=n) for n in range(BOARDS - text.count("[[board]]")))
    path.write_text(text + "".join(more), "utf-8")
    starter.make_keys(folder, {}, NOW - timedelta(days=30))
    return load(folder)


def person(settings: Settings, role: str) -> Signatory:
    who = next(m.id for m in settings.members if role in m.roles)
    return Signatory(who, role, PrivateKey.load(starter.person_key(settings.folder, who)))


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        settings = commune(Path(temporary) / "xa")
        desk, approver = Desk(settings, signed_people(settings)), person(settings, "approver")
        ids = [i for i, notice in desk.read().notices.items() if not notice.is_emergency]
        desk.submit(ids, person(settings, "author"), NOW)
        desk.approve(ids, approver, NOW)
        publish(settings, NOW)
        kept, log = settings.folder / archive.FOLDER, settings.folder / audit.FOLDER / "00000001.jsonl"
        before, spent = log.stat().st_size, 0.0
        for n in range(TIMES):
            now = NOW + timedelta(minutes=n + 1)
            desk.take_back(ids[0], "hide" if n % 2 == 0 else "show", approver, now, "thử")
            began = time.process_time()
            publish(settings, now)
            spent += time.process_time() - began
        sizes = [path.stat().st_size for path in kept.rglob("*.xz")]
        manifest = repository(settings).current(manifest_name(settings.boards[0].id)) or b""
        one, line = sum(sizes) / len(sizes), (log.stat().st_size - before) / TIMES
        began = time.process_time()
        audit.read(log.parent)
        reading = time.process_time() - began
    year = A_DAY * 365 / 1e6
    rows = [
        Row("a board's manifest", len(manifest), "B"),
        Row("archive, a publication", round(one), "B", len(sizes)),
        Row("log, a publication and a record", round(line), "B", TIMES),
        Row("archive, a year", round(one * year, 1), "MB"),
        Row("log, a year", round(line * year, 1), "MB"),
        Row("publishing, CPU", round(spent / TIMES, 2), "s", TIMES),
        Row("reading the log, CPU", round(reading * 1000, 1), "ms"),
    ]
    write("yearly", rows, boards=BOARDS, notices=len(ids), publications_a_day=A_DAY)


if __name__ == "__main__":
    main()
