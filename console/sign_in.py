"""Coming in and going out."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField, SubmitField
from wtforms.validators import InputRequired, Length

from console.access import EVERYONE, Visitor, open_to_all, requires
from console.accounts import LONGEST_PASSWORD, check_sign_in, wait_of
from console.menu import places
from console.office import office
from console.settings.tabs import settings_tabs

screen = Blueprint("sign_in", __name__)

#: The same whatever failed: it tells nobody which e-mails there are. So does the wait: it is told of any e-mail.
REFUSED = "El correo o la contraseña no son correctos. Después de varios intentos fallidos hay que esperar 15 minutos."


def told_to_wait(wait: timedelta) -> str:
    """Whole minutes, upwards."""
    minutes = -(-wait // timedelta(minutes=1))
    return (
        f"Por varios intentos fallidos, espere {minutes} {'minuto' if minutes == 1 else 'minutos'} y pruebe otra vez."
    )


class SignInForm(FlaskForm):
    email = EmailField("Correo", validators=[InputRequired("Escriba su correo."), Length(max=254)])
    password = PasswordField(
        "Contraseña", validators=[InputRequired("Escriba su contraseña."), Length(max=LONGEST_PASSWORD)]
    )
    submit = SubmitField("Entrar")


@screen.route("/entrar", methods=["GET", "POST"])
@open_to_all
def page() -> str | Response | tuple[str, int]:
    if current_user.is_authenticated:
        return redirect(_wanted())
    form = SignInForm()
    if not form.is_submitted():
        return render_template("console/sign_in.html", form=form)
    if form.validate():
        here = office()
        address = request.remote_addr or ""
        given = (form.email.data or "", form.password.data or "")
        account = check_sign_in(here.db, here.vault, here.clock.now(), *given, address)
        if account:
            session.clear()  # what an earlier visitor left here is not theirs
            session.permanent = True
            login_user(Visitor(account))
            return redirect(_wanted())
        wait = wait_of(here.db, here.vault, here.clock.now(), given[0], address)
        form.password.errors = [told_to_wait(wait) if wait else REFUSED]
    return render_template("console/sign_in.html", form=form), 401


@screen.post("/salir")
@requires(*EVERYONE)
def leave() -> Response:
    logout_user()
    session.clear()
    return redirect(url_for("console.sign_in.page"))


@screen.get("/")
@requires(*EVERYONE)
def home() -> str | Response:
    """The first place of whoever comes in."""
    mine = places()
    return redirect(url_for(mine[0][1])) if mine else render_template("console/no_places.html")


@screen.get("/ajustes")
@requires(*EVERYONE)
def settings() -> Response:
    """The first page of that place which is the visitor's."""
    tabs = settings_tabs()
    if not tabs:
        abort(403)
    return redirect(url_for(tabs[0][1]))


def _wanted() -> str:
    """Where the visitor was going: a page of ours, or home."""
    wanted = request.args.get("sigue", "")
    parts = urlsplit(wanted)
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return wanted if is_ours and "\\" not in wanted else url_for("console.sign_in.home")
