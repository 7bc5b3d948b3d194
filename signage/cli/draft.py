"""`bangtin draft`: a Word file, a PDF or a poster becomes the draft of a notice, with what is still to fill in."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadInput, Problem
from ..schedule import VIETNAM_TIME
from ..settings import load
from . import output
from .verbs import in_commune

if TYPE_CHECKING:
    from ..office.drafting.draft import Draft


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "tệp Word (.docx), PDF, áp phích thành bản nháp thông báo; chỗ nào thiếu thì hỏi"
    verb = verbs.add_parser("draft", help=words, description=words)
    verb.add_argument("files", nargs="+", type=Path, metavar="TỆP", help=".docx, .pdf, .doc, .odt, .jpg, .png, .webp")
    verb.add_argument(
        "--output", type=Path, default=None, help="thư mục nhận bản nháp (mặc định: content/thong-bao/NĂM)"
    )
    in_commune(verb)
    verb.set_defaults(run=_draft)


def _draft(args: argparse.Namespace) -> int:
    """Each file by itself: one that is refused keeps no other from its draft, and makes the exit code 1."""
    from ..office.drafting.draft import draft

    settings, now = load(args.dir), datetime.now(UTC)
    folder = args.output or settings.content / "thong-bao" / f"{now.astimezone(VIETNAM_TIME):%Y}"
    refused: list[Problem] = []
    for file in args.files:
        try:
            found = draft(file, settings, now)
            path = lay(found, folder, file.name)
        except BadInput as error:
            refused += error.problems
            continue
        _tell(args, found, path)
    if refused:
        raise BadInput(refused)
    return 0


def lay(found: Draft, folder: Path, source: str) -> Path:
    """Writes a draft and what lies beside it, the notice last; raises `BadInput` (`draft-exists`) over any file."""
    from .. import durable

    files = {**found.files, f"{found.name}.md": found.markdown}
    taken = [{"name": name, "folder": str(folder)} for name in files if (folder / name).exists()]
    if taken:
        raise BadInput(Problem("draft-exists", source, values=values) for values in taken)
    for name, data in files.items():
        durable.write(folder / name, data)
    return folder / f"{found.name}.md"


def _tell(args: argparse.Namespace, found: Draft, path: Path) -> None:
    output.say(args, f"Đã soạn nháp {path}", f"Drafted {path}")
    for name in found.files:
        output.say(args, f"  kèm tệp {name}", f"  with {name}")
    output.problems([*found.warnings, *found.questions], args)
    output.say(args, f"Còn {len(found.questions)} dòng cần điền. Điền xong chạy: bangtin check {path}",
               f"{len(found.questions)} lines to fill in. Then: bangtin check {path}")  # fmt: skip
