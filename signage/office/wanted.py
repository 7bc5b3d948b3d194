"""Which files of the site must be made: what stands in them has another key, or they are not as they were left."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..wire import sha256
from .pages import Leaf, Memory, Plan
from .pages.leaves import as_json
from .pages.machine import twin
from .plate import Plate
from .press import LISTED, Job, Press
from .served import Stat
from .sitestate import Kept
from .views import Published

BATCH = 250  # notices and pages that Pelican prints in one run: what it and the office hold at a time


class Wanted:
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
        if self._stale(notice.url, f"{self._plate.keys[template]}{leaf.digest}"):
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
            printed = as_json(page.values).decode() + "".join([of[slug].row_key for slug in listed])
            if self._stale(page.path, self._plate.keys[page.template] + sha256(printed.encode())):
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
