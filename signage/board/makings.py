"""What a board runs on, and how worn its disk is: versions, the computer's model, what an eMMC says of itself."""

from __future__ import annotations

import platform
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .. import __version__
from ..report import MAX_VERSION, About, Wear
from . import notes

SYS = Path("/sys")
MODELS = ("firmware/devicetree/base/model", "class/dmi/id/product_name")  # below /sys
MAX_ATTRIBUTE = 128  # bytes
LOOK_EVERY_S = 3600.0  # seconds between two looks: what a board runs on changes with its program
TELL_EVERY_S = 86_400.0  # seconds between two tellings of the same
MB = 1024 * 1024


class Makings:
    """Looked at once an hour, told when it is news."""

    def __init__(self, folder: Path, sys: Path = SYS, clock: Callable[[], float] = time.monotonic) -> None:
        """`folder`: the board's; `sys`: where the kernel shows its devices."""
        self._folder, self._sys, self._clock = folder, sys, clock
        self._found: About | None = None
        self._looked = self._told_at = float("-inf")
        self._told: About | None = None

    def look(self) -> About | None:
        """What it runs on; None when even its disk cannot be asked."""
        if self._clock() - self._looked >= LOOK_EVERY_S or (self._found and not self._found.sdl):
            self._looked = self._clock()
            with suppress(OSError):
                self._found = about(self._folder, self._sys)
        return self._found

    @property
    def worn(self) -> bool:
        """Whether the disk says that it will not last."""
        return bool(self._found and self._found.wear and self._found.wear.worn)

    def is_news(self, found: About | None) -> bool:
        return found is not None and (found != self._told or self._clock() - self._told_at >= TELL_EVERY_S)

    def told(self, found: About | None) -> None:
        """A report with it, if any, is in the outbox."""
        if found:
            self._told, self._told_at = found, self._clock()


def about(folder: Path, sys: Path = SYS) -> About:
    """Raises `OSError`."""
    return About(
        bangtin=__version__[:MAX_VERSION], python=platform.python_version(), system=_system(), pygame=_pygame(),
        sdl=_sdl(folder), model=next(filter(None, (_attribute(sys / name) for name in MODELS)), None),
        disk_mb=shutil.disk_usage(folder).total // MB, wear=wear(sys),
    )  # fmt: skip


def wear(sys: Path = SYS) -> Wear | None:
    """Of the eMMC that is worn most; memory cards and other disks have no such files."""
    found = [one for path in sorted((sys / "block").glob("mmcblk*/device")) if (one := _wear(path))]
    return max(found, key=lambda one: (one.worn, max(one.life), one.eol), default=None)


def _wear(device: Path) -> Wear | None:
    life, eol = _attribute(device / "life_time"), _attribute(device / "pre_eol_info")
    if life is None and eol is None:
        return None
    try:
        first, second = (int(word, 16) for word in (life or "0x00 0x00").split())
        spare = int(eol or "0x00", 16)
    except ValueError:
        return None
    fits = all(0 <= number <= 255 for number in (first, second, spare))
    return Wear(device.parent.name, (first, second), spare) if fits else None


def _attribute(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_ATTRIBUTE).decode("utf-8", "replace").strip("\0\n ")
    except OSError:
        return None
    return "".join(c for c in text if c.isprintable())[:MAX_VERSION] or None


def _system() -> str:
    """As "Debian GNU/Linux 12 (bookworm), Linux 6.12.47"."""
    kernel = f"{platform.system()} {platform.release()}"
    with suppress(OSError, AttributeError):
        return f"{platform.freedesktop_os_release().get('PRETTY_NAME', '')}, {kernel}".strip(", ")[:MAX_VERSION]
    return kernel[:MAX_VERSION]


def _pygame() -> str | None:
    try:
        return version("pygame-ce")[:MAX_VERSION]
    except PackageNotFoundError:
        return None


def _sdl(folder: Path) -> str | None:
    """As the player noted it: this process does not load SDL."""
    note = notes.read(folder / "state" / notes.SDL)
    return notes.field(note, "version", lambda f, n: f.text(n, most=MAX_VERSION))
