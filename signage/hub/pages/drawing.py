"""Templates: one Jinja environment, escaped, strict, and what every page is given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from ...errors import Problem, remedy, sentence
from ..alarms import Level
from ..people.roles import ROLES_VI, Role
from . import words

if TYPE_CHECKING:
    from .shell import Menu
    from .visit import Visit

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # browsers send no Origin with a form under `no-referrer`
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
TROUBLE = {
    400: "Máy chủ không hiểu điều trình duyệt gửi",
    401: "Cần đăng nhập",
    403: "Không được phép",
    404: "Không có trang này",
    405: "Địa chỉ này không nhận kiểu yêu cầu ấy",
    409: "Chưa làm được",
    413: "Gửi nhiều quá",
    422: "Có chỗ chưa đúng",
    500: "Máy chủ gặp lỗi; người quản trị xem nhật ký của chương trình",
    503: "Máy chủ đang bận hoặc chưa đọc được sổ",
}


class Drawing:
    """Makes pages from templates."""

    def __init__(self, menu: Sequence[Menu], said: dict[str, str]) -> None:
        self._menu, self._said = menu, said
        self.templates = _templates()

    def page(self, visit: Visit, template: str, status: int, values: dict[str, Any]) -> Response:
        """A page with the header and the menu of who asks."""
        known = visit.known
        viewer = known.account.as_viewer() if known else None
        given = {
            "now": visit.now, "org": "", "sample": False, "here": visit.request.url.path, "viewer": viewer,
            "csrf": known.session.csrf if known else "",
            "menu": [one for one in self._menu if viewer and viewer.role.covers(one.least)], "live": "",
            "said": self._said.get(visit.query("xong"), ""),
        }  # fmt: skip
        return HTMLResponse(self.templates.get_template(template).render(given | values), status)

    def trouble(self, visit: Visit, status: int, told: str = "") -> Response:
        """A page that says why there is not the one that was asked for; JSON for programs."""
        title = TROUBLE.get(status, "Không làm được")
        if told == _usual(status):
            told = ""
        if not visit.wants_page and status != 404:
            return JSONResponse({"v": 1, "ok": False, "message": told or title}, status)
        return self.page(visit, "trouble.html", status, {"title": title, "told": told, "status": status})


def _usual(status: int) -> str:
    """The words that Starlette puts where nobody gave any."""
    return str(HTTPException(status).detail)


def _templates() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {
        "plain": words.plain,
        "local": words.local,
        "span": words.span,
        "clock": words.clock,
        "told": _told,
    }
    made.globals |= {"words": words, "Level": Level, "Role": Role, "ROLES": ROLES_VI, "token": _token}
    return made


@jinja2.pass_context
def _token(context: jinja2.runtime.Context) -> Markup:
    """The hidden field of every form: which log-in it is from."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(context["csrf"])


def _told(problem: Problem) -> str:
    """What is wrong in a form, and what to type."""
    values = {"file": problem.file, "field": problem.field or "", **problem.values}
    return f"{sentence(problem.code, **values)} {remedy(problem.code, **values)}".strip()
