"""What a commit or a push may bring into `content/`: no private key, nothing taken from the review book, no notice that
`bangtin check` refuses.

Judged from git's objects, and only what changed: an old fault stops nobody else's push. Whatever passes here is still
worth nothing until people have signed it: this keeps the shared place in order, it is no authority.
"""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from .. import durable
from ..errors import BangtinError, Problem
from ..lettering import nfc
from ..notice import header, hints, read_file
from ..notice.reading import REVIEW_BOOK
from ..review import Record, Statement
from ..settings import Settings
from ..wire import sha256
from .commits import MAX_BLOB, Change, Git, Read
from .filenames import name_fault

ATTRIBUTES = ".gitattributes"
# What was signed is bytes, and so is what is attached: git on Windows must not change line ends.
GUARDED = ("* -text", "*.md text", f"{REVIEW_BOOK}/** -text")
_KEY = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----|^PuTTY-User-Key-File-\d|^AGE-SECRET-KEY-1", re.MULTILINE
)
_KEY_NAME = re.compile(r"(?:^|/)keys/|\.(?:pem|ppk|p12|pfx)$", re.IGNORECASE)
_PART = re.compile(r"(?!\.{1,2}$)(?!(?i:\.git)$)[^\\/\x00-\x1f\x7f\ufffd:]+")
_NOTE = re.compile(r"[0-9a-f]{64}\.[a-z0-9-]{1,64}\.\d{8}T\d{6}Z\.txt")
_SLUG = "Slug:"


def problems(
    git: Git, settings: Settings, old: str | None, new: str, objects: Iterable[tuple[str, str]] | None = None
) -> list[Problem]:
    """Everything that is wrong with what is new in the tree or commit `new`; errors refuse it, warnings are told.

    `objects`: (name, path) of all that came: a key that a later commit deletes is in the history for good.
    """
    changes = git.changes(old, new)
    inside = [_inside(git, c) for c in changes if c.path.startswith(git.prefix)]
    found = [*_odd(inside)]
    good = [c for c in inside if c.path not in {p.file for p in found}]
    with git.reading() as read:
        came = ((c.blob, c.path) for c in changes if not c.gone and c.plain)
        found += keys(read, came if objects is None else objects)
        known = {p.file for p in found}
        book = [c for c in good if in_book(c.path) and c.path not in known]
        found += [p for change in book if (p := book_problem(change, read))]
        rest = [c for c in good if not in_book(c.path)]
        files = git.files(new, besides=REVIEW_BOOK) if rest else {}
        found += _twins(rest, files)
        slugs: dict[str, str] = {}
        found += _notices(_touched(git, rest, new), files, settings, read, slugs)
        found += _slug_twice(git, new, slugs, files, read)
        found += _attributes(git, new, read)
    return sorted(found, key=lambda p: (p.severity, p.file, p.line or 0))


def keys(read: Read, blobs: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """An error for each (blob, path) that is or holds a private key, or is too large to be looked through."""
    for blob, path in blobs:
        data = read(blob)
        if data is None:
            yield Problem("git-large", path, values={"limit": MAX_BLOB >> 20})
        elif _KEY_NAME.search(path) or _KEY.search(data):
            yield Problem("git-key", path)


def in_book(path: str) -> bool:
    return f"{path}/".startswith(f"{REVIEW_BOOK}/")


def safe(path: str) -> bool:
    """Whether a path of a repository stays inside the folder to which it is written."""
    return all(_PART.fullmatch(part) for part in path.split("/"))


def book_problem(change: Change, read: Read) -> Problem | None:
    """Why this may not come into the review book: it only grows, by files that are what their names say.

    A false file under a right name would keep the true one out for ever.
    """
    if change.gone or change.old:
        return Problem("git-book-changed", change.path)
    folder, name = change.path.removeprefix(REVIEW_BOOK).lstrip("/").partition("/")[::2]
    data = read(change.blob)
    if data is not None and _fits(folder, name, data):
        return None
    return Problem("git-book-name", change.path)


def _fits(folder: str, name: str, data: bytes) -> bool:
    try:
        if folder == "statements":
            return f"{Statement.read(data).sha256}.json" == name
        if folder == "records":
            return Record.read(data).file_name == name
    except BangtinError:
        return False
    stem, _, ending = name.partition(".")
    if folder == "files":
        return stem == sha256(data) and re.fullmatch(r"[a-z0-9]{1,8}", ending) is not None
    return folder == "notes" and _NOTE.fullmatch(name) is not None


# ── names ────────────────────────────────────────────────────────────────────────────────────────


def _inside(git: Git, change: Change) -> Change:
    return Change(change.path.removeprefix(git.prefix), change.mode, change.blob, change.old)


def _odd(changes: Iterable[Change]) -> Iterator[Problem]:
    for change in changes:
        if change.gone:
            continue
        if not change.plain:
            yield Problem("git-link", change.path)
        elif not safe(change.path):
            yield Problem("git-path", change.path)
        elif unicodedata.normalize("NFC", change.path) != change.path:
            yield Problem("git-name-nfd", change.path, values={"name": unicodedata.normalize("NFC", change.path)})
        elif odd := next((part for part in change.path.split("/") if name_fault(part)), ""):
            yield Problem(name_fault(odd), change.path, values={"name": odd})  # Windows would check nothing out


def _twins(changes: Iterable[Change], listed: Iterable[str]) -> Iterator[Problem]:
    """Two names that are one on Windows or macOS, where the second file would overwrite the first."""
    same: dict[str, set[str]] = {}
    for path in listed:
        for one in (path, *map(str, PurePosixPath(path).parents)):
            same.setdefault(unicodedata.normalize("NFC", one).casefold(), set()).add(one)
    for change in changes:
        if change.gone:
            continue
        for one in (change.path, *map(str, PurePosixPath(change.path).parents)):
            if others := same.get(unicodedata.normalize("NFC", one).casefold(), set()) - {one}:
                yield Problem("git-name-twice", change.path, values={"name": one, "other": min(others)})


def _attributes(git: Git, tree: str, read: Read) -> Iterator[Problem]:
    blob = git.blob(tree, ATTRIBUTES)
    lines = (read(blob) or b"").decode("utf-8", "replace").splitlines() if blob else []
    if not set(GUARDED) <= {" ".join(line.split()) for line in lines}:
        yield Problem("git-attributes", ATTRIBUTES, severity="warning")


# ── notices ──────────────────────────────────────────────────────────────────────────────────────


def _touched(git: Git, changes: list[Change], tree: str) -> set[str]:
    """The notices that changed, or of which a picture or attachment did."""
    found = {c.path for c in changes if c.path.endswith(".md") and not c.gone}
    beside: dict[str, list[str]] = {}
    for change in changes:
        if not change.path.endswith(".md"):
            folder, _, name = change.path.rpartition("/")
            beside.setdefault(folder, []).append(name)
    for folder, names in beside.items():
        found |= set(git.holding(tree, names, f"{folder}/*.md" if folder else "*.md"))
    return {path for path in found if not any(part.startswith((".", "~$")) for part in path.split("/"))}


def _notices(
    touched: set[str], files: Mapping[str, str], settings: Settings, read: Read, slugs: dict[str, str]
) -> Iterator[Problem]:
    """What `bangtin check` says of these notices; the addresses of the good ones go into `slugs`."""
    own = (settings.commune.phone, *settings.commune.phones)
    beside: dict[str, list[str]] = {}
    for path in files:
        beside.setdefault(path.rpartition("/")[0], []).append(path)
    with tempfile.TemporaryDirectory() as made:
        content = Path(made)
        for path in sorted(touched & files.keys()):
            text = nfc(_laid(path, files, beside[path.rpartition("/")[0]], content, read).decode("utf-8", "replace"))
            notice, found = read_file(content / path, content, settings.places)
            yield from [*found, *hints.hints(text, path, own)]
            if notice:
                slugs[path] = notice.slug


def _laid(path: str, files: Mapping[str, str], beside: list[str], content: Path, read: Read) -> bytes:
    """A notice and the files of its folder that it may mean, as files; its text."""
    text = read(files[path]) or b""
    words = nfc(text.decode("utf-8", "replace")).casefold()
    meant = [p for p in beside if not p.endswith(".md") and nfc(PurePosixPath(p).name).casefold() in words and safe(p)]
    for one in (path, *meant):
        if not (content / one).exists():
            durable.write(content / one, read(files[one]) or b"", sync=False)
    return text


def _slug_twice(git: Git, tree: str, slugs: dict[str, str], files: Mapping[str, str], read: Read) -> Iterator[Problem]:
    """Two notices under one address of the site; of the others only those that write their own `Slug` are read."""
    own = set(git.holding(tree, [_SLUG], "**/*.md")) if slugs else set()
    by_slug: dict[str, list[str]] = {}
    for path in files:
        if path.endswith(".md"):
            slug = PurePosixPath(path).stem
            if path in own:
                fields = header.split(nfc((read(files[path]) or b"").decode("utf-8", "replace")), path)[0]
                slug = fields["slug"].value if "slug" in fields else slug
            by_slug.setdefault(slug, []).append(path)
    for path, slug in slugs.items():
        if others := [one for one in by_slug.get(slug, ()) if one != path]:
            yield Problem("slug-twice", path, None, "Slug", values={"slug": slug, "other": others[0]})
