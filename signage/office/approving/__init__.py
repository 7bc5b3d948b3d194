"""`bangtin approve --web`: a page on the approver's own machine, for as long as one person looks and signs.

`session` knows what may be signed and signs it; `server` lets one browser at it and nobody else.
"""

from .server import Server
from .session import Approver, Session

__all__ = ["Approver", "Server", "Session"]
