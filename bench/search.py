"""Searching: what a visitor's phone loads and how long it works until the first result, beside Pagefind.

    python bench/search.py [--quick]

10,000 synthetic notices (1,000 with `--quick`) with the words of the sample commune, as a whole site.
Each query starts from an empty cache, with the processor slowed four times. Bytes are all that the
browser loads until the first result stands there, the page and its script too, packed; time runs from
the last letter typed until then. Pagefind indexes the same pages and shows its usual five results.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import hosting
import synthetic
from playwright.sync_api import Browser, sync_playwright
from record import Row, write

from signage.notice import Notice, read_all
from signage.office import starter
from signage.office.website import clean as website
from signage.office.website.pages.search import search
from signage.office.website.pages.shelves import Shelves
from signage.schedule import VIETNAM_TIME
from signage.settings import load

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=VIETNAM_TIME)
ROOT = Path(__file__).parents[1]
VECTORS = ROOT / "tests/vectors/search.json"
SLOWDOWN = 4  # times: a cheap phone beside this machine
ANSWER_MS = 60_000
OURS = """query => new Promise(done => {
  const box = document.getElementById("tu"), list = document.getElementById("kq"), began = performance.now();
  const seen = () => list.dataset.first === query
    && done([performance.now() - began, list.querySelector("a")?.getAttribute("href") || ""]);
  new MutationObserver(seen).observe(list, { attributes: true, childList: true });
  box.value = query;
  box.dispatchEvent(new Event("input", { bubbles: true }));
})"""
THEIRS = """async query => {
  const began = performance.now(), found = await window.pagefind.search(query), list = document.getElementById("kq");
  const rows = await Promise.all(found.results.slice(0, 5).map(one => one.data()));
  list.innerHTML = rows.map(row => `<li><a href="${row.url}">${row.meta.title}</a><p>${row.excerpt}</p></li>`).join("");
  return [performance.now() - began, rows.length ? rows[0].url.replace(/^\\//, "") : ""];
}"""
PAGEFIND_PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Pagefind</title><ul id="kq"></ul>
<script type="module">import * as pagefind from "./pagefind/pagefind.js"; await pagefind.init();
window.pagefind = pagefind; window.ready = true</script></html>"""


@dataclass(frozen=True)
class Engine:
    """A page that searches: when it is ready, and how it is asked."""

    name: str
    page: str
    ready: str
    ask: str


BANGTIN = Engine("bangtin", "tim-kiem.html", "() => document.getElementById('loc').hidden === false", OURS)
PAGEFIND = Engine("pagefind", "pagefind.html", "() => window.ready", THEIRS)


@dataclass(frozen=True)
class Answer:
    """Of one query."""

    ms: float
    kb: float
    requests: int
    first: str


def published(notices: Sequence[Notice]) -> list[website.Published]:
    """As the office hands them over; without their attachments, which no index reads."""
    return [
        website.Published(n, hashlib.sha256(n.digest.encode()).hexdigest(), n.date + timedelta(hours=2), {})
        for n in notices
        if not n.prepared
    ]


def sample(folder: Path) -> list[Notice]:
    """The sample commune's notices, and its site."""
    root = starter.sample_root()
    settings = load(root)
    found = [n for n in read_all(root / "content", settings.places).notices.values() if not n.prepared]
    items = [
        website.Published(n, f"{place:064x}", n.date + timedelta(hours=2),
                          {f.name: (root / "content" / n.id).parent / f.name for f in n.files})
        for place, n in enumerate(found)
    ]  # fmt: skip
    website.build(settings, items, folder / "sample", now=NOW, work=folder / "work-sample")
    return found


def asked(browser: Browser, address: str, engine: Engine, query: str) -> Answer:
    """One query from an empty cache, on a slow phone."""
    with browser.new_context(viewport={"width": 412, "height": 915}) as context:
        page = context.new_page()
        line = context.new_cdp_session(page)
        sizes: list[float] = []
        line.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
        line.send("Network.enable")
        line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        page.goto(f"{address}/{engine.page}")
        page.wait_for_function(engine.ready, timeout=ANSWER_MS)
        ms, first = page.evaluate(engine.ask, query)
        return Answer(ms, sum(sizes) / 1000, len(sizes), first)


def titles(notices: Sequence[Notice], count: int) -> list[str]:
    """Three words in a row of titles from the whole archive."""
    chosen = notices[:: max(1, len(notices) // count)][:count]
    return [" ".join(n.title.lower().split()[2:5]) for n in chosen]


def pagefind(site: Path, modules: Path | None) -> tuple[float, float] | None:
    """(CPU seconds, MB in memory) of Pagefind's index of the notices' pages; None without Pagefind."""
    programs = sorted((modules / "@pagefind").glob("*/bin/pagefind_extended")) if modules else []
    if not programs:
        return None
    program = site.parent / "pagefind"
    shutil.copy(programs[0], program)  # npm gives it no right to run
    program.chmod(0o755)
    command = [str(program), "--site", str(site), "--glob", "tin/*.html", "--root-selector", "main"]
    code, burnt, most = hosting.watched(command, site)
    (site / PAGEFIND.page).write_text(PAGEFIND_PAGE, "utf-8")
    return None if code else (burnt, most)


def spread(answers: Sequence[Answer], what: Callable[[Answer], float]) -> tuple[float, float]:
    """(median, 95th percentile)"""
    values = sorted(what(one) for one in answers)
    return statistics.median(values), values[min(len(values) - 1, int(len(values) * 0.95))]


def indexed(items: Sequence[website.Published]) -> list[Row]:
    """What the index alone costs to make and to keep."""
    began = time.process_time()
    _, files = search(Shelves(items), load(starter.sample_root()))
    burnt = time.process_time() - began
    return [
        Row("index_cpu_s", burnt, "s"), Row("index_files", len(files), ""),
        Row("index_mb", sum(len(f.data) for f in files.values()) / 1e6, "MB"),
    ]  # fmt: skip


def compared(browser: Browser, address: str, queries: Sequence[str], beside: bool) -> list[Row]:
    """Bytes, requests and time of the same queries, ours and Pagefind's."""
    ours = [asked(browser, address, BANGTIN, query) for query in queries]
    theirs = [asked(browser, address, PAGEFIND, query) for query in queries] if beside else []
    told = []
    for key, unit, what, goal in (
        ("first_result_kb", "kB", lambda a: a.kb, "<= 60"), ("query_ms", "ms", lambda a: a.ms, "<= 100"),
        ("requests", "", lambda a: a.requests, None),
    ):  # fmt: skip
        for suffix, at in (("", 0), ("_p95", 1)):
            # Pagefind loads its index in a worker, whose bytes the page's line does not see: its time alone is told.
            peer = round(spread(theirs, what)[at], 1) if theirs and unit == "ms" else None
            told.append(Row(key + suffix, spread(ours, what)[at], unit, len(ours), goal, PAGEFIND.name, peer))
    slow = sorted(zip(queries, ours, strict=True), key=lambda pair: -pair[1].ms)[:3]
    print("slowest: " + "; ".join(f"{query!r} {one.ms:.0f} ms, {one.kb:.0f} kB" for query, one in slow))
    return told


def right(browser: Browser, address: str, engine: Engine) -> tuple[int, list[str]]:
    """How many of the sixty queries have the notice that is meant first, and which have not."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/{engine.page}")
        page.wait_for_function(engine.ready, timeout=ANSWER_MS)
        queries = json.loads(VECTORS.read_text("utf-8"))
        wrong = [q for q, slug in queries if page.evaluate(engine.ask, q)[1] != f"tin/{slug}.html"]
    return len(queries) - len(wrong), wrong


def main() -> None:
    """Measure, print, write `bench/results/search.json`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="1,000 notices, and a third of the queries")
    quick = parser.parse_args().quick
    more: dict[str, Any] = {"slowdown": SLOWDOWN, "notices": 1000 if quick else 10_000}
    modules = hosting.tools("pagefind")
    with tempfile.TemporaryDirectory(prefix="bangtin-bench-") as name, sync_playwright() as play:
        folder = Path(name)
        real = sample(folder)
        words = synthetic.natural([f"{n.title} {n.summary} {n.body}" for n in real])
        notices = list(synthetic.notices(more["notices"], words=words))
        items = published(notices)
        rows = indexed(items)
        website.build(load(starter.sample_root()), items, folder / "many", now=NOW, work=folder / "work")
        peer = pagefind(folder / "many", modules)
        beside = peer is not None and pagefind(folder / "sample", modules) is not None
        more["pagefind"] = "on the same pages" if beside else "not to be had here"
        if peer:
            rows[0] = Row("index_cpu_s", rows[0].value, "s", peer="pagefind", peer_value=round(peer[0], 2))
            more["pagefind_memory_mb"] = round(peer[1])
        browser = play.chromium.launch(executable_path=hosting.CHROMIUM, args=list(hosting.FLAGS))
        sixty = [query for query, _ in json.loads(VECTORS.read_text("utf-8"))]
        queries = titles(notices, 30)[:: 3 if quick else 1] + sixty[:: 3 if quick else 1]
        with hosting.server(folder / "many", folder / "server-many") as (address, more["server"]):
            rows += compared(browser, address, queries, beside)
        with hosting.server(folder / "sample", folder / "server-sample") as (address, _):
            count, more["wrong"] = right(browser, address, BANGTIN)
            theirs, more["pagefind_wrong"] = right(browser, address, PAGEFIND) if beside else (None, [])
        rows.append(Row("queries_right_of_60", count, "", 60, ">= 60", PAGEFIND.name, theirs))
        browser.close()
    write("search", rows, **more)


if __name__ == "__main__":
    main()
