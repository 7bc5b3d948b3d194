"""Pelican, fed by the office: it prints what changed and nothing else, and is believed in nothing.

    stage    the approved texts and files, checked against their hashes, into a fresh folder
    run      Pelican in an isolated process that stays (`plugins/worker.py`), with settings that a commune cannot loosen
    compare  every file of the run with what the office expects (`ledger`)

Plain Pelican fails open: a misspelt, broken or shadowed gate publishes everything and exits 0. So
the gate is never only a plugin. Unapproved text is not in the folder that Pelican reads, the default
status is `skip`, any warning is fatal, and the finished folder is judged from outside.

A process of its own, because a plugin may change or end the one that it runs in; one that stays, because
importing Pelican takes longer than printing a notice. While it prints, the office lays out the next run.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from concurrent import futures
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from ...errors import Refused, Unavailable
from ...wire import sha256
from .ledger import Expected, Output, Told, compare, refuse
from .pages import Page
from .pages.leaves import View
from .plate import Plate, contents
from .views import Published, title_html

LONGEST_RUN = 600  # seconds that Pelican may take for one run
MAX_LOG = 2000  # characters of Pelican's last words that are told
LISTED = ("urgent", "pinned", "latest", "documents", "schedules")  # lists of notices, by slug


@dataclass
class Job:
    """What one run of Pelican prints."""

    notices: list[tuple[Published, View]] = field(default_factory=list)
    files: list[tuple[Published, str]] = field(default_factory=list)  # attachments and pictures, by name
    pages: list[Page] = field(default_factory=list)
    rows: dict[str, bytes] = field(default_factory=dict)  # JSON of the rows that the pages list, by slug

    def __len__(self) -> int:
        return len(self.notices) + len(self.files) + len(self.pages)


@dataclass(frozen=True)
class Printed:
    """A finished file, waiting to be put into place."""

    file: Path
    output: Output


class Press:
    """One isolated Pelican and its folder. `close` it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.printed: dict[str, Printed] = {}
        self._plate: Plate | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._pool = futures.ThreadPoolExecutor(1)
        self._running: tuple[futures.Future[None], dict[str, str], dict[str, Expected]] | None = None
        self._greeting: futures.Future[None] | None = None
        self._count = 0
        self._folders: set[Path] = set()  # below `ready`

    def set_up(self, plate: Plate) -> None:
        """Begin anew, with nothing printed; a process that was started for other settings or another theme ends."""
        if self._plate is None or self._plate.digest != plate.digest or self._running:
            self.close()
        self._plate, self._count, self.printed = plate, 0, {}
        if self._process is None:
            shutil.rmtree(self.folder, ignore_errors=True)
            (self.folder / "staged").mkdir(parents=True)
            lines = [f"{name} = {value!r}\n" for name, value in plate.settings.items()]
            (self.folder / "site_settings.py").write_text("".join(lines), encoding="utf-8")
        self.clear()
        (self.folder / "ready").mkdir()

    def start(self) -> None:
        """Have the process ready by the time it is wanted."""
        if self._process and self._process.poll() is not None and not self._running:
            self.close()
        if self._process is None and self._plate is not None:
            command = [sys.executable, "-I", "-B", str(self._plate.worker)]
            with (self.folder / "press.log").open("wb") as log:
                self._process = subprocess.Popen(
                    command, cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
                )
            self._greeting = self._pool.submit(self._hear, self._process, b"ready\n")

    def print(self, job: Job) -> None:
        """Lay the job out, and print it as soon as the one before is done.

        Raises `Refused` (`site-gate`, `site-generator`) for anything in either that is not as it must be.
        """
        self.start()
        staged, expected = self._stage(job)
        done = self._collect()
        self._wait(self._greeting)  # while it starts it looks for the folder that is about to be replaced
        for name in ("staged", "site"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        (self.folder / "next").rename(self.folder / "staged")
        (self.folder / "next.json").replace(self.folder / "plan.json")
        (self.folder / "ledger.json").unlink(missing_ok=True)
        self._running = self._pool.submit(self._run), staged, expected
        self._judge(done)

    def finish(self) -> None:
        """Wait for the last job; then `printed` is whole."""
        self._judge(self._collect())

    def keep(self, name: str, data: bytes, sources: tuple[str, ...]) -> None:
        """A file that the office made itself, put with what is printed."""
        path = self.folder / "ready/own" / name
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        path.write_bytes(data)
        self.printed[name] = Printed(path, Output(sha256(data), len(data), sources))

    def clear(self) -> None:
        """Throw away what was printed and not put into place."""
        shutil.rmtree(self.folder / "ready", ignore_errors=True)
        self._folders.clear()

    def close(self) -> None:
        """End the process; what it was printing is lost."""
        if self._process:
            self._process.kill()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe:
                    pipe.close()
            self._process.wait()
        self._process, self._running = None, None

    # ── stage ────────────────────────────────────────────────────────────────────────────────────

    def _stage(self, job: Job) -> tuple[dict[str, str], dict[str, Expected]]:
        """Write what Pelican may see, and nothing else; what lies there, by hash, and what must come of it."""
        assert self._plate is not None
        staged, hashes = self.folder / "next", {}
        shutil.rmtree(staged, ignore_errors=True)
        for folder in ("tin", "trang", "tep"):
            (staged / folder).mkdir(parents=True)
        expected = {f"theme/{name}": Expected(sha256=digest) for name, digest in self._plate.theme.items()}
        sources: dict[str, Any] = {}
        for item, view in job.notices:
            notice = item.notice
            source = f"{'trang' if notice.is_page else 'tin'}/{notice.slug}.md"
            (staged / source).write_bytes(notice.text)
            hashes[source] = sha256(notice.text)
            sources[source] = {"sha256": hashes[source], "date": notice.date.isoformat(), "view": view}
            words = (*title_html(view), view["html"])
            expected[notice.url] = Expected((item.statement,), statement=item.statement, holds=words)
        files = {path: {"sha256": digest} for path, digest in self._stage_files(job, staged, expected)}
        hashes |= {path: told["sha256"] for path, told in files.items()}
        expected |= {page.path: Expected(page.told, statement=page.statement) for page in job.pages}
        handed = {
            "sources": sources, "files": files, "pages": [_page_json(page) for page in job.pages],
            "rows": {slug: msgspec.Raw(row) for slug, row in job.rows.items()},
            "listed": ("rows", *LISTED),
            "names": {name: closure.names for name, closure in self._plate.closures.items()},
        }  # fmt: skip
        (self.folder / "next.json").write_bytes(msgspec.json.encode(handed))
        return hashes, expected

    def _stage_files(self, job: Job, staged: Path, expected: dict[str, Expected]) -> list[tuple[str, str]]:
        found = []
        for item, name in job.files:
            signed = next(file.sha256 for file in item.notice.files if file.name == name)
            path = f"tep/{item.notice.slug}/{name}"
            data = item.files[name].read_bytes() if name in item.files else b""
            if sha256(data) != signed:
                refuse([f"{item.notice.id}: {name} is not the file that was signed"])
            (staged / path).parent.mkdir(exist_ok=True)
            (staged / path).write_bytes(data)
            expected[path] = Expected((item.statement,), sha256=signed)
            found.append((path, signed))
        return found

    # ── run and compare ──────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        """One run of the process."""
        process = self._process
        assert process is not None and process.stdin
        with contextlib.suppress(OSError, ValueError):  # it has ended: nothing will be heard
            process.stdin.write(b"\n")
            process.stdin.flush()
        self._hear(process, b"printed\n")

    def _hear(self, process: subprocess.Popen[bytes], word: bytes) -> None:
        """Wait for one answer; any other, or none, is a refusal, with the process's last words."""
        assert process.stdout is not None
        try:
            answer = process.stdout.readline()
        except (OSError, ValueError):
            answer = b""
        if answer != word:
            process.wait()
            said = (self.folder / "press.log").read_bytes().decode(errors="replace").strip()
            raise Refused("site-generator", why=said[-MAX_LOG:])

    def _wait(self, future: futures.Future[None] | None) -> None:
        try:
            if future:
                future.result(LONGEST_RUN)
        except futures.TimeoutError as error:
            self.close()
            raise Unavailable("site-slow", seconds=LONGEST_RUN) from error

    def _collect(self) -> tuple[Path, dict[str, Expected]] | None:
        """Wait for the run; its finished folder, set aside so that the next run may begin."""
        if self._running is None:
            return None
        future, staged, expected = self._running
        self._wait(future)
        self._running = None
        changed = set(staged.items()) ^ set(contents(self.folder / "staged").items())
        if changed:
            refuse(sorted({f"staged/{name}: changed while the site was built" for name, _ in changed}))
        aside = self.folder / "ready" / str(self._count)
        self._count += 1
        if (self.folder / "site").exists():
            (self.folder / "site").rename(aside)
        if (self.folder / "ledger.json").exists():
            (self.folder / "ledger.json").rename(aside.with_suffix(".json"))
        return aside, expected

    def _judge(self, done: tuple[Path, dict[str, Expected]] | None) -> None:
        if done:
            aside, expected = done
            ledger = compare(aside, expected, _told(aside.with_suffix(".json")))
            self.printed |= {name: Printed(aside / name, output) for name, output in ledger.outputs.items()}


def _page_json(page: Page) -> dict[str, Any]:
    here = {"root": "../" * page.path.count("/"), **page.values, "rows": [item.notice.slug for item in page.listed]}
    return {"path": page.path, "template": page.template, "sources": page.told, "here": here}


def _told(path: Path) -> Told:
    try:
        told = msgspec.json.decode(path.read_bytes())
        return {name: (entry[0], tuple(entry[1])) for name, entry in told.items()}
    except (OSError, ValueError, TypeError, AttributeError, LookupError):
        refuse(["the gate left no ledger: it did not run"])
        raise
