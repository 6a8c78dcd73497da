"""The door of every screen: closed unless a view says that it is open, and to which roles."""

from collections.abc import Callable
from typing import Any

from flask import abort, current_app, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from campaigns.approval import APPROVERS
from cases.registers.follow_up import REGISTER_KEEPERS
from console.accounts import Account, find_account
from console.addresses import read_number
from console.office import office
from core.roles import Role

View = Callable[..., Any]

UPLOADERS = frozenset({Role.COORDINADOR, Role.PROFESIONAL_LINEA, Role.SUPERVISOR, Role.MISIONAL, Role.ADMIN})
CAMPAIGNS = UPLOADERS | APPROVERS
CASES = frozenset({Role.OPERADOR, Role.COORDINADOR, Role.SUPERVISOR, Role.TECNICO, Role.DIRECTOR, Role.ADMIN})
DESK = frozenset({Role.OPERADOR, Role.SUPERVISOR, Role.COORDINADOR, Role.TECNICO, Role.DIRECTOR, Role.ADMIN})
DIRECTORY_KEEPERS = DESK - {Role.DIRECTOR}  # whoever attends takes part in keeping it (R85)
AT_THE_DESK = frozenset({Role.OPERADOR, Role.SUPERVISOR, Role.COORDINADOR})  # they take calls
OVERSEES = frozenset({Role.SUPERVISOR, Role.COORDINADOR, Role.DIRECTOR})  # the last only looks
REPORTERS = OVERSEES | {Role.ADMIN}  # they look at the calls of all lines (R23)
REGISTERS = frozenset({*REGISTER_KEEPERS, Role.DIRECTOR, Role.ADMIN})  # they read what was written of a day (R86)
TASKS = CASES | REGISTERS  # they may have something to do by a time: of a case, or of what they wrote down
EVERYONE = frozenset(Role)


class Visitor(UserMixin):
    """An account as Flask-Login knows it."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.email, self.name, self.role = account.email, account.name, account.role

    def get_id(self) -> str:
        return f"{self.account.id}.{self.account.stamp}"

    @property
    def sees_all_campaigns(self) -> bool:
        """A requesting area sees what it handed in, and nothing else (R82)."""
        return self.role is not Role.MISIONAL


def open_to_all(view: View) -> View:
    """Nobody has to be signed in for this view."""
    view.roles = None  # type: ignore[attr-defined]
    return view


def requires(*roles: Role) -> Callable[[View], View]:
    """Only these roles may use the view; any other is told so with a 403."""

    def marked(view: View) -> View:
        view.roles = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return marked


def guard() -> Response | None:
    """Runs before every view of this room. A view that says nothing is closed to everyone."""
    view = current_app.view_functions.get(request.endpoint or "")
    roles: frozenset[Role] | None = getattr(view, "roles", frozenset())
    if roles is None or (request.endpoint or "").endswith(".static"):
        return None
    if not current_user.is_authenticated:
        return _to_sign_in()
    if current_user.role not in roles:
        abort(403)
    return None


def _to_sign_in() -> Response:
    # A page that was asked for is come back to; what was sent to one has to be sent again.
    wanted = request.full_path.rstrip("?") if request.method == "GET" and not request.headers.get("X-Part") else None
    return redirect(url_for("console.sign_in.page", sigue=wanted if wanted != "/" else None))


def page_after(role: Role) -> str:
    """The page of a campaign that nobody has approved: a requesting area's is its request's, and not the review."""
    return "console.requests.one" if role is Role.MISIONAL else "console.review.page"


def load_visitor(kept: str) -> Visitor | None:
    """The account of a session, unless it was disabled since, be it enabled again, or its password changed."""
    written, _, stamp = kept.partition(".")
    number = read_number(written)
    if number is None:
        return None
    if g.get("visitor_is_unknown"):
        return None  # the page that tells of a database that is gone must not ask it again
    g.visitor_is_unknown = True
    with office().db.begin() as tx:
        account = find_account(tx, number)
    g.visitor_is_unknown = False
    return Visitor(account) if account and account.stamp == stamp else None


def login_manager() -> LoginManager:
    manager = LoginManager()
    manager.session_protection = "basic"
    manager.user_loader(load_visitor)
    return manager
