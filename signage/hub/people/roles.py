"""What a role may, and which communes a person sees: pure, and asked before anything is told or changed.

auditor    reads; whatever it sends is refused, and the refusal is written down
operator   acknowledges, sets maintenance, keeps the fleet in order
admin      all of it, and people: those whose communes are among its own
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, true


class Role(StrEnum):
    """As the store has it; ordered by what it may."""

    AUDITOR = "auditor"
    OPERATOR = "operator"
    ADMIN = "admin"

    def covers(self, least: Role) -> bool:
        """Whether it may all that `least` may."""
        return _ORDER.index(self) >= _ORDER.index(least)


_ORDER = (Role.AUDITOR, Role.OPERATOR, Role.ADMIN)
ROLES_VI = {Role.AUDITOR: "Người xem", Role.OPERATOR: "Người vận hành", Role.ADMIN: "Người quản trị"}
ROLES_SAY_VI = {
    Role.AUDITOR: "chỉ đọc, không đổi được gì",
    Role.OPERATOR: "ghi nhận cảnh báo, đặt giờ bảo trì, quản các bảng",
    Role.ADMIN: "làm được mọi việc, kể cả tài khoản",
}


@dataclass(frozen=True)
class Viewer:
    """Who looks, and where it may. `communes` None: all of them, also those that come later."""

    account: int
    name: str
    full_name: str
    role: Role
    communes: frozenset[str] | None = None

    def may_see(self, commune: str) -> bool:
        """Whether anything of this commune may be told to it."""
        return self.communes is None or commune in self.communes

    def may_act(self, commune: str, least: Role = Role.OPERATOR) -> bool:
        """Whether it may change something of this commune."""
        return self.role.covers(least) and self.may_see(commune)

    def may_manage(self, communes: frozenset[str] | None) -> bool:
        """Whether an account with these communes is its to make or to change: nobody hands out more than it has."""
        if self.role is not Role.ADMIN or communes is None:
            return self.role is Role.ADMIN and self.communes is None
        return self.communes is None or communes <= self.communes

    def sees(self, commune: ColumnElement[Any]) -> ColumnElement[bool]:
        """The same for SQL: `select(t.board).where(viewer.sees(t.board.c.commune))`."""
        return true() if self.communes is None else commune.in_(sorted(self.communes))
