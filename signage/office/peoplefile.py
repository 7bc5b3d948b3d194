"""`people.toml` as text: persons and keys added, ended and marked, with everybody's comments left in place.

Each change is made in the text and held against the same change in the values. Where a file is written in
a way that does not allow it, it is written anew in its usual form, without the comments.
"""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .. import durable
from ..errors import Refused
from ..settings import PEOPLE_FILE

Table = dict[str, Any]
_PERSON = re.compile(r"^\s*\[\[\s*person\s*\]\]", re.MULTILINE)
_KEY = re.compile(r"^\s*\[\[\s*person\s*\.\s*key\s*\]\]", re.MULTILINE)
_HEAD = (
    "# Ai được làm gì. Sửa xong chạy `bangtin people sign`: thay đổi chỉ có hiệu lực khi khóa gốc đã ký.",
    "# Who may do what. After a change run `bangtin people sign`.",
)
_REWRITTEN = (
    "# Tệp này do lệnh bangtin viết lại; các ghi chú cũ không giữ được. Written anew by bangtin, without comments."
)


class PeopleFile:
    """The file of one commune: read, changed in memory, then written whole."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / PEOPLE_FILE
        self.text = self._path.read_text("utf-8")

    @property
    def persons(self) -> list[Table]:
        found: list[Table] = tomllib.loads(self.text).get("person", [])
        return found

    def person(self, ident: str) -> Table:
        """Raises `Refused` (`person-unknown`)."""
        for person in self.persons:
            if person.get("id") == ident:
                return person
        raise Refused("person-unknown", person=ident, known=", ".join(str(p.get("id")) for p in self.persons))

    def add_person(self, person: Table) -> None:
        """Raises `Refused` (`person-exists`)."""
        if any(known.get("id") == person["id"] for known in self.persons):
            raise Refused("person-exists", person=person["id"])
        wanted = [*self.persons, person]
        self._become(self.text.rstrip() + "\n\n" + "\n".join(_written(person)) + "\n", wanted)

    def add_key(self, ident: str, key: Table) -> None:
        """One more key of a person."""

        def change(block: str) -> str:
            return _after_last_line(block, "\n".join(["[[person.key]]", *_assignments(key)]))

        def same(person: Table) -> None:
            person.setdefault("key", []).append(key)

        self._change(ident, change, same)

    def end_key(self, ident: str, public: str, until: str) -> None:
        """A key's last moment; the records signed before stay good."""

        def change(block: str) -> str:
            starts = [m.start() for m in _KEY.finditer(block)]
            for first, last in zip(starts, [*starts[1:], len(block)], strict=True):
                if public in block[first:last]:
                    return block[:first] + _assigned(block[first:last], "until", until) + block[last:]
            return block

        def same(person: Table) -> None:
            for key in person["key"]:
                if key["public"] == public:
                    key["until"] = until

        self._change(ident, change, same)

    def void(self, ident: str, since: str) -> None:
        """A person's stolen key: what they signed from then on is worth nothing."""

        def change(block: str) -> str:
            own = key.start() if (key := _KEY.search(block)) else len(block)
            return _assigned(block[:own], "void_from", since) + block[own:]

        self._change(ident, change, lambda person: person.update(void_from=since))

    def write(self) -> None:
        durable.write(self._path, self.text.encode())

    def _change(self, ident: str, change: Callable[[str], str], same: Callable[[Table], None]) -> None:
        self.person(ident)
        wanted = copy.deepcopy(self.persons)
        at = next(i for i, person in enumerate(wanted) if person.get("id") == ident)
        same(wanted[at])
        starts = [m.start() for m in _PERSON.finditer(self.text)]
        if len(starts) != len(wanted):  # persons written in some other way: [[person]] alone is known here
            self._become("", wanted)
            return
        first, last = starts[at], [*starts[1:], len(self.text)][at]
        self._become(self.text[:first] + change(self.text[first:last]) + self.text[last:], wanted)

    def _become(self, text: str, wanted: list[Table]) -> None:
        try:
            good = tomllib.loads(text).get("person", []) == wanted
        except tomllib.TOMLDecodeError:
            good = False
        self.text = text if good else people_toml(wanted, _REWRITTEN).decode()


def people_toml(people: list[Table], *more: str) -> bytes:
    """people.toml in its usual form, with these lines in its head."""
    lines = [*_HEAD, *more, "v = 1"]
    for person in people:
        lines += ["", *_written(person)]
    return ("\n".join(lines) + "\n").encode()


def _written(person: Table) -> list[str]:
    lines = ["[[person]]", *_assignments(person)]
    for key in person.get("key", ()):
        lines += ["[[person.key]]", *_assignments(key)]
    return lines


def _assignments(table: Mapping[str, Any]) -> list[str]:
    return [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in table.items() if k != "key"]


def _after_last_line(block: str, lines: str) -> str:
    """With these lines after the last that says something: what follows belongs to the next person."""
    found = block.splitlines()
    count = max(i for i, line in enumerate(found, start=1) if line.strip() and not line.lstrip().startswith("#"))
    return "\n".join([*found[:count], lines, *found[count:]]) + "\n"


def _assigned(block: str, name: str, value: str) -> str:
    """With this setting changed, or written after the last line."""
    line = f"{name} = {json.dumps(value)}"
    changed, count = re.subn(rf"^(\s*){name}\s*=\s*\"[^\"]*\"", rf"\g<1>{line}", block, flags=re.MULTILINE)
    return changed if count else _after_last_line(block, line)
