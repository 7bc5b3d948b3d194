"""The office's side of a publication in an archive of years, without the website.

    python bench/publish.py [--quick]

At 1,000 notices, and at 10,000 without `--quick`, 50 of them live (`bench/archive.py`). Wall seconds, and beside them
CPU seconds of the process: on a machine that does other things too they are the steadier figure.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from functools import cache
from pathlib import Path

import archive
from record import Row, write

from signage.keys import PrivateKey
from signage.office import starter
from signage.office.boards import repository, signed_people
from signage.office.book import Book
from signage.office.desk import Desk, Signatory
from signage.office.knowledge import glance
from signage.office.publish import Publisher
from signage.office.urgent import publish_emergencies
from signage.review import Statement, sign
from signage.settings import Settings, load

ROUNDS = 7
PLAIN = (  # an alarm's header lines, and those of a notice that another person approves
    ("Kind: thien-tai\nClass: khan-cap\n", "Kind: cat-dien\n"),
    ("Level: 4\nSource: Đài KTTV\nBulletin-Time: 2027-01-04 08:00\n", ""),
)
ALARM = """Title: Lũ trên sông lên nhanh
Date: 2027-01-04 09:00
Kind: thien-tai
Class: khan-cap
Category: thien-tai-dich-benh
Level: 4
Source: Đài KTTV
Bulletin-Time: 2027-01-04 08:00
Start: 2027-01-04 09:00
End: 2027-01-04 21:00
Summary: Di dời ngay khỏi bãi ven sông.

Di dời ngay khỏi bãi ven sông.
"""


class Office:
    """One commune, published again and again by one process."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.publisher, self.minute = settings, Publisher(settings), 0
        self.book = Book(settings.review_book)

    def publish(self) -> tuple[float, float, float]:
        """Wall and CPU seconds of one round, and those until the boards had theirs."""
        self.minute += 1
        wall, burnt = time.perf_counter(), time.process_time()
        outcome = self.publisher.publish(self.settings, archive.NOW + timedelta(minutes=self.minute), site=False)
        spent = outcome.timings
        first = spent.read + spent.sign
        return time.perf_counter() - wall, time.process_time() - burnt, first

    def hide(self, number: int) -> None:
        """One record more: a live notice is hidden."""
        shas = [sha for sha, one in self.statements().items() if one.end > archive.NOW]
        key = PrivateKey.load(starter.person_key(self.settings.folder, archive.APPROVER))
        at, person = archive.NOW + timedelta(minutes=self.minute), archive.APPROVER
        record = sign(key, act="hide", statement=shas[number], person=person, role="approver", at=at)
        self.book.put_record(record)

    @cache  # noqa: B019 - one office of each size
    def statements(self) -> dict[str, Statement]:
        """All of them."""
        return self.book.statements()

    def alarm(self) -> str:
        """A signed emergency; its statement."""
        path = self.settings.content / "khan-cap/2027/lu.md"
        path.parent.mkdir(parents=True)
        path.write_text(ALARM, "utf-8")
        key = PrivateKey.load(starter.person_key(self.settings.folder, archive.DUTY))
        desk = Desk(self.settings, signed_people(self.settings))
        return desk.raise_alert("khan-cap/2027/lu", Signatory(archive.DUTY, "duty", key), archive.NOW).sha256


def settled() -> None:
    """What was written just now is looked at twice: that is not what is measured."""
    time.sleep(glance.UNSETTLED_NS / 1e9 + 0.1)


def rows_of(count: int, folder: Path) -> list[Row]:
    """The figures of one size."""
    last = "" if count == 10_000 else f"_{count}"
    settings = archive.make(folder / "xa", count)
    settled()
    office = Office(settings)
    cold = office.publish()
    settled()
    office.publish()
    noop = [office.publish() for _ in range(ROUNDS)]
    changed = []
    for number in range(ROUNDS):
        office.hide(number)
        changed.append(office.publish())
        settled()
        office.publish()
    office.publisher.close()
    command = [sys.executable, __file__, "--again", str(settings.folder)]
    told = [subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() for _ in range(3)]
    fresh = [tuple(float(part) for part in line) for line in told]
    urgent, approval = _urgent(office), _approval(settings.folder)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    def middle(found: list[tuple[float, ...]], place: int) -> float:
        return statistics.median(one[place] for one in found)

    return [
        Row(f"cold_s{last}", cold[0], "s", 1), Row(f"cold_cpu_s{last}", cold[1], "s", 1),
        Row(f"noop_s{last}", middle(noop, 0), "s", ROUNDS, goal="<= 0.3"),
        Row(f"noop_cpu_s{last}", middle(noop, 1), "s", ROUNDS),
        Row(f"change_boards_s{last}", middle(changed, 2), "s", ROUNDS, goal="<= 0.15"),
        Row(f"change_s{last}", middle(changed, 0), "s", ROUNDS),
        Row(f"change_cpu_s{last}", middle(changed, 1), "s", ROUNDS),
        Row(f"new_process_s{last}", middle(fresh, 0), "s", 3, goal="<= 1.0"),
        Row(f"new_process_cpu_s{last}", middle(fresh, 1), "s", 3),
        Row(f"urgent_s{last}", urgent[0], "s", 1, goal="<= 0.06"), Row(f"urgent_cpu_s{last}", urgent[1], "s", 1),
        Row(f"approve_cpu_s{last}", approval, "s", 1, goal="<= 0.6"),
        Row(f"rss_mb{last}", rss, "MB", 1),
    ]  # fmt: skip


def _approval(folder: Path) -> float:
    """CPU seconds of `bangtin approve` for one notice, from the start of its process."""
    ident = "thong-bao/moi"
    (folder / f"content/{ident}.md").write_text(ALARM.replace(*PLAIN[0]).replace(*PLAIN[1]), "utf-8")
    words = [sys.executable, "-m", "signage"]
    for act, person in (("submit", archive.AUTHOR), ("approve", archive.APPROVER)):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*words, act, ident, "--as", person, "--yes", "--dir", str(folder)], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _urgent(office: Office) -> tuple[float, float]:
    sha, now = office.alarm(), archive.NOW + timedelta(minutes=office.minute + 1)
    wall, burnt = time.perf_counter(), time.process_time()
    number = publish_emergencies(office.settings, [sha], now)
    spent = time.perf_counter() - wall, time.process_time() - burnt
    assert number == repository(office.settings).version("lich"), number
    return spent


def again(folder: Path) -> None:
    """A process of its own: its seconds from its first line on, and its CPU seconds."""
    wall, settings = time.perf_counter(), load(folder)
    with closing(Publisher(settings)) as publisher:
        publisher.publish(settings, archive.NOW + timedelta(hours=2), site=False)
    print(time.perf_counter() - wall, time.process_time())


def main() -> None:
    """Measure, print, write `bench/results/publish.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1,000 notices only")
    parser.add_argument("--again", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.again:
        again(args.again)
        return
    found = []
    for count in (1000,) if args.quick else (1000, 10_000):
        with tempfile.TemporaryDirectory(prefix="bangtin-bench-") as name:
            found += rows_of(count, Path(name))
    write("publish", found)


if __name__ == "__main__":
    main()
