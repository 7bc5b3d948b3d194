"""The website, kept up to date: what changed is printed and put into place, everything else is left alone.

    plan      every page with a key of all that it prints (`pages`); most keys are those of the last time
    print     what has another key, or whose file is not as it was left, by Pelican in batches (`press`)
    place     what was taken back goes first; then notices, then the lists that lead to them; the record last

Strict as a full build is: nothing is touched before every printed file was judged, so that any doubt leaves the
old site. A clean build (`website.build`) is the same with nothing remembered, and gives the same bytes.
"""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .. import durable
from ..errors import BadInput, Problem, Unavailable
from ..settings import Settings
from ..wire import sha256
from .look import Look, read_look
from .pages import Leaf, Memory, Plan, plan
from .pages.leaves import as_json
from .pages.machine import twin
from .plate import Plate, plate
from .press import LISTED, Job, Press, Printed
from .rules import read_rules
from .showing import Showing
from .sitestate import Kept, State
from .views import Published

BATCH = 250  # notices and pages that Pelican prints in one run: what it and the office hold at a time
OF_NOTICES = ("tin/", "tep/", "cap/")  # folders whose files go before anything is written when they must go
Stat = tuple[int, int, int]  # size in bytes, modified and changed in ns


@dataclass(frozen=True)
class Changes:
    """What one update did to the folder."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    pages: int  # HTML pages that Pelican printed


class Site:
    """One served folder. `close` it.

    `press`: Pelican and its scratch folder; `state`: a file to remember in; `keep`: a folder of `output` that is not
    the site's.
    """

    def __init__(self, output: Path, press: Press, *, state: Path | None = None, keep: str = "") -> None:
        self._output, self._keep = output, keep
        self._state, self._press = State(state), press
        self._memory: Memory | None = None
        self._kept: dict[str, Kept] = {}
        self._forgotten: set[str] = set()
        self.printed: dict[str, Printed] = {}  # of the last update

    def close(self) -> None:
        """End Pelican's process."""
        self._press.close()
        self._state.close()

    def update(
        self, settings: Settings, items: Sequence[Published], now: datetime, *, shown: Sequence[Showing] = (),
        conf: Path | None = None,
    ) -> Changes:  # fmt: skip
        """Make the folder the site of `items` at `now`.

        Raises `Refused` (`site-gate`, `site-generator`) when what was printed is not exactly what was approved,
        `BadInput` for the commune's own settings and names, `Unavailable` for disk and time. After any of them
        the folder is as it was, but for a disk that failed while files were put into place.
        """
        try:
            with _without_collector():
                return self._update(settings, items, now, shown, conf)
        except OSError as error:
            self._forget()
            raise Unavailable("site-disk", why=str(error)) from error
        except BaseException:
            self._forget()
            raise

    def _forget(self) -> None:
        """What is half done is not believed; the record on disk is."""
        self._press.close()
        self._memory = None

    def _update(
        self, settings: Settings, items: Sequence[Published], now: datetime, shown: Sequence[Showing], conf: Path | None
    ) -> Changes:  # fmt: skip
        look = read_look(conf)
        made = plate(self._press.folder, settings, look)
        self._press.set_up(made)
        if self._memory is None:
            self._memory = Memory(settings)
            self._kept = self._state.load(self._memory)
        found, empty = _scan(self._output, self._keep)
        wanted = _Wanted(self._press, made, self._memory, self._kept, found, self._output)
        planned = plan(settings, look, items, now, shown, read_rules(settings.folder), self._memory, wanted.notice)
        _check_names(items, planned, look)
        wanted.rest(planned)
        self._press.finish()
        self.printed = self._press.printed
        changes = self._place(wanted.keys, found, wanted.pages)
        self._press.clear()
        if changes.removed or empty:
            _remove_empty(self._output, self._keep)
        self._state.save(self._memory, self._kept, {*self.printed, *self._forgotten, *wanted.touched})
        return changes

    def _place(self, keys: Mapping[str, str], found: Mapping[str, Stat | None], pages: int) -> Changes:
        """Put what is printed where people read it."""
        gone = sorted(found.keys() - keys.keys())
        folders = {path.rpartition("/")[0] for path in keys} if gone else set()
        early = [path for path in gone if path.startswith(OF_NOTICES) or path in folders]
        for path in early:
            durable.discard(self._output / path)
        written = [path for path in sorted(self.printed, key=_order) if self._put(path, keys[path], found.get(path))]
        for path in gone:
            if path not in early:
                durable.discard(self._output / path)
        self._forgotten = self._kept.keys() - keys.keys()
        for path in self._forgotten:
            del self._kept[path]
        return Changes(tuple(written), tuple(gone), pages)

    def _put(self, path: str, key: str, stat: Stat | None) -> bool:
        """One file, unless these bytes are there; whether it was written."""
        printed, target, kept = self.printed[path], self._output / path, self._kept.get(path)
        output = printed.output
        same = stat is not None and (
            kept.sha256 if kept and kept.stat == stat else sha256(target.read_bytes())
        ) == output.sha256  # fmt: skip
        if not same:
            if target.is_dir() and not target.is_symlink():
                durable.discard(target)
            # Not synced: a site can be built again, and a thousand pages would wait for the disk.
            durable.take(printed.file, target, sync=False)
        size, modified, changed = _stat(target.lstat())
        self._kept[path] = Kept(size, modified, changed, output.sha256, key)
        return not same


class _Wanted:
    """What must be printed this time, handed to the press batch by batch while the plan is still being made."""

    def __init__(
        self, press: Press, made: Plate, memory: Memory, kept: dict[str, Kept], found: Mapping[str, Stat | None],
        output: Path,
    ) -> None:  # fmt: skip
        self._press, self._plate, self._memory = press, made, memory
        self._kept, self._found, self._output = kept, found, output
        self._job = Job()
        self.keys: dict[str, str] = {}  # path → key, of every file of the site
        self.touched: set[str] = set()  # files that hold what they should, with another time
        self.pages = 0

    def notice(self, item: Published, leaf: Leaf) -> None:
        """A notice's own page, and what lies beside it."""
        notice, leaves = item.notice, self._memory.leaves
        template = "english.html" if notice.is_english else "page.html" if notice.is_page else "article.html"
        if self._stale(notice.url, self._plate.key(template, notice.url, leaf.digest)):
            self._job.notices.append((item, leaves.view(item)))
            self.pages += 1
        for file in notice.files:
            if self._stale(f"tep/{notice.slug}/{file.name}", file.sha256):
                self._job.files.append((item, file.name))
        if not notice.is_page and self._stale(f"tin/{notice.slug}.json", leaf.digest):
            self._press.keep(f"tin/{notice.slug}.json", twin(item, leaves.view(item)["html"]), (item.statement,))
        if len(self._job) >= BATCH:
            self._print()

    def rest(self, planned: Plan) -> None:
        """Everything that was not handed over while the plan was made."""
        leaves = self._memory.leaves
        for item in planned.live:
            if item.notice.url not in self.keys:
                self.notice(item, leaves[item])
        of = {item.notice.slug: leaves[item] for item in planned.live}
        for page in planned.pages:
            listed = [slug for name in LISTED for slug in (page.rows if name == "rows" else page.values.get(name, ()))]
            rows = [of[slug].row_key for slug in listed]
            if self._stale(page.path, self._plate.key(page.template, page.path, as_json(page.values).decode(), *rows)):
                self._job.pages.append(page)
                self._job.rows |= {slug: of[slug].row for slug in listed}
                self.pages += page.path.endswith(".html")
                if len(self._job) >= BATCH:
                    self._print()
        for path, made in planned.files.items():
            if path not in self.keys and self._stale(path, made.key):
                self._press.keep(path, made.data, made.sources)
        theme = [self._stale(f"theme/{name}", digest) for name, digest in self._plate.theme.items()]
        if len(self._job) or any(theme):
            self._print()

    def _print(self) -> None:
        job, self._job = self._job, Job()
        self._press.print(job)

    def _stale(self, path: str, key: str) -> bool:
        """Whether a file must be made: what it is made of is other than last time, or it is not as it was left."""
        self.keys[path] = key
        kept, stat = self._kept.get(path), self._found.get(path)
        if kept is None or kept.key != key or stat is None:
            return True
        if kept.stat != stat:
            if sha256((self._output / path).read_bytes()) != kept.sha256:
                return True
            self._kept[path] = Kept(*stat, kept.sha256, key)
            self.touched.add(path)
        return False


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """A plan makes many small values and no cycles: looking for some through a whole archive takes as long again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _scan(folder: Path, keep: str) -> tuple[dict[str, Stat | None], bool]:
    """Every file below a folder by its path from there, None for what is no plain file; whether a folder is empty."""
    found: dict[str, Stat | None] = {}
    empty, left = False, [""]
    while left:
        here = left.pop()
        try:
            with os.scandir(folder / here) as entries:
                inside = list(entries)
        except FileNotFoundError:
            continue
        empty = empty or not inside
        for entry in inside:
            path = f"{here}{entry.name}"
            if path == keep:
                continue
            if entry.is_dir(follow_symlinks=False):
                left.append(f"{path}/")
            else:
                found[path] = _stat(entry.stat()) if entry.is_file(follow_symlinks=False) else None
    return found, empty


def _stat(of: os.stat_result) -> Stat:
    return of.st_size, of.st_mtime_ns, of.st_ctime_ns


def _order(path: str) -> tuple[int, str]:
    """Pages before the lists that lead to them, the home page last."""
    if path == "index.html":
        return 3, path
    return (0 if path.startswith(("tep/", "theme/")) else 1 if path.startswith("tin/") else 2), path


def _remove_empty(folder: Path, keep: str) -> None:
    for here, _, files in os.walk(folder, topdown=False):
        path = Path(here)
        if not files and path != folder and path.relative_to(folder).parts[0] != keep and not any(path.iterdir()):
            path.rmdir()


def _check_names(items: Sequence[Published], planned: Plan, look: Look) -> None:
    """No notice may take the address of another page, and the menu leads somewhere."""
    problems: list[Problem] = []
    taken = {page.path for page in planned.pages if page.statement is None}
    slugs: dict[str, str] = {}
    for notice in (i.notice for i in items if not i.withdrawn_at):
        other = slugs.setdefault(notice.slug, notice.id)
        if other != notice.id or notice.url in taken:
            where = f"{other}.md" if other != notice.id else notice.url
            values = {"slug": notice.slug, "other": where}
            problems.append(Problem("slug-twice", f"{notice.id}.md", None, "Slug", values=values))
    paths = taken | {item.notice.url for item in planned.live}
    for name, address in look.menu:
        if address not in paths:
            problems.append(Problem("site-menu", "pelicanconf.py", None, name, values={"address": address}))
    if problems:
        raise BadInput(problems)
