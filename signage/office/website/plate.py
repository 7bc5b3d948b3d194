"""What holds for every run of Pelican: its settings, which a commune cannot loosen, the theme and the plugins."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...settings import Settings
from ...wire import sha256
from .closure import Closure, Read, closures
from .look import Look

PLUGINS = ("review_gate", "commune_pages")
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


@dataclass(frozen=True)
class Plate:
    """One theme, one set of settings."""

    settings: Mapping[str, Any]
    closures: Mapping[str, Closure]
    theme: Mapping[str, str]  # static files → SHA-256
    worker: Path
    site: str  # digest of what every template is told
    digest: str  # of all this and of the plugins: another one needs a new process

    @cached_property
    def keys(self) -> dict[str, str]:
        """By template, what changes when it does, or anything that it includes, or what every template is told."""
        return {name: sha256(f"{one.digest} {self.site}".encode())[:32] for name, one in self.closures.items()}


def plate(work: Path, settings: Settings, look: Look, read: Read | None = None) -> Plate:
    """For a site printed in the folder `work`; `read`: what is known of templates (`closures`).

    Raises `Refused` (`site-generator`) for a theme that cannot be used.
    """
    from ..starter import plugins_folder, theme_folder  # not above: `starter` publishes, which builds

    theme, plugins = theme_folder(), plugins_folder()
    site = _site(settings, look, theme)
    told = _pelican_settings(work, site, theme, plugins)
    static, code = contents(theme / "static"), contents(plugins)
    templates = closures(theme, read)
    digest = sha256(repr((told, sorted(static.items()), sorted(code.items()), sorted(templates.items()))).encode())
    return Plate(told, templates, static, plugins / "worker.py", sha256(json.dumps(site).encode()), digest)


def _site(settings: Settings, look: Look, theme: Path) -> dict[str, Any]:
    """What every template is told."""
    commune = settings.commune
    return {
        "title": commune.heading, "name": commune.name,
        "province": commune.province, "authority": commune.authority, "phone": commune.phone,
        "address": commune.address, "email": commune.email, "base": commune.site,
        "sample": commune.sample, "subtitle": look.subtitle, "menu": look.menu, "links": look.links,
        "style": sha256((theme / "static/site.css").read_bytes())[:8], "foot": FOOT,
        "script": sha256((theme / "static/tim.js").read_bytes())[:8],
        "host": urlsplit(commune.site).netloc, "remember": REMEMBER, "policy": _policy(),
    }  # fmt: skip


def _pelican_settings(work: Path, site: dict[str, Any], theme: Path, plugins: Path) -> dict[str, Any]:
    """All that Pelican is told, as plain values."""
    off = ("AUTHOR_SAVE_AS", "CATEGORY_SAVE_AS", "TAG_SAVE_AS", "FEED_ALL_ATOM", "CATEGORY_FEED_ATOM",
           "AUTHOR_FEED_ATOM", "AUTHOR_FEED_RSS", "TRANSLATION_FEED_ATOM")  # fmt: skip
    return {
        "PATH": str((work / "staged").resolve()), "OUTPUT_PATH": str((work / "site").resolve()),
        "ARTICLE_PATHS": ["tin"], "PAGE_PATHS": ["trang"], "STATIC_PATHS": ["tep"],
        "ARTICLE_URL": "tin/{slug}.html", "ARTICLE_SAVE_AS": "tin/{slug}.html",
        "PAGE_URL": "{slug}.html", "PAGE_SAVE_AS": "{slug}.html",
        "ARTICLE_TRANSLATION_ID": None, "PAGE_TRANSLATION_ID": None, "DIRECT_TEMPLATES": [],
        "THEME": str(theme), "PLUGIN_PATHS": [str(plugins)], "PLUGINS": list(PLUGINS),
        "DEFAULT_METADATA": {"status": "skip"}, "USE_FOLDER_AS_CATEGORY": False, "FILENAME_METADATA": "(?!)",
        "READERS": {"html": None, "htm": None, "rst": None}, "IGNORE_FILES": [],
        "INTRASITE_LINK_REGEX": "(?!)(?P<what>)", "RELATIVE_URLS": True, "SITENAME": site["name"],
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


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder, by its path from there: its SHA-256, or `link`."""
    return {
        path.relative_to(folder).as_posix(): "link" if path.is_symlink() else sha256(path.read_bytes())
        for path in folder.rglob("*")
        if (path.is_symlink() or not path.is_dir()) and path.parent.name != "__pycache__"
    }  # fmt: skip
