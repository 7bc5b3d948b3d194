"""What a commune may change about its website: `pelicanconf.py`, read as values and never run.

Only names of the look are the commune's; everything about approval, folders and plugins is the
office's. A misspelt name is told, not ignored.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import BadInput, Problem

MENU = (
    ("Trang chủ", "index.html"), ("Thông báo", "thong-bao.html"), ("Văn bản", "van-ban.html"), ("Lịch", "lich.html"),
    ("Thủ tục", "thu-tuc.html"), ("Công khai", "cong-khai.html"), ("Phản ánh", "phan-anh.html"),
    ("Giới thiệu", "gioi-thieu.html"), ("Liên hệ", "lien-he.html"),
)  # fmt: skip
MAX_LINKS = 20  # entries of MENU or LINKS
MAX_CONF = 64 * 1024  # bytes of pelicanconf.py
# What a commune's pelicanconf.py may say besides its look: nothing but what holds anyway, so that
# `pelican` typed by hand publishes nothing.
FIXED: dict[str, Any] = {"PATH": "content", "PLUGINS": [], "DEFAULT_METADATA": {"status": "skip"}}
_LOOK = {
    "SITESUBTITLE": "subtitle", "MENU": "menu", "LINKS": "links",
    "DEFAULT_PAGINATION": "per_page", "HOME_NOTICES": "home_notices",
}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """What a commune may change about its site (`pelicanconf.py`)."""

    subtitle: str = "Thông báo, văn bản và lịch của xã"
    menu: tuple[tuple[str, str], ...] = MENU
    links: tuple[tuple[str, str], ...] = ()
    per_page: int = 20
    home_notices: int = 8


def read_look(conf: Path | None) -> Look:
    """What `pelicanconf.py` says of the look. It is read as values and never run.

    Raises `BadInput` for anything that is no plain value or not the commune's to set.
    """
    if conf is None:
        return Look()
    problems: list[Problem] = []
    chosen: dict[str, Any] = {}
    try:
        with conf.open("rb") as file:
            text = file.read(MAX_CONF + 1)
        if len(text) > MAX_CONF:
            raise ValueError(f"> {MAX_CONF} byte")
        statements = ast.parse(text.decode(), conf.name).body
    except (OSError, ValueError, SyntaxError, RecursionError) as error:
        raise BadInput([Problem("site-conf", conf.name, values={"why": str(error)})]) from error
    for statement in statements:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a docstring
        name, value = _assignment(statement)
        if name in _LOOK and _fits(name, value):
            chosen[_LOOK[name]] = _tuples(value)
        elif name is None or name not in FIXED or value != FIXED[name]:
            shown = name or ast.unparse(statement)[:60]
            code = "site-setting-value" if name in _LOOK else "site-setting"
            values = {"known": ", ".join(_LOOK)}
            problems.append(Problem(code, conf.name, statement.lineno, shown, values=values))
    if problems:
        raise BadInput(problems)
    return Look(**chosen)


def _assignment(statement: ast.stmt) -> tuple[str | None, Any]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Name):
            try:
                return target.id, ast.literal_eval(statement.value)
            except ValueError:
                return target.id, ...
    return None, ...


def _fits(name: str, value: Any) -> bool:
    if name in ("DEFAULT_PAGINATION", "HOME_NOTICES"):
        return type(value) is int and 1 <= value <= 100
    if name == "SITESUBTITLE":
        return isinstance(value, str) and len(value) <= 200
    good = isinstance(value, (list, tuple)) and len(value) <= MAX_LINKS and all(_is_pair(p) for p in value)
    return good and (name != "LINKS" or all(address.startswith("https://") for _, address in value))


def _is_pair(value: Any) -> bool:
    two = isinstance(value, (list, tuple)) and len(value) == 2
    return two and all(isinstance(part, str) and part for part in value)


def _tuples(value: Any) -> Any:
    return tuple(tuple(pair) for pair in value) if isinstance(value, (list, tuple)) else value
