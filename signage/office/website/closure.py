"""What a template's page can depend on: the template with all that it extends, includes and imports, and every name
that one of them looks up. Only these names are handed to it, so a page whose names and templates stay the same
stays the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import Refused
from ...wire import sha256


@dataclass(frozen=True)
class Closure:
    """A template and all that it is made of."""

    digest: str  # SHA-256 of their sources
    names: tuple[str, ...]  # that any of them looks up, in order


Read = dict[str, tuple[list[str], list[str]]]  # template's SHA-256 → names that it looks up, templates that it names
BY_VARIABLE = "a template named by a variable"


def closures(theme: Path, read: Read | None = None) -> dict[str, Closure]:
    """Each template of a theme, by name; raises `Refused` (`site-generator`) for one that cannot be told beforehand.

    `read` is what was read before, and is made what is read now.
    """
    read = {} if read is None else read
    sources = {path.name: path.read_bytes() for path in sorted((theme / "templates").iterdir()) if path.is_file()}
    links: dict[str, set[str]] = {}
    names: dict[str, set[str]] = {}
    known = dict(read)
    read.clear()
    for name, source in sources.items():
        digest = sha256(source)
        read[digest] = known.get(digest) or _read(name, source)
        names[name], links[name] = set(read[digest][0]), set(read[digest][1])
        if links[name] - sources.keys():
            raise Refused("site-generator", why=f"{name}: {', '.join(sorted(links[name] - sources.keys()))}")
    return {name: _closure(_reached(name, links), sources, names) for name in sources}


def _read(name: str, source: bytes) -> tuple[list[str], list[str]]:
    """The names that one template looks up, and the templates that it names."""
    from jinja2 import Environment, TemplateError
    from jinja2.meta import find_referenced_templates, find_undeclared_variables

    try:
        tree = Environment(autoescape=True).parse(source.decode())
        links = {link or BY_VARIABLE for link in find_referenced_templates(tree)}
        return sorted(find_undeclared_variables(tree)), sorted(links)
    except (TemplateError, UnicodeError) as error:
        raise Refused("site-generator", why=f"{name}: {error}") from error


def _reached(name: str, links: Mapping[str, set[str]]) -> list[str]:
    found, left = set(), [name]
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left += links[one]
    return sorted(found)


def _closure(templates: list[str], sources: Mapping[str, bytes], names: Mapping[str, set[str]]) -> Closure:
    digest = sha256("\n".join(f"{name} {sha256(sources[name])}" for name in templates).encode())
    return Closure(digest, tuple(sorted(set().union(*(names[name] for name in templates)))))
