"""How a benchmark tells its figures: a table for people, `bench/results/<bench>.json` for programs.

Format: `{"machine": {...}, "commit": "...", "rows": [{"key", "value", "unit", "n", "peer", "peer_value",
"goal", "met"}]}`; `goal` is `<= 1.0` or `>= 98` and `met` follows from it; what a row lacks is left out.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Row:
    """One figure of `n` measurements, its goal, and the best known elsewhere."""

    key: str
    value: float
    unit: str
    n: int = 1
    goal: str | None = None
    peer: str | None = None
    peer_value: float | None = None

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        sign, limit = self.goal.split()
        return self.value <= float(limit) if sign == "<=" else self.value >= float(limit)

    def as_json(self) -> dict[str, Any]:
        told = {
            "key": self.key, "value": round(self.value, 4), "unit": self.unit, "n": self.n, "peer": self.peer,
            "peer_value": self.peer_value, "goal": self.goal, "met": self.met,
        }  # fmt: skip
        return {name: value for name, value in told.items() if value is not None}


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "cpu": _cpu(), "cores": os.cpu_count(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "system": platform.system(), "kernel": platform.release(), "python": platform.python_version(),
        "arch": platform.machine(),
    }  # fmt: skip


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def commit() -> str:
    """The commit that was measured, with `+` when the tree had changes."""
    told = [
        subprocess.run(["git", *ask], cwd=RESULTS.parent, capture_output=True, text=True, check=False).stdout.strip()
        for ask in (["rev-parse", "HEAD"], ["status", "--porcelain"])
    ]
    return (told[0] or "unknown") + ("+" if told[1] else "")


def write(bench: str, rows: list[Row], **more: Any) -> Path:
    """Print the rows and write them, with `more` beside them; returns the file's path."""
    print(f"{'key':34}{'value':>12} {'unit':6}{'n':>4}  {'goal':10}{'met':5}peer")
    for row in rows:
        peer = f"{row.peer}: {row.peer_value:g}" if row.peer and row.peer_value is not None else row.peer or ""
        met = {True: "yes", False: "NO", None: ""}[row.met]
        print(f"{row.key:34}{row.value:>12,.3f} {row.unit:6}{row.n:>4}  {row.goal or '':10}{met:5}{peer}")
    told = {"machine": machine(), "commit": commit(), "rows": [row.as_json() for row in rows], **more}
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{bench}.json"
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(path.relative_to(RESULTS.parent.parent))
    return path
