"""Building the website: a clean build, and what a change costs a site that is kept up to date.

    python bench/build.py [--quick] [--steps N]

Sizes 40 and 1,000, and 10,000 without `--quick`; plain Pelican with its `simple` theme, Hugo (Debian's) and Eleventy
(`npm install -g @11ty/eleventy`), where they are installed, build the same texts beside it. CPU seconds count the
process and its children; those of ours and of Pelican on one core, since two threads of one core slow each other and
only we would use both. Each size runs in a process of its own, which holds the notices as the office does; `rss_mb` is
the most that it or its Pelican held. A new process is timed from its start with its imports, but without reading the
notices (that is the office's memory's part). Whatever changes, the site must equal a clean build: `changes.Life` lives
`--steps` states. A disk that is slow to make new files is told here too: set TMPDIR to another.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import synthetic
from record import Row, write

from signage.notice import parse
from signage.office import starter
from signage.office.knowledge.remembered import from_json, to_json
from signage.office.website.press import Press
from signage.office.website.site import Changes, Site
from signage.office.website.views import Published
from signage.schedule import VIETNAM_TIME
from signage.settings import load

NOW = datetime(2027, 1, 22, 9, 0, tzinfo=VIETNAM_TIME)
RUNS = 5  # of each change
GOALS = {"edit_s": "<= 0.5", "noop_s": "<= 0.3", "add_s": "<= 0.5", "withdraw_s": "<= 0.5", "new_process_s": "<= 1.5",
         "add_pages_rendered": "<= 20", "rss_mb": "<= 250", "cold_cpu_ratio_pelican": "<= 0.6"}  # fmt: skip
STEPS = {True: 24, False: 2_000}  # states that are compared, quick or not
HUGO = {
    "layouts/_default/baseof.html": "<!doctype html><html lang=vi><title>{{ .Title }}</title><nav>"
    '{{ range .Site.Sections }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}</nav>'
    '<main>{{ block "main" . }}{{ end }}</main></html>',
    "layouts/_default/single.html": '{{ define "main" }}<h1>{{ .Title }}</h1><p>{{ .Date.Format "02/01/2006" }}</p>'
    "{{ .Content }}{{ end }}",
    "layouts/_default/list.html": '{{ define "main" }}<h1>{{ .Title }}</h1>{{ range (.Paginate .Pages 20).Pages }}'
    '<p><a href="{{ .RelPermalink }}">{{ .Title }}</a> {{ .Params.summary }}</p>{{ end }}'
    '{{ template "_internal/pagination.html" . }}{{ end }}',
    "config.toml": 'baseURL = "https://dongmau.example/"\nlanguageCode = "vi"\ntitle = "Xã"\n',
}  # fmt: skip

ELEVENTY = {
    "_includes/base.njk": "<!doctype html><html lang=vi><title>{{ title }}</title><nav></nav>"
    "<main>{{ content | safe }}</main></html>",
    "_includes/single.njk": "---\nlayout: base.njk\n---\n<h1>{{ title }}</h1><p>{{ date }}</p>{{ content | safe }}",
    "index.njk": "---\nlayout: base.njk\ntitle: Xã\npagination:\n  data: collections.tin\n  size: 20\n"
    "  reverse: true\n---\n"
    '{% for one in pagination.items %}<p><a href="{{ one.url }}">{{ one.data.title }}</a> {{ one.data.summary }}</p>'
    '{% endfor %}{% for page in pagination.hrefs %}<a href="{{ page }}">{{ loop.index }}</a>{% endfor %}',
    "tin/tin.json": '{"tags": "tin", "layout": "single.njk"}',
}
# Others that are measured where they are installed: files, folder of the notices, what stands above a text.
PEERS = {"hugo": (HUGO, "content/tin", "{}\n\n"), "eleventy": (ELEVENTY, "tin", "---json\n{}\n---\n")}


def cpu() -> float:
    """Seconds that this process and its finished children have burnt."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def measured(act: Callable[[], Any]) -> tuple[float, float, Any]:
    """(wall, CPU, result)"""
    wall, burnt = time.perf_counter(), cpu()
    result = act()
    return time.perf_counter() - wall, cpu() - burnt, result


class Archive:
    """Synthetic notices and the site of them in `folder`."""

    def __init__(self, size: int, folder: Path) -> None:
        self.size, self.folder = size, folder
        self.settings = load(starter.sample_root())
        self.items = [self.published(synthetic.text(n, size), n) for n in range(size)]
        self.site = self.opened()

    def opened(self) -> Site:
        """As a new process has it."""
        return Site(self.folder / "site", Press(self.folder / "work"), state=self.folder / "site.sqlite3")

    def published(self, text: bytes, number: int) -> Published:
        """An approved notice as the office holds it: its words stay in a file."""
        notice = parse(f"thong-bao/so-{number:05}", text, ())
        file = self.folder / "signed" / f"{hashlib.sha256(text).hexdigest()}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)
        statement = hashlib.sha256(notice.digest.encode()).hexdigest()
        return Published(from_json(to_json(notice), file), statement, notice.date + timedelta(hours=2), {})

    def update(self) -> Changes:
        """Bring the site up to date."""
        return self.site.update(self.settings, self.items, NOW)

    def edit(self, run: int) -> None:
        """One sentence more in a notice in the midst."""
        place = self.size * 2 // 3 + run
        text = self.items[place].notice.text + f"\nThêm câu thứ {run}.\n".encode()
        self.items[place] = self.published(text, place)

    def add(self, run: int) -> None:
        """One more, the newest."""
        number = self.size + run
        self.items.append(self.published(synthetic.text(number, number), number))

    def withdraw(self, run: int) -> None:
        """One in the midst is taken back."""
        place = self.size // 2 + run
        self.items[place] = replace(self.items[place], withdrawn_at=NOW, reason="đăng nhầm")


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """This process and those that it starts run on one core."""
    free = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(free)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, free)


def made(archive: Archive) -> int:
    """The whole site; how many files were written."""
    written = len(archive.update().written)
    archive.site.close()  # its Pelican counts when it has ended
    return written


def cold(size: int, folder: Path) -> dict[str, Any]:
    """What a clean build burns."""
    archive = Archive(size, folder)
    with one_core():
        return {"cold_cpu_s": measured(lambda: made(archive))[1]}


def size_of(size: int, folder: Path) -> dict[str, Any]:
    """The figures of one size, in this process."""
    archive = Archive(size, folder)
    wall, _, files = measured(lambda: made(archive))
    held = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    told: dict[str, Any] = {"cold_wall_s": wall, "files": files, "rss_mb": max(held)}
    archive.site = archive.opened()
    archive.edit(RUNS)
    archive.update()  # Pelican is there from now on, as in an office that watches
    told["noop_s"] = [measured(archive.update)[0] for _ in range(RUNS)]
    for name in ("edit", "add", "withdraw"):
        told[f"{name}_s"], pages = [], []
        for run in range(RUNS):
            getattr(archive, name)(run)
            took, _, done = measured(archive.update)
            told[f"{name}_s"].append(took)
            pages.append(done.pages)
        told[f"{name}_pages_rendered"] = max(pages)
    archive.site.close()
    return told


def new_process(size: int, folder: Path) -> float:
    """Seconds of a process that has just been started and finds one notice edited, without reading the notices."""
    imported = time.time() - float(sys.argv[sys.argv.index("--began") + 1])
    archive = Archive(size, folder)
    for run in range(RUNS):
        archive.edit(run)
        archive.add(run)
        archive.withdraw(run)
    for run in range(int(sys.argv[sys.argv.index("--again") + 1]) + 1):
        archive.edit(RUNS + 1 + run)
    took, _, _ = measured(archive.update)
    archive.site.close()
    return imported + took


def child(kind: str, size: int, folder: Path, again: int = 0) -> Any:
    """What a process of its own tells; `again`: how many there were of the same folder."""
    command = [sys.executable, __file__, "--child", kind, "--size", str(size), "--folder", str(folder)]
    command += ["--again", str(again), "--began", str(time.time())]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def plain(size: int, folder: Path) -> None:
    """Plain Pelican, its simple theme, the same texts."""
    content = folder / "plain"
    content.mkdir()
    for number in range(size):
        (content / f"so-{number:05}.md").write_bytes(synthetic.text(number, size))
    command = [sys.executable, "-m", "pelican", str(content), "-t", "simple", "-o", str(folder / "plain-site"), "-q"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)


def peer(name: str, size: int, folder: Path) -> None:
    """Another generator, with lists of twenty; the same texts."""
    files, notices, head = PEERS[name]
    for path, text in files.items():
        (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / name / path).write_text(text, encoding="utf-8")
    (folder / name / notices).mkdir(parents=True, exist_ok=True)
    for number in range(size):
        written, _, body = synthetic.text(number, size).decode().partition("\n\n")
        fields = dict(line.split(": ", 1) for line in written.splitlines())
        told = {"title": fields["title"], "date": fields["date"].replace(" ", "T") + ":00+07:00",
                "summary": fields["summary"], "categories": [fields["category"]]}  # fmt: skip
        text = head.format(json.dumps(told, ensure_ascii=False)) + body
        (folder / name / notices / f"so-{number:05}.md").write_text(text, encoding="utf-8")
    subprocess.run([name, "--quiet"], check=True, capture_output=True, cwd=folder / name)


def rows_of(size: int) -> list[Row]:
    """The figures of one size, beside the others."""
    with tempfile.TemporaryDirectory(prefix="bangtin-bench-") as name:
        folder = Path(name)
        told = child("size", size, folder)
        told["new_process_s"] = [child("new", size, folder, again) for again in range(RUNS)]
        told |= child("cold", size, folder / "alone")
        with one_core():
            plainly = measured(lambda: plain(size, folder))[1]
        others = {name: measured(partial(peer, name, size, folder)) for name in PEERS if shutil.which(name)}
    last = "" if size == 10_000 else f"_{size}"
    told["cold_cpu_ratio_pelican"] = told["cold_cpu_s"] / plainly
    beside = {"cold_cpu_s": ("plain Pelican, simple theme", round(plainly, 2))}
    for name in PEERS:
        if name in others:
            told |= {f"{name}_wall_s": others[name][0], f"{name}_cpu_s": others[name][1]}
        else:
            print(f"{size:,} notices; {name}: not installed", flush=True)
    if "hugo" in others:
        beside |= dict.fromkeys(("cold_wall_s", "edit_s"), ("Hugo, everything", round(others["hugo"][0], 2)))
    rows = []
    for key, value in told.items():
        many = isinstance(value, list)
        by, of = beside.get(key, (None, None))
        unit = "s" if key.endswith("_s") else "MB" if key.endswith("_mb") else ""
        middle = statistics.median(value) if many else value
        rows.append(
            Row(f"{key}{last}", middle, unit, RUNS if many else 1, GOALS.get(key) if size > 40 else None, by, of)
        )
    return rows


def equivalence(steps: int) -> list[Row]:
    """Random lives, each state compared with a clean build."""
    from changes import Life  # it replaces the theme's folder: not before the builds

    states, bad, seed = 0, 0, 0
    while states < steps:
        seed += 1
        with tempfile.TemporaryDirectory(prefix="bangtin-life-") as name:
            life = Life(Path(name), seed)
            try:
                life.update()
                for _ in range(min(50, steps - states)):
                    life.step(1)
                    states += 1
                    if found := life.differences():
                        bad += 1
                        print(f"seed {seed}, after {life.told[-5:]}: {found[:5]}", flush=True)
                        break
            finally:
                life.close()
    return [Row("equivalence_states", states, "", states, f">= {steps}"),
            Row("equivalence_differences", bad, "", states, "<= 0")]  # fmt: skip


def main() -> None:
    """Measure, print, write `bench/results/build.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="40 and 1,000 notices only, few states")
    parser.add_argument("--steps", type=int, help="states to compare with a clean build")
    for name in ("--child", "--size", "--folder", "--began", "--again"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        act = {"size": size_of, "new": new_process, "cold": cold}[args.child]
        print(json.dumps(act(int(args.size), Path(args.folder))))
        return
    sizes = [40, 1000] if args.quick else [40, 1000, 10_000]
    rows = [row for size in sizes for row in rows_of(size)]
    rows += equivalence(STEPS[args.quick] if args.steps is None else args.steps)
    write("build", rows)


if __name__ == "__main__":
    main()
