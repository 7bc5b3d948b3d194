"""docs/threat-model.md claims nothing that no test tries: each test that it names exists."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs/threat-model.md").read_text("utf-8")


def names_in(path: Path) -> set[str]:
    return {n.name for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.FunctionDef)}


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", TEXT)
    assert len(named) > 40
    for file, test in named:
        path = ROOT / (file if "/" in file else f"tests/attacks/{file}")
        assert path.is_file(), file
        assert not test or test in names_in(path), f"{file}::{test}"


def test_no_kind_of_attack_is_left_out() -> None:
    """Every file of attacks stands in it, and every one that the design asks for by name."""
    for path in (ROOT / "tests/attacks").glob("test_*.py"):
        assert f"`{path.name}::" in TEXT, path.name
    for name in (
        "test_office_keys_stolen",
        "test_frozen_repository",
        "test_old_timestamp_replayed",
        "test_slow_retrieval",
    ):
        assert name in TEXT


def test_its_commands_exist() -> None:
    from signage.cli import parser

    verbs = set(next(a.choices for a in parser()._actions if a.choices and "init" in a.choices))
    assert set(re.findall(r"`bangtin ([a-z]+)", TEXT)) <= verbs
