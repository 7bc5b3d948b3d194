"""`bangtin.toml` and `people.toml`: read once, checked whole, all problems at once.

A commune's folder:

    bangtin.toml people.toml        settings; on the office's machine, never in the shared folder
    content/                        notices, pages, pictures; content/so-duyet/ the review book
    keys/                           private keys, 0600 (never in git)
    publication/                    what is served: the website, and board/ for the boards
    state/                          can be made again
"""

from .model import Board, Commune, DaysOff, Hamlet, Member, Settings, SharedFolder
from .reading import PEOPLE_FILE, SETTINGS, load

__all__ = [
    "PEOPLE_FILE", "SETTINGS",
    "Board", "Commune", "DaysOff", "Hamlet", "Member", "Settings", "SharedFolder", "load",
]  # fmt: skip
