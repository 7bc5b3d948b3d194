"""The figures of `bench/results/fleet.json` as the table of docs/province.md: `python bench/fleet_table.py`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from record import RESULTS

PAGE = Path(__file__).parent.parent / "docs" / "province.md"
PLACE = re.compile(r"(<!-- made: fleet -->\n).*?(<!-- end -->)", re.DOTALL)


def number(value: float) -> str:
    """As Vietnamese writes it."""
    text = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.1f}"
    return text.replace(",", " ").replace(".", ",").replace(" ", ".")


def table(told: dict[str, Any]) -> str:
    of = {row["key"]: row["value"] for row in told["rows"]}
    machine = told["machine"]
    lines = [
        f"Đo bằng `bench/fleet.py` trên {machine['cpu']}, {machine['cores']} nhân, {machine['memory_mb'] // 1024} GB; "
        "máy chủ, cơ sở dữ liệu và chương trình gửi báo cáo cùng chạy trên máy ấy.", "",
        "| điều được đo | SQLite | PostgreSQL |", "|---|---|---|",
    ]  # fmt: skip
    for label, key in (
        ("số bảng giữ được (30 giây một báo cáo, 99 % được ghi trong 500 ms)", "boards_{}"),
        ("99 % báo cáo được ghi xong trong, ms", "p99_{}_ms"),
        ("CPU cho 1.000 bảng, % của một nhân", "cpu_pct_per_1000_{}"),
        ("báo cáo đầu tiên của mọi bảng, nhanh nhất có thể, mỗi giây", "first_reports_{}_per_s"),
        ("trang đầu với 40.000 bảng, ms", "overview_40000_{}_ms"),
        ("bộ nhớ của hub (cả tiến trình canh), MB", "memory_{}_mb"),
    ):  # fmt: skip
        values = [of.get(key.format(store)) for store in ("sqlite", "postgresql")]
        lines.append(f"| {label} | " + " | ".join("–" if v is None else number(v) for v in values) + " |")
    lines += ["", "| điều được đo | giá trị |", "|---|---|"]
    for label, key in (
        ("báo cáo đã xác nhận mà mất, sau `kill -9`", "lost"), ("trang đầu với 4.000 bảng, ms", "overview_4000_ms"),
        ("lời nhắn tới cả 4.000 bảng đang chờ, ms", "hint_all_4000_ms"),
        ("kết nối chờ tin cùng lúc", "idle_connections"), ("lời nhắn tới cả chừng ấy, ms", "hint_all_idle_ms"),
        ("bộ nhớ cho một kết nối chờ, kB", "idle_kb_each"),
    ):  # fmt: skip
        lines.append(f"| {label} | {number(of[key]) if key in of else '–'} |")
    parts = ["", "| kho | bảng | báo cáo/giây | p50, ms | p99, ms | hub, % | canh, % | CSDL, % | gửi, % | giữ được |",
             "|---|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for part in told["parts"]:
        cells = [part["store"], *(number(part[name]) for name in (
            "boards", "reports_per_s", "p50_ms", "p99_ms", "hub_core_pct", "beside_core_pct", "database_core_pct",
            "sender_core_pct",
        )), "có" if part["held"] else "không"]  # fmt: skip
        parts.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, *parts]) + "\n"


def main() -> None:
    told = json.loads((RESULTS / "fleet.json").read_text("utf-8"))
    text = PAGE.read_text("utf-8")
    assert PLACE.search(text), PAGE
    PAGE.write_text(PLACE.sub(lambda found: found[1] + table(told) + found[2], text), "utf-8")


if __name__ == "__main__":
    main()
