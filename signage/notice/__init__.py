"""What an officer wrote, where it may appear, until when; all its problems at once.

vocabulary   kinds, classes, categories, risk levels: the words of the field, as data
model        `Notice` and its parts
header       lines of a file → named fields with their line numbers
timing       hours, weekdays and yearly windows, as officers write them
reading      fields → `Notice`, with every problem found
written      the file's lines as typed; a template's blanks that are not filled in
hints        what is allowed and better done otherwise; `privacy` has those about people
canonical    the one text that is signed, and its digest

Each is loaded when a name of it is first asked for: a board starts with the vocabulary, and reads no notice.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .canonical import SourceFile, canonical_text, digest
    from .model import Alert, Document, Notice, Picture, Signer
    from .reading import Places, Reading, parse, read_all, read_file
    from .vocabulary import CATEGORIES, CLASSES, KINDS, LEVELS
else:

    def __getattr__(name: str) -> object:
        """What `from signage.notice import name` finds, in the lightest part that has it."""
        if name in __all__:
            for part in ("vocabulary", "canonical", "model", "reading"):
                if hasattr(module := import_module(f".{part}", __name__), name):
                    return getattr(module, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "CATEGORIES", "CLASSES", "KINDS", "LEVELS",
    "Alert", "Document", "Notice", "Picture", "Places", "Reading", "Signer", "SourceFile",
    "canonical_text", "digest", "parse", "read_all", "read_file",
]  # fmt: skip
