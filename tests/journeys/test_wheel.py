"""A stranger installs the wheel into an empty environment: `bangtin init`, `bangtin check`, `bangtin demo`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def run(*words: object, cwd: Path, limit: float = 300) -> str:
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "DISPLAY", "VIRTUAL_ENV")}
    done = subprocess.run(list(map(str, words)), cwd=cwd, env=env, capture_output=True, text=True, timeout=limit)
    assert done.returncode == 0, f"{words}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_wheel_works_in_an_empty_environment(tmp_path: Path) -> None:
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("bangtin-*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    run(tmp_path / "venv/bin/pip", "install", "-q", f"{wheel}[hub]", cwd=tmp_path, limit=600)
    bangtin = tmp_path / "venv/bin/bangtin"
    answers = ["--code", "12345", "--name", "xã An Bình", "--province", "tỉnh Mẫu", "--phone", "0299 000 0000",
               "--site", "https://anbinh.example", "--author", "A", "--approver", "B", "--duty", "C"]  # fmt: skip
    run(bangtin, "init", "xa", "--no-passphrase", *answers, cwd=tmp_path)
    assert "Tốt" in run(bangtin, "check", "--dir", "xa", cwd=tmp_path)
    for verb, who in (("submit", "p1"), ("approve", "p2")):
        run(bangtin, verb, "--all", "--as", who, "--yes", "--dir", "xa", cwd=tmp_path)
    run(bangtin, "publish", "--dir", "xa", cwd=tmp_path)
    assert (tmp_path / "xa/publication/index.html").read_text("utf-8").count("Xã An Bình")
    told = run(bangtin, "demo", "--headless", "--for", 3, cwd=tmp_path)
    assert "Sẵn sàng" in told and (tmp_path / "demo/anh-bang.png").stat().st_size > 10_000
