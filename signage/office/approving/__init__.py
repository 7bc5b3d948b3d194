"""`bangtin approve --web`, `submit --web`: a page on a person's own machine, while that one person looks and signs.

`sitting` is what approver and author have in common; `session` knows what an approver may sign (`office.submitting`
what an author may); `server` lets one browser at it, through the `door`, and nobody else.
"""

from .server import Server
from .session import Session
from .sitting import Signer, Sitting, Words

__all__ = ["Server", "Session", "Signer", "Sitting", "Words"]
