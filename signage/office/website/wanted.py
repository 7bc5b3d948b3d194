"""Which files of the site must be made: what stands in them has another key, or they are not as they were left.

Asked twice: by keys alone while the plan is made, so that Pelican begins at once; then, while it prints, by how the
files lie on the disk.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path

from ...wire import sha256
from .pages import Leaf, Leaves, Page, Plan
from .pages.leaves import as_json
from .pages.machine import twin
from .plate import Plate
from .press import LISTED, Job, Press
from .served import Kept, Lies, Stat
from .views import Published

BATCH = 160  # notices and pages that Pelican prints in one run: what it and the office hold at a time


class Known:
    """What the last update made, by key: what says the same has the same key. Another plate empties it."""

    def __init__(self) -> None:
        self.plate = ""
        self.own: dict[str, dict[str, str]] = {}  # notice → its own files, by path
        self.keys: dict[str, str] = {}  # all of these
        self.pages: dict[str, tuple[Page, str]] = {}

    def use(self, plate: Plate) -> None:
        if plate.digest != self.plate:
            self.plate, self.own, self.keys, self.pages = plate.digest, {}, {}, {}

    def settle(self, before: Mapping[str, Mapping[str, str]], there: Container[str]) -> None:
        """Forget what is not `there`; `before`: of each notice that was told anew, what its own files were."""
        gone = [ident for ident in self.own if ident not in there]
        for files in (*before.values(), *map(self.own.pop, gone)):
            for path in files:
                self.keys.pop(path, None)
        for ident in before:  # last: a file may have been another notice's
            self.keys |= self.own.get(ident, {})


class Wanted:
    """What must be printed this time, handed to the press batch by batch while the plan is still being made."""

    def __init__(
        self, press: Press, made: Plate, leaves: Leaves, known: Known, kept: dict[str, Kept], output: Path
    ) -> None:  # fmt: skip
        self._press, self._plate, self._leaves, self._known = press, made, leaves, known
        self._kept, self._output = kept, output
        known.use(made)
        self._job = Job()
        self._spoilt: set[str] | None = None
        self._before: dict[str, dict[str, str]] = {}  # notice → its own files as they were, of what is told anew
        self.keys: dict[str, str] = {}  # path → key, of every file of the site
        self.touched: set[str] = set()  # files that hold what they should, with another time
        self.pages = 0

    def notice(self, item: Published, leaf: Leaf) -> None:
        """A notice's own page, and what lies beside it."""
        notice, beside = item.notice, f"tin/{item.notice.slug}.json"
        template = "english.html" if notice.is_english else "page.html" if notice.is_page else "article.html"
        self._before.setdefault(notice.id, self._known.own.get(notice.id, {}))
        own = self._known.own[notice.id] = {notice.url: f"{self._plate.keys[template]}{leaf.digest}"}
        own |= {f"tep/{notice.slug}/{file.name}": file.sha256 for file in notice.files}
        if not notice.is_page:
            own[beside] = leaf.digest
        stale = {path for path, key in own.items() if self._stale(path, key)}
        if notice.url in stale:
            self._job.notices.append((item, self._leaves.view(item)))
            self.pages += 1
        for file in notice.files:
            if f"tep/{notice.slug}/{file.name}" in stale:
                self._job.files.append((item, file.name))
        if beside in stale:
            self._press.keep(beside, twin(item, self._leaves.view(item)["html"]), (item.statement,))
        if len(self._job) >= BATCH:
            self._print()

    def rest(self, planned: Plan) -> None:
        """Everything that was not handed over while the plan was made."""
        if not self._leaves.kept.keys() <= self._known.own.keys():
            for item in planned.live:
                if item.notice.id not in self._known.own:
                    self.notice(item, self._leaves[item])
        self._known.settle(self._before, self._leaves.kept)
        self.keys = {**self._known.keys, **self.keys}
        self._lists(planned)

    def mend(self, planned: Plan, lies: Lies) -> None:
        """What has the right key and does not lie there as it was left."""
        others = [path for path in (*lies.other, *lies.missing) if path in self._kept]
        spoilt = [path for path in others if self.keys.get(path) == self._kept[path].key]
        self._spoilt = {path for path in spoilt if not self._only_touched(path, lies.other.get(path))}
        if self._spoilt:
            for item in planned.live:
                if not self._spoilt.isdisjoint(self._known.own[item.notice.id]):
                    self.notice(item, self._leaves[item])
            self._lists(planned)

    def _only_touched(self, path: str, stat: Stat | None) -> bool:
        kept = self._kept[path]
        if stat is None or sha256((self._output / path).read_bytes()) != kept.sha256:
            return False
        self._kept[path] = Kept(stat, kept.sha256, kept.key)
        self.touched.add(path)
        return True

    def _lists(self, planned: Plan) -> None:
        """Pages, files and the theme's own."""
        for page in planned.pages:
            if self._stale(page.path, self._key(page, planned)):
                self._job.pages.append(page)
                self._job.rows |= {slug: leaf.row for slug, leaf in self._listed(page, planned)}
                self.pages += page.path.endswith(".html")
                if len(self._job) >= BATCH:
                    self._print()
        for path, made in planned.files.items():
            if self._stale(path, made.key):
                self._press.keep(path, made.data, made.sources)
        theme = [self._stale(f"theme/{name}", digest) for name, digest in self._plate.theme.items()]
        if len(self._job) or any(theme):
            self._print()

    def _listed(self, page: Page, planned: Plan) -> list[tuple[str, Leaf]]:
        """Slug and leaf of each notice that a page lists."""
        return [(slug, self._leaves[planned.by_slug[slug]]) for slug in _listed(page)]

    def _key(self, page: Page, planned: Plan) -> str:
        """Of the template and of all that the page prints; that of the last time when it says the same."""
        before, key = self._known.pages.get(page.path, (None, ""))
        if before != page or self._turned(page):
            printed = as_json(page.values).decode() + "".join([leaf.row_key for _, leaf in self._listed(page, planned)])
            key = self._plate.keys[page.template] + sha256(printed.encode())
            self._known.pages[page.path] = page, key
        return key

    def _turned(self, page: Page) -> bool:
        """Whether a page that holds the same lists other rows: what it names by slug, and what its notices became."""
        if not self._leaves.renewed.isdisjoint(_named(page)):
            return True
        return bool(self._leaves.turned) and not self._leaves.turned.isdisjoint(_listed(page))

    def _print(self) -> None:
        job, self._job = self._job, Job()
        self._press.print(job)

    def _stale(self, path: str, key: str) -> bool:
        """Whether a file must be made."""
        self.keys[path] = key
        if self._spoilt is not None:
            return path in self._spoilt
        kept = self._kept.get(path)
        return kept is None or kept.key != key


def _listed(page: Page) -> list[str]:
    """The slugs of the notices that a page lists."""
    return [*(item.notice.slug for item in page.listed), *_named(page)]


def _named(page: Page) -> list[str]:
    """Those that stand in its values."""
    values = page.values
    return [slug for name in LISTED if name in values for slug in values[name]]
