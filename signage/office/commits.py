"""What a git repository holds and what came new in it; the only module of the office that runs git.

Git is asked for its objects by plumbing commands with NUL-separated answers. Nothing is checked out, so no
attribute, filter, line ending or link of the repository has a say in the bytes that we read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..errors import Unavailable

PATIENCE_S = 300  # for one answer of git
MAX_BLOB = 64 * 1024 * 1024  # bytes of one file: a film's limit (`notice.files`)
MAX_CHANGES = 1_000_000  # paths of one push: the first may bring an archive of 10,000 notices with its review book
MAX_COMMITS = 1000  # of one push, whose authors are looked up
BLOCK = 1 << 20  # bytes read at once
NOTHING = "0"  # a commit's name is all zeros where there is none
_LINK, _MODULE = "120000", "160000"

OTHERS = ("--not", "--all")  # what the repository had before this push

Read = Callable[[str], bytes | None]  # a blob's bytes; None when it is larger than `MAX_BLOB`


@dataclass(frozen=True)
class Change:
    """One path that differs between two trees; a rename is one path that went and one that came."""

    path: str
    mode: str  # "" when it went
    blob: str  # "" when it went
    old: str  # the blob before, "" when it is new

    @property
    def gone(self) -> bool:
        return not self.blob

    @property
    def plain(self) -> bool:
        """A file and no link, no repository inside."""
        return self.mode not in (_LINK, _MODULE)


@dataclass(frozen=True)
class Commit:
    """Who a commit says wrote it: a word that anybody can type."""

    name: str
    email: str


def since(old: str | None) -> tuple[str, ...]:
    """What a commit brings that `old` did not have; everything when that is None."""
    return (f"^{old}",) if old else ()


class Git:
    """One repository, bare or with a work tree; raises `Unavailable` (`git-absent`, `git-failed`)."""

    def __init__(self, folder: Path, prefix: str = "") -> None:
        """`prefix`: where `content/` lies in the repository, "" when it is the repository itself."""
        if shutil.which("git") is None:
            raise Unavailable("git-absent")
        self.folder, self.prefix = folder, prefix

    @classmethod
    def around(cls, content: Path) -> Git:
        """The repository that has `content` in its work tree."""
        content = content.resolve()
        # In a hook git names its index relative to the folder where the hook runs: the top of the work tree.
        if "GIT_INDEX_FILE" in os.environ:
            top = Path.cwd()
        else:
            top = Path(cls(content)._text("rev-parse", "--show-toplevel").strip())
        if not content.is_relative_to(top):
            raise Unavailable("git-failed", what=str(content), why=f"not in {top}")
        inside = content.relative_to(top).as_posix()
        return cls(top, "" if inside == "." else f"{inside}/")

    # ── names ────────────────────────────────────────────────────────────────────────────────────

    def commit(self, revision: str) -> str | None:
        """The full name of a commit; None when there is no such one."""
        found = self._asked("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return found.stdout.decode().strip() or None

    def follows(self, new: str, old: str) -> bool:
        """Whether `old` is in the history of `new`."""
        return self._asked("merge-base", "--is-ancestor", old, new).returncode == 0

    def staged(self) -> str:
        """The tree that a commit would make now."""
        return self._text("write-tree").strip()

    def git_path(self, name: str) -> Path:
        """Where this repository keeps a thing of its own (`hooks`)."""
        return self.folder / self._text("rev-parse", "--git-path", name).strip()

    @property
    def bare(self) -> bool:
        return self._text("rev-parse", "--is-bare-repository").strip() == "true"

    def configure(self, name: str, value: str) -> None:
        self._text("config", name, value)

    # ── what came ────────────────────────────────────────────────────────────────────────────────

    def changes(self, old: str | None, new: str) -> list[Change]:
        """What differs between two trees or commits; `old` None: everything is new."""
        words = ("--raw", "-r", "-z", "--no-renames", "--no-abbrev", old or self._empty(), new)
        parts = self._text("diff-tree", *words).split("\0")[:-1]
        if len(parts) > 2 * MAX_CHANGES:
            raise Unavailable("git-failed", what=f"{len(parts) // 2} files", why=f"> {MAX_CHANGES}")
        return [_change(parts[i], parts[i + 1]) for i in range(0, len(parts), 2)]

    def new_objects(self, new: str, known: Sequence[str]) -> Iterator[tuple[str, str]]:
        """(name, path) of what `new` reaches and `known` (`OTHERS`, or what `since` says) does not: trees too."""
        for line in self._text("rev-list", "--objects", new, *known).splitlines():
            name, _, path = line.partition(" ")
            if path:
                yield name, path

    def commits(self, new: str, known: Sequence[str]) -> list[Commit]:
        """The newest `MAX_COMMITS` commits of these."""
        told = self._text("log", "-z", f"--max-count={MAX_COMMITS}", "--format=%H %ae", new, *known)
        return [Commit(*one.split(" ", 1)) for one in told.split("\0") if " " in one]

    # ── what is there ────────────────────────────────────────────────────────────────────────────

    def files(self, tree: str, besides: str) -> dict[str, str]:
        """The blob of every path of `content/` in a tree, except below its folder `besides`; without the prefix."""
        at = f"{tree}:{self.prefix.rstrip('/')}"
        top = self._text("ls-tree", "-z", "--name-only", at).split("\0")[:-1]
        wanted = [name for name in top if name != besides]
        told = self._text("ls-tree", "-r", "-z", at, "--", *wanted).split("\0")[:-1] if wanted else []
        heads = (one.partition("\t") for one in told)
        return {path: head.split(" ")[2] for head, _, path in heads}

    def blob(self, tree: str, path: str) -> str | None:
        """The name of the file's blob in a tree."""
        found = self._asked("rev-parse", "--verify", "--quiet", "--end-of-options", f"{tree}:{self.prefix}{path}")
        return found.stdout.decode().strip() or None

    def holding(self, tree: str, words: list[str], *where: str) -> list[str]:
        """The files of `content/` (`where`: git's patterns) that hold one of these words; without the prefix."""
        asked = [part for word in words for part in ("-e", word)]
        patterns = [f":(glob){self.prefix}{pattern}" for pattern in where]
        found = self._asked("grep", "-lzFi", "--full-name", *asked, tree, "--", *patterns).stdout
        names = found.decode("utf-8", "replace").split("\0")[:-1]
        return [name.partition(":")[2].removeprefix(self.prefix) for name in names]

    @contextmanager
    def reading(self) -> Iterator[Read]:
        """Blobs by name, one after another, from one process."""
        with subprocess.Popen(
            ["git", "cat-file", "--batch"], cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as git:
            assert git.stdin and git.stdout
            asks, answers = git.stdin, git.stdout

            def read(name: str) -> bytes | None:
                asks.write(f"{name}\n".encode())
                asks.flush()
                head = answers.readline().split()
                if len(head) != 3:
                    raise Unavailable("git-failed", what=f"cat-file {name}", why="missing")
                return _body(answers, int(head[2]), wanted=head[1] == b"blob")

            try:
                yield read
            finally:
                asks.close()

    def _empty(self) -> str:
        return self._text("hash-object", "-t", "tree", "--stdin").strip()

    def _text(self, *words: str) -> str:
        done = self._asked(*words)
        if done.returncode:
            why = done.stderr.decode("utf-8", "replace").strip()
            raise Unavailable("git-failed", what=f"git {words[0]}", why=why or done.returncode)
        return done.stdout.decode("utf-8", "replace")

    def _asked(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                ["git", *words], cwd=self.folder, input=b"", capture_output=True, timeout=PATIENCE_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable("git-failed", what=f"git {words[0]}", why=error) from error


def _change(told: str, path: str) -> Change:
    """`:100644 100755 <old> <new> M`."""
    _, mode, old, new, _ = told.lstrip(":").split(" ")
    old, new = ("" if not name.strip(NOTHING) else name for name in (old, new))
    return Change(path, mode if new else "", new, old)


def _body(answers: IO[bytes], size: int, *, wanted: bool) -> bytes | None:
    if wanted and size <= MAX_BLOB:
        return answers.read(size + 1)[:-1]  # a line end follows
    left = size + 1
    while left:
        left -= len(answers.read(min(left, BLOCK)))
    return None if wanted else b""
