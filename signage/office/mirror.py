"""One folder made equal to another, file by file, while people read it: whole files only, no dead links."""

from __future__ import annotations

from pathlib import Path

from .. import durable


def mirror(fresh: Path, served: Path, *, keep: str) -> tuple[int, int]:
    """Make `served` (but for its folder `keep`) equal to `fresh`; how many files were written and removed.

    Pages come before the lists that lead to them, and what is gone is removed last.
    """
    wanted = {p.relative_to(fresh) for p in fresh.rglob("*") if p.is_file()}
    written = removed = 0
    for path in sorted(wanted, key=lambda p: (p.suffix == ".html", p.name == "index.html", len(p.parts) == 1, p)):
        # Not synced: a site can be built again, and a thousand pages would wait for the disk.
        written += durable.write_if_changed(served / path, (fresh / path).read_bytes(), sync=False)
    for old in sorted(served.rglob("*"), reverse=True):
        relative = old.relative_to(served)
        if relative.parts[0] == keep:
            continue
        if old.is_dir():
            if not any(old.iterdir()):
                old.rmdir()
        elif relative not in wanted:
            durable.remove(old)
            removed += 1
    return written, removed
