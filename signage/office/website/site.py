"""The website, kept up to date: what changed is printed and put into place, everything else is left alone.

    plan      every page with a key of all that it prints (`pages`); most keys are those of the last time
    print     what has another key, or whose file is not as it was left, by Pelican in batches (`press`)
    place     what was taken back goes first; then notices, then the lists that lead to them; the record last

Strict as a full build is: nothing is touched before every printed file was judged, so that any doubt leaves the
old site. A clean build (`clean.build`) is the same with nothing remembered, and gives the same bytes.
"""

from __future__ import annotations

import contextlib
import errno
import gc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ... import durable
from ...errors import BadInput, Problem, Unavailable
from ...settings import Settings
from ...wire import sha256
from ..rules import Rules, read_rules
from ..showing import Showing
from .closure import Read
from .look import Look, read_look
from .pages import Memory, Plan, plan
from .plate import plate
from .press import Press, Printed
from .served import Kept, Lies, order, remove_empty, scan, stat_of
from .state import State
from .views import Published
from .wanted import Known, Wanted

OF_NOTICES = ("tin/", "tep/", "cap/")  # folders whose files go before anything is written when they must go
# What an update is of: the plate's digest, settings, look, rules, notices, boards.
Given = tuple[str, Settings, Look, Rules, list[Published], list[Showing]]


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
        self._known = Known()
        self._templates: Read | None = None
        self._kept: dict[str, Kept] = {}
        self._last: tuple[Given, datetime, datetime] | None = None  # what the last update was of; when; until when
        self._forgotten: set[str] = set()
        self.printed: dict[str, Printed] = {}  # of the last update

    def ready(self) -> None:
        """Have Pelican started before it is wanted, when the last update was in this process."""
        self._press.start()

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
            with _archive_aside():
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
        self._memory, self._last, self._known = None, None, Known()

    def _update(
        self, settings: Settings, items: Sequence[Published], now: datetime, shown: Sequence[Showing], conf: Path | None
    ) -> Changes:  # fmt: skip
        look, rules = read_look(conf), read_rules(settings.folder)
        if self._templates is None:
            self._templates = self._state.templates()
        made = plate(self._press.folder, settings, look, self._templates)
        self._press.set_up(made)
        if self._memory is None:
            self._memory = Memory(settings)
            self._kept = self._state.load(self._memory)
            gc.freeze()  # what was just read is the archive
            known = {leaf.statement for leaf in self._memory.leaves.kept.values()}
            if any(item.statement not in known for item in items if not item.withdrawn_at):
                self.ready()  # it starts while the office reads and plans
        given, lies = (made.digest, settings, look, rules, list(items), list(shown)), None
        if self._says_the_same(given, now):
            lies = scan(self._output, self._keep, self._kept)
            if lies.as_left:
                return Changes((), (), 0)
        wanted = Wanted(self._press, made, self._memory.leaves, self._known, self._kept, self._output)
        planned = plan(settings, look, items, now, shown, rules, self._memory, wanted.notice)
        _check_names(planned, look)
        wanted.rest(planned)
        lies = lies or scan(self._output, self._keep, self._kept)  # while Pelican prints
        wanted.mend(planned, lies)
        self._press.finish()
        self.printed = self._press.printed
        changes = self._place(wanted.keys, lies, wanted.pages)
        self._press.clear()
        remove_empty(self._output, {*lies.empty, *(path.rpartition("/")[0] for path in changes.removed)})
        self._state.save(self._memory, self._kept, {*self.printed, *self._forgotten, *wanted.touched}, self._templates)
        self._last = given, now, planned.until
        return changes

    def _says_the_same(self, given: Given, now: datetime) -> bool:
        """Whether the last update was of the same, and nothing has begun or ended since."""
        return self._last is not None and self._last[1] <= now < self._last[2] and self._last[0] == given

    def _place(self, keys: Mapping[str, str], lies: Lies, pages: int) -> Changes:
        """Put what is printed where people read it."""
        self._forgotten = self._kept.keys() - keys.keys()
        gone = sorted((lies.other.keys() - keys.keys()) | (self._forgotten - lies.missing))
        others = [path for path in gone if not path.startswith(OF_NOTICES)]
        folders = {path.rpartition("/")[0] for path in keys} if others else set()
        early = [path for path in gone if path.startswith(OF_NOTICES) or path in folders]
        for path in early:
            durable.discard(self._output / path)
        written = [path for path in sorted(self.printed, key=order) if self._put(path, keys[path], lies)]
        for path in gone:
            if path not in early:
                durable.discard(self._output / path)
        for path in self._forgotten:
            del self._kept[path]
        return Changes(tuple(written), tuple(gone), pages)

    def _put(self, path: str, key: str, lies: Lies) -> bool:
        """One file, unless these bytes are there; whether it was written."""
        printed, target, kept = self.printed[path], self._output / path, self._kept.get(path)
        output, stat = printed.output, lies.stat(path, kept)
        same = stat is not None and (
            kept.sha256 if kept and kept.stat == stat else sha256(target.read_bytes())
        ) == output.sha256  # fmt: skip
        if not same:
            try:
                _take(printed.file, target)
            except IsADirectoryError:  # a repaired disk may have a folder where a file belongs
                durable.discard(target)
                _take(printed.file, target)
        self._kept[path] = Kept(stat_of(target.lstat()), output.sha256, key)
        return not same


def _take(file: Path, target: Path) -> None:
    """Not synced: a site can be built again, and a thousand pages would wait for the disk."""
    try:
        durable.take(file, target, sync=False)
    except OSError as error:
        if error.errno != errno.EXDEV:  # the scratch folder may lie on another disk
            raise
        durable.write(target, file.read_bytes(), sync=False)


@contextlib.contextmanager
def _archive_aside() -> Iterator[None]:
    """The collector looks for cycles among what is made now, not through a whole archive again and again."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _check_names(planned: Plan, look: Look) -> None:
    """No notice may take the address of another page, and the menu leads somewhere."""
    problems: list[Problem] = []
    taken = {page.path for page in planned.pages if page.statement is None}
    paths, slugs = taken | planned.addresses, dict[str, str]()
    alone = len(planned.by_slug) == len(planned.live) and taken.isdisjoint(planned.addresses)
    for notice in () if alone else (item.notice for item in planned.live):
        other = slugs.setdefault(notice.slug, notice.id)
        if other != notice.id or notice.url in taken:
            where = f"{other}.md" if other != notice.id else notice.url
            values = {"slug": notice.slug, "other": where}
            problems.append(Problem("slug-twice", f"{notice.id}.md", None, "Slug", values=values))
    for name, address in look.menu:
        if address not in paths:
            problems.append(Problem("site-menu", "pelicanconf.py", None, name, values={"address": address}))
    if problems:
        raise BadInput(problems)
