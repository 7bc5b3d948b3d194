"""The website, built strictly: exactly what was approved, or nothing.

    stage    the approved texts and files, checked against their hashes, into a fresh folder
    run      Pelican in a process of its own, with settings that a commune cannot loosen
    compare  every file that was written with what the office expects (`ledger`)

Plain Pelican fails open: a misspelt, broken or shadowed gate publishes everything and exits 0. So
the gate is never only a plugin. Unapproved text is not in the folder that Pelican reads, the default
status is `skip`, any warning is fatal, and the finished folder is judged from outside.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import BadInput, Problem, Refused, Unavailable
from ..settings import Settings
from ..wire import sha256
from .ledger import Expected, Ledger, Told, compare, refuse
from .look import Look, read_look
from .pages import Page, Plan, plan
from .rules import read_rules
from .showing import Showing
from .views import Published, title_html

__all__ = ["Ledger", "Look", "Published", "build", "read_look"]

PLUGINS = ("review_gate", "commune_pages")
LONGEST_BUILD = 1800  # seconds that Pelican may take
# Remembers the two choices of how a page looks; without it they hold for the page alone.
REMEMBER = (
    "try{let s=localStorage;document.querySelectorAll('.xem input').forEach(i=>"
    "{if(s[i.name]==i.id)i.checked=1;i.onchange=()=>s[i.name]=i.id})}catch(e){}"
)
FOOT = (
    ("Sơ đồ trang", "so-do.html"), ("Công khai", "cong-khai.html"), ("Tuyên bố tiếp cận", "tiep-can.html"),
    ("Bảng tin trực tuyến", "bang-tin.html"), ("Lưu trữ", "luu-tru.html"), ("Tin tự động (Atom)", "atom.xml"),
    ("Dữ liệu mở (JSON)", "notices.json"),
)  # fmt: skip
LISTED = ("rows", "urgent", "pinned", "latest", "documents", "schedules")  # lists of notices, by slug
NOT_IN_LISTS = ("html", "heading", "linked", "calendar", "facts", "image", "film", "root", "paper")
MAX_LOG = 2000  # characters of Pelican's last words that are told


def build(
    settings: Settings, items: Sequence[Published], output: Path, *, now: datetime, work: Path,
    conf: Path | None = None, shown: Sequence[Showing] = (),
) -> Ledger:  # fmt: skip
    """Write the whole site into the fresh folder `output`; `work` is a scratch folder.

    Raises `Refused` (`site-gate`, `site-generator`) when it is not exactly what was approved,
    `BadInput` for the commune's own settings and names, `Unavailable` for disk and time. After any
    of them `output` does not exist.
    """
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise Unavailable("site-folder", folder=str(output))
    look = read_look(conf)
    planned = plan(settings, look, items, now, shown, read_rules(settings.folder))
    _check_names(items, planned, look)
    try:
        scratch, site = work / "website", work / "website/site"
        shutil.rmtree(scratch, ignore_errors=True)
        site.mkdir(parents=True)
        staged = _stage(scratch, settings, look, planned, [i for i in items if not i.withdrawn_at])
        _run(scratch)
        changed = set(staged.items()) ^ set(_contents(scratch / "staged").items())
        if changed:
            refuse(sorted({f"staged/{name}: changed while the site was built" for name, _ in changed}))
        for name, made in planned.files.items():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_bytes(made.data)
        ledger = compare(site, _expected(planned, items), _told(scratch / "ledger.json"))
        if output.exists():
            output.rmdir()
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(site, output)
        return ledger
    except OSError as error:
        shutil.rmtree(output, ignore_errors=True)
        raise Unavailable("site-disk", why=str(error)) from error


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
    paths = taken | {view["url"] for view in planned.views.values()}
    for name, address in look.menu:
        if address not in paths:
            problems.append(Problem("site-menu", "pelicanconf.py", None, name, values={"address": address}))
    if problems:
        raise BadInput(problems)


# ── stage ────────────────────────────────────────────────────────────────────────────────────────


def _stage(work: Path, settings: Settings, look: Look, planned: Plan, live: Sequence[Published]) -> dict[str, str]:
    """Write what Pelican may see, and nothing else; what lies there afterwards, by hash."""
    staged = work / "staged"
    for folder in ("tin", "trang", "tep"):
        (staged / folder).mkdir(parents=True)
    sources: dict[str, Any] = {}
    files: dict[str, dict[str, str]] = {}
    for item in live:
        notice = item.notice
        source = f"{'trang' if notice.is_page else 'tin'}/{notice.slug}.md"
        (staged / source).write_bytes(notice.text)
        view = planned.views[notice.slug]
        sources[source] = {"sha256": sha256(notice.text), "date": notice.date.isoformat(), "view": view}
        for file in notice.files:
            path = f"tep/{notice.slug}/{file.name}"
            data = item.files[file.name].read_bytes() if file.name in item.files else b""
            if sha256(data) != file.sha256:
                refuse([f"{notice.id}: {file.name} is not the file that was signed"])
            (staged / path).parent.mkdir(exist_ok=True)
            (staged / path).write_bytes(data)
            files[path] = {"sha256": file.sha256, "statement": item.statement}
    rows = {slug: _row(view) for slug, view in planned.views.items()}
    pages = [_page_json(page) for page in planned.pages]
    handed = {"sources": sources, "files": files, "pages": pages, "rows": rows, "listed": LISTED}
    (work / "plan.json").write_text(json.dumps(handed, ensure_ascii=False), encoding="utf-8")
    lines = [f"{name} = {value!r}\n" for name, value in _pelican_settings(work, settings, look).items()]
    (work / "site_settings.py").write_text("".join(lines), encoding="utf-8")
    return _contents(staged)


def _page_json(page: Page) -> dict[str, Any]:
    here = {"root": "../" * page.path.count("/"), **page.values, "rows": page.rows}
    return {"path": page.path, "template": page.template, "sources": page.sources, "here": here}


def _row(view: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in view.items() if name not in NOT_IN_LISTS}


def _contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): "link" if path.is_symlink() else sha256(path.read_bytes())
        for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()
    }  # fmt: skip


def _pelican_settings(work: Path, settings: Settings, look: Look) -> dict[str, Any]:
    """All that Pelican is told, as plain values."""
    from .starter import plugins_folder, theme_folder  # not above: `starter` publishes, which builds

    commune = settings.commune
    theme = theme_folder()
    site = {
        "title": commune.heading, "name": commune.name,
        "province": commune.province, "authority": commune.authority, "phone": commune.phone,
        "address": commune.address, "email": commune.email, "base": commune.site,
        "sample": commune.sample, "subtitle": look.subtitle, "menu": look.menu, "links": look.links,
        "style": sha256((theme / "static/site.css").read_bytes())[:8], "foot": FOOT,
        "script": sha256((theme / "static/tim.js").read_bytes())[:8],
        "host": urlsplit(commune.site).netloc, "remember": REMEMBER, "policy": _policy(),
    }  # fmt: skip
    off = ("AUTHOR_SAVE_AS", "CATEGORY_SAVE_AS", "TAG_SAVE_AS", "FEED_ALL_ATOM", "CATEGORY_FEED_ATOM",
           "AUTHOR_FEED_ATOM", "AUTHOR_FEED_RSS", "TRANSLATION_FEED_ATOM")  # fmt: skip
    return {
        "PATH": str((work / "staged").resolve()), "OUTPUT_PATH": str((work / "site").resolve()),
        "ARTICLE_PATHS": ["tin"], "PAGE_PATHS": ["trang"], "STATIC_PATHS": ["tep"],
        "ARTICLE_URL": "tin/{slug}.html", "ARTICLE_SAVE_AS": "tin/{slug}.html",
        "PAGE_URL": "{slug}.html", "PAGE_SAVE_AS": "{slug}.html",
        "ARTICLE_TRANSLATION_ID": None, "PAGE_TRANSLATION_ID": None, "DIRECT_TEMPLATES": [],
        "THEME": str(theme), "PLUGIN_PATHS": [str(plugins_folder())], "PLUGINS": list(PLUGINS),
        "DEFAULT_METADATA": {"status": "skip"}, "USE_FOLDER_AS_CATEGORY": False, "FILENAME_METADATA": "(?!)",
        "READERS": {"html": None, "htm": None, "rst": None}, "IGNORE_FILES": [],
        "INTRASITE_LINK_REGEX": "(?!)(?P<what>)", "RELATIVE_URLS": True, "SITENAME": commune.name,
        "TIMEZONE": "Asia/Ho_Chi_Minh", "DEFAULT_LANG": "vi", "LOCALE": ["C"],
        "JINJA_ENVIRONMENT": {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True},
        "JINJA_GLOBALS": {"site": site},
        "BANGTIN_PLAN": str((work / "plan.json").resolve()),
        "BANGTIN_LEDGER": str((work / "ledger.json").resolve()),
        **dict.fromkeys(off, ""),
    }  # fmt: skip


def _policy() -> str:
    """What a page may load: its own site, and the one script that stands in it (CSP level 2)."""
    script = base64.b64encode(hashlib.sha256(REMEMBER.encode()).digest()).decode()
    return f"default-src 'self'; script-src 'self' 'sha256-{script}'; base-uri 'none'; form-action 'self'"


# ── run and compare ──────────────────────────────────────────────────────────────────────────────


def _run(work: Path) -> None:
    """Pelican, alone: no user's packages, no environment's paths, any warning fatal."""
    command = [sys.executable, "-I", "-B", "-m", "pelican", "--settings", "site_settings.py",
               "--fatal", "warnings", "--log-handler", "plain"]  # fmt: skip
    try:
        done = subprocess.run(command, cwd=work, capture_output=True, timeout=LONGEST_BUILD, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unavailable("site-slow", seconds=LONGEST_BUILD) from error
    if done.returncode != 0:
        said = (done.stdout + done.stderr).decode(errors="replace").strip()
        raise Refused("site-generator", why=said[-MAX_LOG:])


def _told(path: Path) -> Told:
    try:
        told = json.loads(path.read_bytes())
        return {name: (entry[0], tuple(entry[1])) for name, entry in told.items()}
    except (OSError, ValueError, TypeError, AttributeError, LookupError):
        refuse(["the gate left no ledger: it did not run"])
        raise


def _expected(planned: Plan, items: Sequence[Published]) -> dict[str, Expected]:
    from .starter import theme_folder

    static = theme_folder() / "static"
    expected = {f"theme/{name}": Expected(sha256=digest) for name, digest in _contents(static).items()}
    expected |= {page.path: Expected(page.sources, statement=page.statement) for page in planned.pages}
    expected |= {name: Expected(made.sources, sha256=sha256(made.data)) for name, made in planned.files.items()}
    for item in items:
        if item.withdrawn_at:
            continue
        view, source = planned.views[item.notice.slug], (item.statement,)
        words = (*title_html(view), view["html"])
        expected[item.notice.url] = Expected(source, statement=item.statement, holds=words)
        for file in item.notice.files:
            expected[f"tep/{item.notice.slug}/{file.name}"] = Expected(source, sha256=file.sha256)
    return expected
