"""Building the website: wall and CPU seconds, pages, memory, and where the time goes.

    python bench/build.py [--quick]

Sizes 40 and 1,000, and 10,000 without `--quick`; plain Pelican with its `simple` theme builds the
same texts beside it. CPU seconds count the process and its children: the steadier figure.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import synthetic
from record import Row, write

from signage.notice import Notice
from signage.office import starter, website
from signage.schedule import VIETNAM_TIME
from signage.settings import load

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=VIETNAM_TIME)
PHASES = ("plan", "_stage", "_run", "compare")


def cpu() -> float:
    """Seconds that this process and its finished children have burnt."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def measured(act: Callable[[], Any]) -> tuple[float, float, Any]:
    """(wall, CPU, result)"""
    wall, burnt = time.perf_counter(), cpu()
    result = act()
    return time.perf_counter() - wall, cpu() - burnt, result


def timed_phases() -> dict[str, list[float]]:
    """CPU seconds of each phase of `build`, gathered from now on."""
    spent: dict[str, list[float]] = {name: [] for name in PHASES}

    def timed(name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **named: Any) -> Any:
            _, burnt, result = measured(lambda: act(*args, **named))
            spent[name].append(burnt)
            return result

        return run

    for name in PHASES:
        setattr(website, name, timed(name, getattr(website, name)))
    return spent


def build(notices: list[Notice], folder: Path, run: int) -> int:
    """One cold build; how many files it wrote."""
    settings = load(starter.sample_root())
    items = [
        website.Published(n, hashlib.sha256(n.digest.encode()).hexdigest(), n.date + timedelta(hours=2), {})
        for n in notices
    ]
    ledger = website.build(settings, items, folder / f"site-{run}", now=NOW, work=folder / f"work-{run}")
    return len(ledger.outputs)


def plain(notices: list[Notice], folder: Path) -> None:
    """Plain Pelican, its simple theme, the same texts."""
    content = folder / "plain"
    content.mkdir()
    for notice in notices:
        (content / f"{notice.slug}.md").write_bytes(notice.text)
    command = [sys.executable, "-m", "pelican", str(content), "-t", "simple", "-o", str(folder / "plain-site"), "-q"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)


def rows_of(size: int, runs: int, spent: dict[str, list[float]]) -> list[Row]:
    """The figures of one size."""
    notices = list(synthetic.notices(size))
    with tempfile.TemporaryDirectory(prefix="bangtin-bench-") as name:
        folder = Path(name)
        for phase in spent.values():
            phase.clear()
        told = [measured(lambda i=i: build(notices, folder, i)) for i in range(runs)]
        rss = max(resource.getrusage(w).ru_maxrss for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
        _, peer, _ = measured(lambda: plain(notices, folder))
    wall, burnt = (statistics.median(t[i] for t in told) for i in (0, 1))
    phases = {phase: statistics.median(values) for phase, values in spent.items()}
    print(f"{size:,} notices: CPU seconds by phase: " + ", ".join(f"{k.strip('_')} {v:.2f}" for k, v in phases.items()))
    last = "" if size == 10_000 else f"_{size}"
    return [
        Row(f"cold_wall_s{last}", wall, "s", runs),
        Row(f"cold_cpu_s{last}", burnt, "s", runs, peer="plain Pelican, simple theme", peer_value=round(peer, 2)),
        Row(f"cold_cpu_ratio_pelican{last}", burnt / peer, "", runs, goal="<= 0.6" if size > 40 else None),
        Row(f"rss_mb{last}", rss, "MB", runs, goal="<= 250"),
        Row(f"files{last}", told[0][2], "", runs),
        Row(f"pelican_cpu_s{last}", phases["_run"], "s", runs),
    ]  # fmt: skip


def main() -> None:
    """Measure, print, write `bench/results/build.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="40 and 1,000 notices only")
    sizes = [(40, 5), (1000, 3)] if parser.parse_args().quick else [(40, 5), (1000, 3), (10_000, 1)]
    spent = timed_phases()
    rows = [row for size, runs in sizes for row in rows_of(size, runs, spent)]
    write("build", rows)


if __name__ == "__main__":
    main()
