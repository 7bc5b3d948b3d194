"""How a benchmark tells its figures: a table for people, `bench/results/<bench>.json` for programs.

Format: `{"machine": {...}, "commit": "...", "rows": [{"key", "value", "unit", "n", "peer", "peer_value",
"goal", "met"}]}`; `goal` is `<= 1.0` or `>= 98`, `met` follows from it, both null where there is none.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Row:
    """One figure: the median of `n` runs, and the best known elsewhere."""

    key: str
    value: float
    unit: str
    n: int = 1
    peer: str | None = None
    peer_value: float | None = None
    goal: str | None = None

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        sign, limit = self.goal.split()
        return self.value <= float(limit) if sign == "<=" else self.value >= float(limit)


def machine() -> dict[str, object]:
    """What the figures were measured on; shared machines are noisy, so the load belongs to them."""
    return {
        "system": platform.platform(), "python": platform.python_version(), "cpus": os.cpu_count(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "load": round(os.getloadavg()[0], 1), "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }  # fmt: skip


def commit() -> str:
    """The commit that was measured, with `+` when the tree had changes."""
    here = Path(__file__).parent
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], cwd=here, capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "unknown"


def save(bench: str, rows: list[Row]) -> Path:
    """Print the table and write the JSON; returns its path."""
    print(f"{'key':34}{'value':>12} {'unit':6}{'n':>3}  {'goal':12}{'met':5}  peer")
    for row in rows:
        peer = f"{row.peer}: {row.peer_value:g}" if row.peer and row.peer_value is not None else row.peer or ""
        met = {True: "yes", False: "NO", None: ""}[row.met]
        print(f"{row.key:34}{row.value:>12,.3f} {row.unit:6}{row.n:>3}  {row.goal or '':12}{met:5}  {peer}")
    told = {
        "machine": machine(),
        "commit": commit(),
        "rows": [{**asdict(row), "value": round(row.value, 6), "met": row.met} for row in rows],
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{bench}.json"
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path
