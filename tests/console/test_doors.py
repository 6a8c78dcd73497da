"""Guards: every screen asks for a sign-in, each role finds only its part, and the browser is told what not to do."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console.access import CAMPAIGNS, CASES
from core.database import Database
from core.roles import Role
from tests.console.builders import PASSWORD, account, forty_in_csv, upload
from tests.console.conftest import make_app

OPEN = {"console.sign_in.page", "console.static"}


def screens(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, an address of it)."""
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("console.") or rule.endpoint in OPEN:
            continue
        numbers = {name: 1 for name in rule.arguments} | {"name": "aprobar", "kind": "xlsx"}
        url = app.url_map.bind("localhost").build(rule.endpoint, {n: numbers[n] for n in rule.arguments})
        for method in {"GET", "POST"} & set(rule.methods or ()):
            yield rule.endpoint, method, url


def test_every_screen_asks_for_a_sign_in(app: Flask, client: FlaskClient):
    found = list(screens(app))
    assert len(found) > 20
    for endpoint, method, url in found:
        answer = client.open(url, method=method)
        assert answer.status_code == 302, (endpoint, method)
        assert answer.location.startswith("/entrar"), endpoint


def test_every_screen_says_which_roles_it_is_for(app: Flask):
    for endpoint, _, _ in screens(app):
        assert getattr(app.view_functions[endpoint], "roles", None), endpoint


@pytest.mark.parametrize("role", list(Role))
def test_a_role_finds_its_part_and_no_other(as_role, role):
    browser = as_role(role)
    menu = browser.get("/telefono").text
    for where, roles in {"/campanas": CAMPAIGNS, "/casos": CASES}.items():
        begins_elsewhere = role is Role.MISIONAL and where == "/campanas"  # an area begins at its requests
        at = "/campanas/solicitudes" if begins_elsewhere else where
        answer = browser.get(where)
        assert answer.status_code == (302 if begins_elsewhere else 200 if role in roles else 403), where
        assert answer.location == at if begins_elsewhere else answer.location is None
        assert (f'href="{at}"' in menu) == (role in roles), where
    assert browser.get("/casos/bloqueos").status_code == (200 if role in CASES - {Role.TECNICO, Role.DIRECTOR} else 403)


@pytest.mark.parametrize("role", list(Role))
def test_everyone_is_received_somewhere(as_role, role):
    answer = as_role(role).get("/", follow_redirects=True)
    assert answer.status_code == 200


def test_settings_typed_by_hand_are_the_first_of_the_visitors_own(as_role):
    assert as_role(Role.ADMIN).get("/ajustes").location == "/ajustes/exclusiones"
    assert as_role(Role.PROFESIONAL_LINEA).get("/ajustes").location == "/ajustes/exclusiones"
    assert as_role(Role.OPERADOR).get("/ajustes").status_code == 403


def test_a_requesting_area_sees_only_what_it_handed_in(app, db, clock, as_role):
    others = upload(as_role(Role.SUPERVISOR), forty_in_csv())
    area = as_role(Role.MISIONAL)
    own = upload(area, forty_in_csv(nombre_campana="La del área"))

    page = area.get("/campanas", follow_redirects=True).text

    assert "La del área" in page
    assert "Notificación de expediente" not in page
    assert area.get(f"/campanas/{own}/revision").status_code == 200
    for part in ("", "/revision", "/en-vivo", "/vivo", "/contactos", "/resultados.csv", "/observaciones", "/original"):
        assert area.get(f"/campanas/{others}{part}").status_code == 404, part


def test_a_post_from_elsewhere_changes_nothing(office, db, clock):
    """Without the token of our own page."""
    browser = make_app(office, csrf=True).test_client()
    account(db, clock, Role.SUPERVISOR)

    answer = browser.post("/entrar", data={"email": "supervisor@ejemplo.gob.sv", "password": "una frase larga"})

    assert answer.status_code == 400
    assert "No se cambió nada." in answer.text


def test_the_browser_is_told_what_not_to_do(client):
    headers = client.get("/entrar").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "ws://" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_only_the_telephone_may_speak_with_the_carrier(as_role):
    policy = as_role(Role.OPERADOR).get("/telefono").headers["Content-Security-Policy"]
    assert "connect-src 'self' ws://127.0.0.1:8100" in policy


def test_cookies_are_of_no_use_to_scripts_or_other_sites(client, db, clock):
    answer = client.post("/entrar", data={"email": account(db, clock, Role.ADMIN), "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_behind_https_cookies_never_go_in_clear(real_carrier_app, db, clock):
    browser = real_carrier_app.test_client()
    answer = browser.post("/entrar", data={"email": account(db, clock, Role.ADMIN), "password": PASSWORD})
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers


def test_where_calls_are_real_there_is_no_telephone_and_no_band(real_carrier_app, db, clock):
    browser = real_carrier_app.test_client()
    email = account(db, clock, Role.ADMIN)
    browser.post("/entrar", base_url="https://localhost", data={"email": email, "password": PASSWORD})
    page = browser.get("/campanas", base_url="https://localhost").text
    assert "RED TELEFÓNICA LOCAL" not in page
    assert "RELOJ DE ENSAYO" not in page
    assert "/telefono" not in page


def test_the_band_says_that_nothing_is_real(client):
    page = client.get("/entrar").text
    assert "RED TELEFÓNICA LOCAL: ningún teléfono real suena" in page
    assert "RELOJ DE ENSAYO: lunes 23/11/2026 10:00" in re.sub(r"<[^>]*>", "", page)


@pytest.mark.parametrize("where", ["/no-existe", "/campanas/999", "/campanas/999/vivo", "/campanas/1/contactos/5"])
def test_what_is_not_there_is_said_in_plain_words(as_role, where):
    answer = as_role(Role.ADMIN).get(where)
    assert answer.status_code == 404
    assert "Qué hacer" in answer.text


def test_a_carriers_unknown_address_gets_no_page_of_ours(client):
    assert '<html lang="es">' not in client.get("/voice/nothing").text


def test_a_failure_of_ours_is_told_without_a_word_of_what_failed(app, as_role, monkeypatch):
    browser = as_role(Role.ADMIN)
    monkeypatch.setitem(app.jinja_env.filters, "moment", lambda value: 1 / 0)
    upload(browser, forty_in_csv())

    answer = browser.get("/campanas/1/revision")

    assert answer.status_code == 500
    assert "Lo que ya estaba guardado sigue guardado" in answer.text
    assert "ZeroDivision" not in answer.text


def test_without_a_database_there_still_is_a_page_that_says_so(office, as_role):
    signed_in = as_role(Role.ADMIN)
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing")
    browser = make_app(replace(office, db=nowhere)).test_client()
    with signed_in.session_transaction() as session:
        visitor = session["_user_id"]
    with browser.session_transaction() as session:
        session["_user_id"] = visitor

    answer = browser.get("/campanas")

    assert answer.status_code == 503
    assert "La base de datos no contesta." in answer.text
