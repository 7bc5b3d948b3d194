"""`signage/README.md` is the law of who may import whom; this test reads it and holds the code against it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "signage"
MAP = (PACKAGE / "README.md").read_text("utf-8")
LONGEST_MODULE = 300  # lines
LONGEST_FUNCTION = 60  # lines
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base"}
BOARD_NEVER = {"pelican", "PIL", "starlette", "uvicorn", "jinja2", "markdown", "watchdog"}
NO_IO = {"open", "pathlib", "os", "socket", "requests", "shutil", "subprocess", "tempfile"}


def table(heading: str) -> list[list[str]]:
    section = MAP.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


LAYER = {name: int(row[0]) for row in table("Layers") for name in re.findall(r"`(\w+)`", row[1])}
ONLY = {m[0].strip("`"): m[1].strip("`") for m in table("Rules of absence")}
PURE = re.findall(r"`([\w.]+)`", MAP.split("are given `now`:", 1)[1])


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] != "sample":
            yield ".".join(p for p in parts if p != "__init__"), path


def imports(name: str, path: Path) -> Iterator[str]:
    """Everything that a module imports, wherever in it, with our own names as `signage.x.y`."""
    package = ["signage", *name.split(".")] if name else ["signage"]
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            stem = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*stem, node.module] if node.module else stem)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def top(name: str) -> str:
    return name.removeprefix("signage.").split(".")[0]


def test_every_module_is_on_the_map() -> None:
    found = {name.split(".")[0] for name, _ in modules()} - {"", "__main__"}
    assert found == set(LAYER)


def test_imports_go_down_only() -> None:
    wrong = []
    for name, path in modules():
        mine = name.split(".")[0]
        if mine in ("", "__main__"):
            continue
        for target in imports(name, path):
            other = top(target)
            if target.startswith("signage.") and other in LAYER and other != mine and LAYER[other] <= LAYER[mine]:
                wrong.append(f"{name} imports {other}")
    assert not wrong


def test_devices_have_one_module_each() -> None:
    users: dict[str, set[str]] = {device: set() for device in ONLY.values()}
    for name, path in modules():
        for target in imports(name, path):
            if (device := target.split(".")[0]) in users:
                users[device].add(name)
    for module, device in ONLY.items():
        others = {user for user in users[device] if user != module and not user.startswith(f"{module}.")}
        assert not others, f"{device} is for {module} alone"


def test_the_board_stays_small() -> None:
    for name, path in modules():
        if name.split(".")[0] == "board":
            assert not {t.split(".")[0] for t in imports(name, path)} & BOARD_NEVER, name


def test_pure_modules_do_no_io() -> None:
    paths = dict(modules())
    for name in PURE:
        tree = ast.parse(paths[name].read_text("utf-8"))
        used = {t.split(".")[0] for t in imports(name, paths[name])}
        calls = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        clocks = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)} & {"utcnow", "monotonic", "today"}
        now = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr == "now"]
        assert not (used | calls) & NO_IO, name
        assert not clocks and not now, f"{name} looks at a clock"


def test_modules_and_functions_stay_small() -> None:
    long = []
    for name, path in modules():
        text = path.read_text("utf-8")
        if text.count("\n") > LONGEST_MODULE:
            long.append(f"{name}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or 0) - node.lineno
                if size > LONGEST_FUNCTION:
                    long.append(f"{name}.{node.name}: {size} lines")
    assert not long


def test_modules_are_named_for_a_thing() -> None:
    assert not [name for name, _ in modules() if name.split(".")[-1] in FORBIDDEN_NAMES]


def test_every_module_says_what_it_is() -> None:
    assert not [n for n, p in modules() if not ast.get_docstring(ast.parse(p.read_text("utf-8")))]
