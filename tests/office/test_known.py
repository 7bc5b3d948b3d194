"""What an office remembers changes nothing: after any acts, damage and theft it knows what reading all of it tells.

Three offices follow one commune: one that stays, one that is started anew each time with the disk's memory, and the
functions that read the whole book. They must agree on every standing, on what is shown and on every problem; and with
them those who sit at the desk, who ask of a few notices alone.
"""

import json
import os
import random
import re
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signage.keys import PrivateKey
from signage.notice import Reading, parse
from signage.office import audit, starter
from signage.office.boards import repository, shown_whole, signed_people
from signage.office.desk import Desk
from signage.office.knowledge import glance, memory, overview
from signage.office.knowledge.checked import Gist
from signage.office.knowledge.known import KnownBook
from signage.office.knowledge.overview import Overview
from signage.office.publish import Publisher, publish
from signage.office.recheck import publish_full
from signage.office.standing import Standing, in_force, still_waiting
from signage.review import People, sign
from signage.settings import Settings, load

BENCH = Path(__file__).parents[2] / "bench"
TICK_NS = 20_000_000  # of the disk's clock, in these tests: two changes further apart than this look different
ROLES = {"p1": "author", "p2": "author", "p3": "approver", "p4": "approver", "p5": "duty"}


@pytest.fixture(scope="session")
def archive() -> Iterator[Any]:
    """`bench/archive.py`."""
    sys.path.insert(0, str(BENCH))
    import archive as module

    yield module
    sys.path.remove(str(BENCH))


@pytest.fixture(scope="session")
def template(archive: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive") / "xa"
    archive.make(folder, 8, 4)
    return Path(folder)


class World:
    """A commune, and all that may happen to its files."""

    def __init__(self, folder: Path, archive: Any, seed: int) -> None:
        self.settings, self.archive, self.draw = load(folder), archive, random.Random(seed)
        self.now: datetime = archive.NOW
        self.keys = {person: PrivateKey.load(starter.person_key(folder, person)) for person in ROLES}
        self.count = 100
        self.before: list[tuple[Path, bytes]] = []  # what was damaged
        self.told: list[str] = []

    @property
    def book(self) -> Path:
        return self.settings.review_book

    def any_of(self, *patterns: str) -> Path | None:
        found = sorted(p for pattern in patterns for p in self.settings.folder.glob(pattern) if p.is_file())
        return self.draw.choice(found) if found else None

    def step(self) -> None:
        acts: list[Callable[[], object]] = [
            self.new, self.new, self.submit, self.signs, self.signs, self.signs, self.damage, self.damage, self.delete,
            self.swap, self.repair, self.repair, self.people, self.note, self.edit, self.later, self.forget, self.log,
            self.copy,
        ]  # fmt: skip
        act = self.draw.choice(acts)
        self.told.append(f"{act.__name__}: {act()}")

    def new(self) -> str:
        """A notice that two have signed, perhaps instead of an older one."""
        self.count += 1
        notice = self.archive._notice(self.count, 200, 200 if self.draw.random() < 0.7 else 0)
        if self.draw.random() < 0.4:
            old = self.draw.randrange(8)
            notice = parse(f"thong-bao/so-{old:05}", notice.text, ())
        (self.settings.content / f"{notice.id}.md").write_bytes(notice.text)
        slides = {}
        if (file := self.any_of("content/so-duyet/files/*.webp")) and self.draw.random() < 0.5:
            slides = {"lcd-1920x1080": (self.archive.slide_file(file.read_bytes(), 8000),)}
        self.archive._approve(self.settings, notice, slides, [self.keys["p1"], self.keys["p3"]])
        return notice.id

    def submit(self) -> str:
        """One that waits for approval."""
        told = self.new()
        for path in sorted(self.book.glob("records/*.approve.*"), key=lambda p: p.stat().st_mtime_ns)[-1:]:
            path.unlink()
        return told

    def signs(self) -> str:
        """Anybody signs anything."""
        statement = self.any_of("content/so-duyet/statements/*.json")
        if statement is None or not re.fullmatch("[0-9a-f]{64}", statement.stem):
            return ""
        person, act = self.draw.choice(list(ROLES)), self.draw.choice(["submit", "approve", "withdraw", "hide", "show"])
        at = self.now - timedelta(minutes=self.draw.randrange(1, 100))
        role = ROLES[person]
        record = sign(self.keys[person], act=act, statement=statement.stem, person=person, role=role, at=at, reason="x")
        (self.book / "records" / record.file_name).write_bytes(record.sealed.data)
        return f"{person} {act}"

    def _victim(self) -> Path | None:
        where = self.draw.choice(["statements", "records", "files", "files", "*"])
        return self.any_of(f"content/so-duyet/{where}/*") if where != "*" else self.any_of("content/thong-bao/*.md")

    def damage(self) -> str:
        """One byte, in place; as old as it was, for whoever looks at its time."""
        if (path := self._victim()) is None or path.stat().st_size == 0:
            return ""
        data, seen = bytearray(path.read_bytes()), path.stat()
        self.before.append((path, bytes(data)))
        data[self.draw.randrange(len(data))] ^= 1 << self.draw.randrange(8)
        with path.open("r+b") as file:
            file.write(data)
        os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
        return path.name

    def delete(self) -> str:
        if (path := self._victim()) is None:
            return ""
        self.before.append((path, path.read_bytes()))
        path.unlink()
        return path.name

    def swap(self) -> str:
        """Another file of the same kind under this name, or a link."""
        path, other = self._victim(), self._victim()
        if path is None or other is None or path == other:
            return ""
        self.before.append((path, path.read_bytes()))
        path.unlink()
        if self.draw.random() < 0.2:
            path.symlink_to(other)
        else:
            shutil.copy2(other, path)
        return f"{path.name} {other.name}"

    def repair(self) -> str:
        if not self.before:
            return ""
        path, data = self.before.pop()
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        return path.name

    def people(self) -> str:
        """Somebody leaves, is robbed, or is as before."""
        repo = repository(self.settings)
        those = {person.id: person for person in signed_people(self.settings).people}
        name = self.draw.choice(list(ROLES))
        when = self.now - timedelta(days=self.draw.randrange(0, 200))
        what = self.draw.choice(["stolen", "left", "back", "back"])
        usual = next(p for p in self.settings.people.people if p.id == name)
        if what == "stolen":
            usual = replace(usual, void_from=when)
        elif what == "left":
            usual = replace(usual, keys=tuple(replace(key, until=when) for key in usual.keys))
        repo.sign_people(People((*(p for p in those.values() if p.id != name), usual)).to_bytes(), self.now)
        return f"{name} {what}"

    def note(self) -> str:
        statement = self.any_of("content/so-duyet/statements/*.json")
        (self.book / "notes").mkdir(exist_ok=True)
        name = f"{statement.stem if statement else '0' * 64}.p3.2027010{self.draw.randrange(1, 4)}T020000Z.txt"
        (self.book / "notes" / name).write_text(f"Sửa lại giờ {self.draw.random()}", "utf-8")
        return name

    def edit(self) -> str:
        """The officer types on, or gives two notices one address."""
        if (path := self.any_of("content/thong-bao/*.md")) is None:
            return ""
        self.before.append((path, path.read_bytes()))
        text = path.read_text("utf-8", errors="replace")
        if self.draw.random() < 0.3:
            path.write_text(f"slug: mot-dia-chi\n{text}", "utf-8")
        else:
            path.write_text(f"{text}\nThêm một dòng.\n", "utf-8")
        return path.name

    def copy(self) -> str:
        """A file under a name that is not its own."""
        if (path := self._victim()) is None:
            return ""
        name = self.draw.choice([f"x{path.name}", f"[a]{path.suffix}", f".{path.name}", path.name.upper()])
        shutil.copyfile(path, path.with_name(name))
        return name

    def later(self) -> str:
        self.now += timedelta(days=self.draw.randrange(1, 20))
        return f"{self.now}"

    def forget(self) -> str:
        """The disk's memory is damaged."""
        path = self.settings.state / self.draw.choice([memory.FILE, memory.OWN])
        if not path.is_file():
            return ""
        data = bytearray(path.read_bytes())
        how = self.draw.choice(["gone", "short", "zeros", "junk"])
        if how == "gone":
            path.unlink()
        elif how == "junk":
            path.write_bytes(b"junk" * 1000)
        else:
            path.write_bytes(data[: len(data) // 2] if how == "short" else data[:4096] + bytes(len(data) - 4096))
        return how

    def log(self) -> str:
        """Somebody writes in the audit log, or takes a line out of it."""
        path = self.any_of(f"{audit.FOLDER}/*.jsonl")
        if path is None or self.draw.random() < 0.5:
            return ""
        lines = path.read_bytes().splitlines(keepends=True)
        if self.draw.random() < 0.5:
            path.write_bytes(b"".join(lines) + b'{"v":1}\n')
        else:
            del lines[self.draw.randrange(len(lines))]
            path.write_bytes(b"".join(lines))
        return path.name


def settle(folder: Path) -> None:
    """Until the disk's clock has gone on from the last change."""
    last = max(p.lstat().st_ctime_ns for p in folder.rglob("*"))
    while time.time_ns() <= last + TICK_NS:
        pass


def told_by(book: KnownBook, unsigned: list[Any]) -> dict[str, Any]:
    standings = {g.brief.sha256: g._replace(url="", prepared=False, fault=None) for g in book.gists()}
    shown = {g.brief.sha256: (g.url, g.prepared) for g in book.in_force()}
    return {"standings": standings, "shown": shown, "faults": book.faults(),
            "problems": [*unsigned, *book.book.damages()]}  # fmt: skip


def cold(settings: Settings) -> tuple[dict[str, Any], list[Standing], Reading]:
    """What reading everything tells, and what was read."""
    desk = Desk(settings, signed_people(settings))
    every, read = desk.standings(), desk.read()
    shown, damaged = shown_whole(desk, every)
    told = {
        "standings": {one.sha256: Gist.made(one) for one in every},
        "shown": {one.standing.sha256: (one.notice.url, one.notice.prepared) for one in shown},
        "faults": damaged, "problems": desk.problems(read, every),
    }  # fmt: skip
    return told, every, read


def at_the_desk(world: World, stays: Overview, whole: tuple[dict[str, Any], list[Standing], Reading]) -> None:
    """Who signs asks of a few notices, or what waits: as reading everything tells it."""
    settings, now = world.settings, world.now
    desk = Desk(settings, signed_people(settings))
    reading_all, every, read = whole
    waiting = still_waiting(every, {ident: notice.digest for ident, notice in read.notices.items()})
    stays.look(desk, now)
    for seen in (stays, overview.seen(settings, desk, now)):
        assert seen.waiting(desk) == waiting
        assert seen.folder.digests == {ident: notice.digest for ident, notice in read.notices.items()}
        assert list(seen.folder.problems) == read.problems
        assert seen.unsigned() == reading_all["problems"]
        counts = {one.sha256: one for one in in_force(every).values() if one.withdrawn is None}
        assert seen.pages(now) == {url for sha, (url, _) in reading_all["shown"].items() if sha in counts}
        assert seen.live(now) == {s.statement.notice for s in every if s.statement.end > now}
    names = sorted({one.statement.notice for one in every} | read.notices.keys() | stays.folder.broken)
    for ident in world.draw.sample(names, min(3, len(names))):
        ours = [one for one in every if one.statement.notice == ident]
        assert desk.about(ident) == ours, ident
        assert desk.waiting([ident]) == [one for one in waiting if one.statement.notice == ident]
        here = desk.read([ident])
        assert here.notices == {name: one for name, one in read.notices.items() if name == ident}
        assert here.problems == [one for one in read.problems if one.file == f"{ident}.md"]


def follow(world: World, steps: int) -> None:
    settings = world.settings
    with closing(Publisher(settings)) as stays:
        sits = Overview(settings)
        for number in range(steps):
            world.step()
            settle(settings.folder)
            for office in (stays, fresh := Publisher(settings)):
                office.publish(settings, world.now, site=False)
                known = office._knowledge
                assert known is not None
                found = told_by(known.book, known.unsigned(settings))
                whole = cold(settings)
                wanted = whole[0]
                if found != wanted:
                    differ = {k: (found[k], wanted[k]) for k in found if found[k] != wanted[k]}
                    raise AssertionError(f"{office is stays=} step {number}, {world.told}\n{differ}")
            fresh.close()
            at_the_desk(world, sits, whole)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)])
def test_where_nobody_publishes_commands_remember_by_themselves(
    template: Path, archive: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(glance, "UNSETTLED_NS", TICK_NS)
    shutil.copytree(template, tmp_path / "xa")
    world = World(tmp_path / "xa", archive, seed)
    sits = Overview(world.settings)
    for _ in range(25):
        world.step()
        settle(world.settings.folder)
        at_the_desk(world, sits, cold(world.settings))
    assert not (world.settings.state / memory.FILE).exists()
    opened: list[str] = []
    usual = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: opened.append(path.as_posix()) or usual(path))  # type: ignore[func-returns-value]
    desk = Desk(world.settings, signed_people(world.settings))
    overview.seen(world.settings, desk, world.now).unsigned()
    assert [path for path in opened if "/statements/" in path] == []


@pytest.mark.parametrize("tick", [TICK_NS, glance.UNSETTLED_NS], ids=["known", "unsettled"])
def test_what_is_remembered_is_what_reading_all_tells(
    template: Path, archive: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tick: int
) -> None:
    monkeypatch.setattr(glance, "UNSETTLED_NS", tick)
    shutil.copytree(template, tmp_path / "xa")
    follow(World(tmp_path / "xa", archive, seed=tick), 25 if tick == TICK_NS else 8)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_for_long(template: Path, archive: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(glance, "UNSETTLED_NS", TICK_NS)
    shutil.copytree(template, tmp_path / "xa")
    follow(World(tmp_path / "xa", archive, seed), 50)


def test_a_memory_that_lies_is_found_by_reading_all(
    template: Path, tmp_path: Path, archive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who can write on the office's disk is believed until then; the keys lie there too."""
    for step in ("_build", "clean_site"):
        monkeypatch.setattr(f"signage.office.publish.Publisher.{step}", lambda *_: None)
    monkeypatch.setattr(glance, "UNSETTLED_NS", TICK_NS)
    shutil.copytree(template, tmp_path / "xa")
    settings, now = load(tmp_path / "xa"), archive.NOW
    settle(settings.folder)
    assert publish(settings, now).notices == 8
    with closing(sqlite3.connect(settings.state / memory.FILE)) as base, base:
        base.execute("delete from row where kind = 'notice'")
        ((name, told),) = base.execute("select name, told from row where kind = 'statement' limit 1").fetchall()
        gist = json.loads(told)
        gist[0][2] = None  # nobody has approved it
        base.execute("update row set told = ? where kind = 'statement' and name = ?", (json.dumps(gist), name))
    assert publish(settings, now).notices == 7
    outcome = publish_full(settings, now)
    assert [one.code for one in outcome.problems if one.severity == "error"] == ["memory-differs"]
    assert outcome.notices == 8 == publish(settings, now).notices
    assert "memory-differs" not in [one.code for one in publish_full(settings, now).problems]


def test_a_round_opens_no_file_of_the_archive(
    template: Path, tmp_path: Path, archive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glance, "UNSETTLED_NS", TICK_NS)
    shutil.copytree(template, tmp_path / "xa")
    settings, world = load(tmp_path / "xa"), World(tmp_path / "xa", archive, 1)
    settle(settings.folder)
    with closing(Publisher(settings)) as office:
        office.publish(settings, archive.NOW, site=False)
        settle(settings.folder)
        opened: list[str] = []
        usual = Path.read_bytes

        def noted(path: Path) -> bytes:
            opened.append(path.as_posix())
            return usual(path)

        monkeypatch.setattr(Path, "read_bytes", noted)
        office.publish(settings, archive.NOW, site=False)
        assert not [name for name in opened if "/content/" in name or "/nhat-ky/" in name]
        world.signs()
        settle(settings.folder)
        opened.clear()
        office.publish(settings, archive.NOW, site=False)
        assert len({name for name in opened if "/records/" in name and "/content/" in name}) == 3
