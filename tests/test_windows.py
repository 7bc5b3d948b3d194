"""The Windows script was not run on Windows; what can be held against it here is."""

import re
import shlex
from pathlib import Path

from signage.cli import parser

SCRIPT = Path(__file__).parent.parent / "docs/windows/cai-dat.ps1"
DATA = SCRIPT.read_bytes()
TEXT = DATA.decode("utf-8-sig")


def test_windows_powershell_reads_its_letters() -> None:
    """Version 5.1 takes a script without a byte order mark for the old code page."""
    assert DATA.startswith(b"\xef\xbb\xbf") and b"\n" not in DATA.replace(b"\r\n", b"")


def test_what_it_puts_into_the_start_menu_exists() -> None:
    lines = re.findall(r"Lenh = [\"'](\w[^\"']*)[\"']", TEXT)
    assert len(lines) == 4
    for line in lines:
        args = parser().parse_args([*shlex.split(line.replace("$Nguoi", "p1")), "--dir", "xa"])
        assert str(args.dir) == "xa"


def test_its_signs_are_in_pairs() -> None:
    code = re.sub(r"<#.*?#>|#[^\n]*", "", TEXT, flags=re.DOTALL)
    bare = re.sub(r"`.", "", code)
    bare = re.sub(r"'[^'\n]*'", "", bare)
    bare = re.sub(r'"[^"\n]*"', "", bare)
    assert "'" not in bare and '"' not in bare, "a string that never ends"
    for left, right in ("()", "{}", "[]"):
        assert code.count(left) == code.count(right)


def test_it_asks_for_no_rights_and_touches_nothing_else() -> None:
    """Only its own two folders are removed, and nothing needs an administrator."""
    assert not re.search(r"RunAs|HKLM|ProgramFiles|Set-ExecutionPolicy|Invoke-(?:WebRequest|Expression)", TEXT)
    removed = re.findall(r"Remove-Item[^\n]*", TEXT)
    assert len(removed) == 1 and "$Cho in $Nha, $Menu" in TEXT
