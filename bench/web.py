"""The website as a cheap phone meets it, and what the strict tools say, beside other themes on the same notices.

    python bench/web.py [--quick]

Lighthouse (mobile, median of three) on home and notice of the sample commune and of 1,000 synthetic notices;
axe-core in every colour set and text size; html-validate and vnu on every page; linkinator. Tools come from npm,
without their install scripts; one that is not to be had is named in `missing`. `--quick`: the sample alone, one
run of Lighthouse, two pages in axe. Peers: the two themes that come with Pelican, and a page of GOV.UK Frontend.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hosting
import synthetic
from playwright.sync_api import Browser, sync_playwright
from publisher import picture
from record import Row, write

from signage.notice import Notice, read_all
from signage.office import drawing, starter
from signage.office.showing import THUMB_WIDTH, Picture, Showing, Turn
from signage.office.website import clean as website
from signage.office.website.wording import page_html
from signage.schedule import VIETNAM_TIME
from signage.settings import load

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=VIETNAM_TIME)
THEMES = ("simple", "notmyidea")  # of Pelican
TOOLS = ("lighthouse@12", "axe-core", "html-validate", "vnu-jar", "linkinator", "govuk-frontend")
PAGES = ("index.html", "", "van-ban.html", "lich.html", "tim-kiem.html", "bang-tin.html", "404.html")  # "": the notice
COLOURS, SIZES = ("m-sang", "m-toi", "m-cao"), ("c-vua", "c-to", "c-lon")
PHONE = {"width": 412, "height": 915}
RUN_S, CHECK_S = 180, 900
SCORES = ("performance", "accessibility", "best-practices", "seo")
TIMES = {"fcp_ms": "first-contentful-paint", "lcp_ms": "largest-contentful-paint", "speed_index_ms": "speed-index",
         "tbt_ms": "total-blocking-time", "cls": "cumulative-layout-shift"}  # fmt: skip
STRICT = {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}
CHOOSE = "ids => ids.forEach(id => document.getElementById(id)?.click())"
GOVUK = """<!doctype html><html lang="vi" class="govuk-template"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="description" content="{title}">
<link rel="stylesheet" href="{root}govuk/govuk-frontend.min.css"><link rel="icon" href="data:,"></head>
<body class="govuk-template__body"><script>document.body.className += ' js-enabled govuk-frontend-supported'</script>
<a href="#main" class="govuk-skip-link" data-module="govuk-skip-link">Đến nội dung chính</a>
<header class="govuk-header"><div class="govuk-header__container govuk-width-container">{name}</div></header>
<div class="govuk-width-container"><main class="govuk-main-wrapper" id="main">
<h1 class="govuk-heading-l">{title}</h1>{body}</main></div><footer class="govuk-footer"></footer>
<script type="module">import {{ initAll }} from '{root}govuk/govuk-frontend.min.js'; initAll()</script></body></html>"""


@dataclass
class Site:
    """A folder to serve, and its two pages that are measured."""

    name: str
    folder: Path
    notice: str
    home: str = "index.html"
    pages: dict[str, Any] = field(default_factory=dict)


@dataclass
class Weight:
    """What one page loads from an empty cache."""

    kb: float
    requests: int
    foreign: int


# ── the sites ────────────────────────────────────────────────────────────────────────────────────


def sample() -> list[website.Published]:
    """The sample commune's notices, all of them approved."""
    root = starter.sample_root()
    notices = read_all(root / "content", load(root).places).notices.values()
    return [
        _published(n, {f.name: (root / "content" / n.id).parent / f.name for f in n.files})
        for n in notices
        if not n.prepared
    ]


def _published(notice: Notice, files: dict[str, Path]) -> website.Published:
    digest = hashlib.sha256(notice.digest.encode()).hexdigest()
    return website.Published(notice, digest, notice.date + timedelta(hours=2), files)


def ours(name: str, items: Sequence[website.Published], notice: str, folder: Path) -> Site:
    """Our site, two boards of which show a slide of text."""
    settings, shown = load(starter.sample_root()), []
    live = [i for i in items if not i.notice.is_page]
    for number, (board, item) in enumerate(zip(settings.boards[:2], live, strict=False)):
        data = drawing.small(picture(number, (1920, 1080)), THUMB_WIDTH)
        small = Picture(f"bang/{number}.webp", data, THUMB_WIDTH, THUMB_WIDTH * 9 // 16)
        shown.append(Showing(board, (Turn(item.notice.id, item.notice.title, item.statement, small, 1),)))
    conf = starter.sample_root() / "pelicanconf.py"
    website.build(settings, items, folder / name, now=NOW, work=folder / f"work-{name}", conf=conf, shown=shown)
    return Site(name, folder / name, notice)


def pelican(theme: str, items: Sequence[website.Published], slug: str, folder: Path) -> Site:
    """Plain Pelican with a theme that it comes with, the same texts."""
    content, site = folder / f"content-{theme}", folder / theme
    content.mkdir()
    for item in items:
        if not item.notice.is_page:
            (content / f"{item.notice.slug}.md").write_bytes(item.notice.text)
    more = ["RELATIVE_URLS=true", 'SITENAME="UBND xã Đồng Mẫu"', 'DEFAULT_LANG="vi"', 'TIMEZONE="Asia/Ho_Chi_Minh"',
            'ARTICLE_SAVE_AS="tin/{slug}.html"', 'ARTICLE_URL="tin/{slug}.html"',
            'SLUGIFY_SOURCE="basename"']  # fmt: skip
    command = [sys.executable, "-m", "pelican", str(content), "-t", theme, "-o", str(site), "-q", "-e", *more]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    (page,) = [p for p in site.rglob("*.html") if p.stem == slug]
    return Site(theme, site, page.relative_to(site).as_posix())


def govuk(items: Sequence[website.Published], slug: str, modules: Path, folder: Path) -> Site:
    """The newest eight notices and one of them, as pages of GOV.UK Frontend."""
    site = folder / "govuk"
    (site / "tin").mkdir(parents=True)
    shutil.copytree(
        modules / "govuk-frontend/dist/govuk", site / "govuk", ignore=shutil.ignore_patterns("*.scss", "*.map")
    )
    assets = modules / "govuk-frontend/dist/govuk/assets"
    shutil.copytree(assets, site / "assets")
    notices = [i.notice for i in items if not i.notice.is_page]
    (one,) = [n for n in notices if n.slug == slug]
    rows = "".join(
        f'<li><a class="govuk-link" href="tin/{slug}.html">{html.escape(n.title)}</a>'
        f'<p class="govuk-body-s">{html.escape(n.summary)}</p></li>'
        for n in sorted(notices, key=lambda n: n.date)[-8:]
    )  # fmt: skip
    words = {"name": "UBND xã Đồng Mẫu", "root": "", "title": "Thông báo mới"}
    (site / "index.html").write_text(GOVUK.format(**words, body=f'<ul class="govuk-list">{rows}</ul>'), "utf-8")
    words |= {"root": "../", "title": html.escape(one.title)}
    body = page_html(one.body, lambda _: None).replace("<p>", '<p class="govuk-body">')
    (site / f"tin/{slug}.html").write_text(GOVUK.format(**words, body=body), "utf-8")
    return Site("govuk", site, f"tin/{slug}.html")


# ── the tools ────────────────────────────────────────────────────────────────────────────────────


def lighthouse(url: str, modules: Path, runs: int) -> dict[str, float]:
    """The medians of scores (of 100) and times."""
    told: dict[str, list[float]] = {}
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="bangtin-bench-") as profile:
            flags = " ".join((*hosting.FLAGS, "--headless=new", f"--user-data-dir={profile}"))
            command = ["node", str(modules / "lighthouse/cli/index.js"), url, "--quiet", "--output=json",
                       f"--chrome-flags={flags}"]  # fmt: skip
            environment = {**os.environ, "CHROME_PATH": hosting.CHROMIUM}
            done = subprocess.run(command, capture_output=True, timeout=RUN_S, check=True, env=environment)
        report = json.loads(done.stdout)
        for name in SCORES:
            told.setdefault(name, []).append(100 * (report["categories"][name]["score"] or 0))
        for name, audit in TIMES.items():
            told.setdefault(name, []).append(report["audits"][audit]["numericValue"])
        told.setdefault("benchmark_index", []).append(report["environment"]["benchmarkIndex"])
        failed = [
            a["id"] for a in report["audits"].values() if a.get("score") == 0 and a["scoreDisplayMode"] == "binary"
        ]
        if failed:
            print(f"lighthouse, {url}: {', '.join(failed)}")
    return {name: statistics.median(values) for name, values in told.items()}


def weight(browser: Browser, address: str, path: str) -> Weight:
    """Bytes and requests of a page, and hosts that are not its own."""
    with browser.new_context(viewport=PHONE, device_scale_factor=2) as context:
        page, sizes, hosts = context.new_page(), [], set()
        line = context.new_cdp_session(page)
        line.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
        page.on("request", lambda asked: hosts.add(urlsplit(asked.url).netloc))
        line.send("Network.enable")
        page.goto(f"{address}/{path}", wait_until="networkidle")
        for _ in range(3):  # pictures that load when they are seen
            page.mouse.wheel(0, 4000)
            page.wait_for_load_state("networkidle")
    return Weight(
        round(sum(sizes) / 1000, 2), sum(size > 0 for size in sizes), len(hosts - {urlsplit(address).netloc, ""})
    )


def axe(browser: Browser, url: str, script: str, looks: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """(look, rule: first place) of every violation."""
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(url)
        page.evaluate(script)
        for look in looks:
            page.evaluate(CHOOSE, list(look))
            found = page.evaluate("rules => axe.run(document, { rules })", STRICT)
            for broken in found["violations"]:
                yield "+".join(look), f"{broken['id']}: {broken['nodes'][0]['html'][:120]}"


def validated(folder: Path, modules: Path) -> list[str]:
    """What html-validate (standard, a11y) and vnu say of every page."""
    said = []
    command = ["node", str(modules / "html-validate/bin/html-validate.mjs"), "--preset", "standard,a11y", "-f", "json",
               f"{folder}/**/*.html"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, timeout=CHECK_S, check=False, cwd=modules.parent)
    for page in json.loads(done.stdout):
        said += [f"html-validate {m['ruleId']} {Path(page['filePath']).name}:{m['line']}" for m in page["messages"]]
    if shutil.which("java"):
        command = ["java", "-jar", str(modules / "vnu-jar/build/dist/vnu.jar"), "--errors-only", "--skip-non-html",
                   "--format", "json", str(folder)]  # fmt: skip
        done = subprocess.run(command, capture_output=True, timeout=CHECK_S, check=False)
        said += [f"vnu {m['message']} {m.get('url', '')}" for m in json.loads(done.stderr)["messages"]]
    return said


def broken_links(address: str, modules: Path) -> tuple[int, list[str]]:
    """(links seen, those that lead nowhere) of our own site; other sites are not asked."""
    command = ["node", str(modules / "linkinator/build/src/cli.js"), address, "--recurse", "--format", "json",
               "--skip", r"^https?://(?!127\.0\.0\.1)", "--concurrency", "8"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, timeout=CHECK_S, check=False)
    links = json.loads(done.stdout[done.stdout.index(b"{") :])["links"]
    return len(links), [one["url"] for one in links if one["state"] == "BROKEN"]


# ── together ─────────────────────────────────────────────────────────────────────────────────────


def measure(site: Site, browser: Browser, modules: Path | None, runs: int, script: str, work: Path) -> str:
    """Fill in `site.pages`; the server's name."""
    with hosting.server(site.folder, work / f"server-{site.name}") as (address, server):
        for what, path in (("home", site.home), ("notice", site.notice)):
            told: dict[str, Any] = asdict(weight(browser, address, path))
            if modules:
                told |= lighthouse(f"{address}/{path}", modules, runs)
                told["axe"] = sorted({rule for _, rule in axe(browser, f"{address}/{path}", script, [[]])})
            site.pages[what] = told
            print(site.name, what, json.dumps({k: v for k, v in told.items() if k != "axe"}), len(told.get("axe", [])))
    return server


def strictly(site: Site, browser: Browser, modules: Path, script: str, work: Path, quick: bool) -> dict[str, list[str]]:
    """All that the tools find wrong on our site."""
    looks = list(itertools.product(COLOURS, SIZES))
    found: dict[str, list[str]] = {"axe": [], "html": validated(site.folder, modules)}
    with hosting.server(site.folder, work / f"strict-{site.name}") as (address, _):
        for path in PAGES[: 2 if quick else None]:
            url = f"{address}/{path or site.notice}"
            found["axe"] += [f"{path or site.notice} {look} {rule}" for look, rule in axe(browser, url, script, looks)]
        seen, found["links"] = broken_links(address, modules)
        print(f"{site.name}: {seen} links seen")
    for name, said in found.items():
        print(f"{site.name}, {name}: {len(said)}", *said[:10], sep="\n  ")
    return found


def rows(sites: Sequence[Site], peer: Site | None, found: Sequence[dict[str, list[str]]], n: int) -> list[Row]:
    """The worst of our pages against the goals; the worst of the peer's beside it."""
    mine = [page for site in sites for page in site.pages.values()]
    theirs = list(peer.pages.values()) if peer else []
    told = []
    measured = "performance" in mine[0]
    goals = {"performance": ">= 100", "accessibility": ">= 100", "best-practices": ">= 100", "seo": ">= 100",
             "fcp_ms": "<= 1000", "lcp_ms": "<= 1200", "tbt_ms": "<= 100", "cls": "<= 0",
             "speed_index_ms": "<= 1200"}  # fmt: skip
    for name, goal in goals.items() if measured else ():
        worst = min if goal.startswith(">=") else max
        key = f"lh_{name.replace('-', '_')}" if name in SCORES else name
        value = round(worst(page[name] for page in theirs), 3) if theirs else None
        told.append(Row(key, worst(page[name] for page in mine), "", n, goal, "govuk-frontend", value))
    for key, what, part, goal in (
        ("notice_kb", "notice", "kb", "<= 12"), ("notice_requests", "notice", "requests", "<= 3"),
        ("home_kb", "home", "kb", "<= 40"), ("home_requests", "home", "requests", "<= 7"),
    ):  # fmt: skip
        value = peer.pages[what][part] if peer else None
        told.append(Row(key, max(s.pages[what][part] for s in sites), "kB" if part == "kb" else "", 1, goal,
                        "govuk-frontend", value))  # fmt: skip
    told.append(Row("third_party_origins", max(page["foreign"] for page in mine), "", 1, "<= 0"))
    if found:
        told.append(Row("axe_violations", sum(len(one["axe"]) for one in found), "", 1, "<= 0"))
        told.append(Row("html_errors", sum(len(one["html"]) for one in found), "", 1, "<= 0"))
        told.append(Row("broken_links", sum(len(one["links"]) for one in found), "", 1, "<= 0"))
    return told


def main() -> None:
    """Measure, print, write `bench/results/web.json`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the sample alone, one run of Lighthouse")
    quick = parser.parse_args().quick
    modules, runs = hosting.tools(*TOOLS), 1 if quick else 3
    script = (modules / "axe-core/axe.min.js").read_text("utf-8") if modules else ""
    more: dict[str, Any] = {"missing": [] if modules else list(TOOLS)}
    if not shutil.which("java"):
        more["missing"].append("vnu-jar: no java")
    with tempfile.TemporaryDirectory(prefix="bangtin-bench-") as name, sync_playwright() as play:
        folder, items, slug = Path(name), sample(), "cat-dien-thon-3"
        sites = [ours("sample", items, f"tin/{slug}.html", folder)]
        if not quick:
            many = [_published(n, {}) for n in synthetic.notices(1000)]
            sites.append(ours("thousand", many, f"tin/{many[-1].notice.slug}.html", folder))
        peers = [pelican(theme, items, slug, folder) for theme in THEMES]
        if modules:
            peers.append(govuk(items, slug, modules, folder))
        browser = play.chromium.launch(executable_path=hosting.CHROMIUM, args=list(hosting.FLAGS))
        found = [strictly(site, browser, modules, script, folder, quick) for site in sites] if modules else []
        for site in [*sites, *peers]:
            more["server"] = measure(site, browser, modules, runs, script, folder)
        browser.close()
    more["pages"] = {site.name: site.pages for site in [*sites, *peers]}
    write("web", rows(sites, peers[-1] if modules else None, found, runs), **more)


if __name__ == "__main__":
    main()
