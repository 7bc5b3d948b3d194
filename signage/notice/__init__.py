"""What an officer wrote, where it may appear, until when; all its problems at once.

vocabulary   kinds, classes, categories, risk levels: the words of the field, as data
model        `Notice` and its parts
header       lines of a file → named fields with their line numbers
timing       hours, weekdays and yearly windows, as officers write them
reading      fields → `Notice`, with every problem found
canonical    the one text that is signed, and its digest
"""

from .canonical import SourceFile, canonical_text, digest
from .model import Alert, Document, Notice, Picture, Signer
from .reading import Places, Reading, parse, read_all, read_file
from .vocabulary import CATEGORIES, CLASSES, KINDS, LEVELS

__all__ = [
    "CATEGORIES", "CLASSES", "KINDS", "LEVELS",
    "Alert", "Document", "Notice", "Picture", "Places", "Reading", "Signer", "SourceFile",
    "canonical_text", "digest", "parse", "read_all", "read_file",
]  # fmt: skip
