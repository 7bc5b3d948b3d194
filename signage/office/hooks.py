"""Git's hooks: in the clone of who writes, and in the bare repository at the office (`bangtin git install`)."""

from __future__ import annotations

import shlex
import sys
from importlib import resources
from pathlib import Path
from string import Template

from .. import durable
from ..errors import Refused, WrongUse
from .commits import Git
from .pushes import ATTRIBUTES, GUARDED

WRITERS, SERVERS = ("pre-commit",), ("pre-receive", "post-receive")
MAX_PUSH = 2 * 1024 * 1024 * 1024  # bytes that the server takes in one push
_MARK, _FIRST = b"# bangtin:", 200  # by which our own hooks are known, in their first bytes


def hook(name: str, folder: str, python: str) -> bytes:
    """A hook's script for the commune in `folder`."""
    text = resources.files("signage.office").joinpath("seed", name).read_text(encoding="utf-8")
    words = {"FOLDER": shlex.quote(folder), "PYTHON": shlex.quote(python)}
    return Template(text).safe_substitute(words).encode()


def install(git: Git, names: tuple[str, ...], commune: Path) -> list[Path]:
    """Write these hooks, replacing older ones of ours; raises `Refused` (`git-hook-taken`) before any is written."""
    folder = git.git_path("hooks")
    paths = [folder / name for name in names]
    for path in paths:
        if path.exists() and _MARK not in path.read_bytes()[:_FIRST]:
            raise Refused("git-hook-taken", file=str(path))
    for path in paths:
        durable.write(path, hook(path.name, str(commune.resolve()), sys.executable), mode=0o755)
    return paths


def prepare_server(git: Git) -> None:
    """What a server checks by itself; raises `WrongUse` (`git-not-bare`)."""
    if not git.bare:
        raise WrongUse("git-not-bare", folder=str(git.folder))
    git.configure("receive.fsckObjects", "true")
    git.configure("receive.maxInputSize", str(MAX_PUSH))


def guard_bytes(content: Path) -> bool:
    """See that git leaves signed and attached bytes alone; what the file says besides stays. True when it changed."""
    path = content / ATTRIBUTES
    text = path.read_text("utf-8") if path.exists() else ""
    if [line for line in text.splitlines() if line in GUARDED] == list(GUARDED):
        return False
    kept = [line for line in text.splitlines() if line not in GUARDED]
    durable.write(path, "".join(f"{line}\n" for line in [*kept, *GUARDED]).encode())
    return True
