"""The website, built clean: exactly what was approved, or nothing. `site` keeps one up to date with the same steps."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ...errors import Unavailable
from ...settings import Settings
from ..showing import Showing
from .ledger import Ledger
from .look import Look, read_look
from .plate import REMEMBER
from .press import Press
from .site import Site
from .views import Published

__all__ = ["REMEMBER", "Ledger", "Look", "Published", "build", "read_look"]


def build(
    settings: Settings, items: Sequence[Published], output: Path, *, now: datetime, work: Path,
    conf: Path | None = None, shown: Sequence[Showing] = (),
) -> Ledger:  # fmt: skip
    """Write the whole site into the fresh folder `output`; `work` is a scratch folder.

    Raises what `Site.update` does, and `Unavailable` (`site-folder`) for a folder that is not empty. After any
    of them `output` does not exist.
    """
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise Unavailable("site-folder", folder=str(output))
    site = Site(output, Press(work / "website"))
    try:
        site.update(settings, items, now, shown=shown, conf=conf)
    except BaseException:
        shutil.rmtree(output, ignore_errors=True)
        raise
    finally:
        site.close()
    return Ledger({path: site.printed[path].output for path in sorted(site.printed)})
