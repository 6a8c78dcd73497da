"""Ajustes › Accesos de sistemas: made and shown once, listed without the token, taken back."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from api.tables import api_token
from campaigns.approval import SUPERVISORS
from core.roles import Role
from tests.console.builders import account, is_in

HERE = "/ajustes/accesos"
NEW = {"nombre": "SIGES", "area": "Becas", "permisos": ["campaigns:read", "campaigns:submit"], "vence": "2026-12-31"}


@pytest.fixture
def as_role(app: Flask, db, clock) -> Callable[[Role], FlaskClient]:
    app.config["WTF_CSRF_ENABLED"] = False

    def signed_in(role: Role) -> FlaskClient:
        browser = app.test_client()
        is_in(browser, db, account(db, clock, role))
        return browser

    return signed_in


def test_each_role_finds_it_or_does_not(as_role):
    for role in Role:
        browser = as_role(role)
        may = role in SUPERVISORS
        assert browser.get(HERE).status_code == (200 if may else 403), role
        assert browser.post(HERE, data=NEW | {"nombre": role.value}).status_code == (200 if may else 403), role
        assert browser.post(f"{HERE}/99/retirar").status_code == (302 if may else 403), role


def test_a_token_is_shown_once_and_opens_what_it_says(app, as_role, db):
    supervisor = as_role(Role.SUPERVISOR)
    page = supervisor.post(HERE, data=NEW)
    (written,) = re.findall(r"pregonero_[\w-]{43}", page.text)
    assert page.headers["Cache-Control"] == "no-store"

    again = supervisor.get(HERE).text
    assert "SIGES" in again and "Becas" in again and "Nunca" in again
    assert written not in again

    program = app.test_client()
    bearer = {"Authorization": f"Bearer {written}"}
    assert program.get("/api/v1/campaigns", headers=bearer).status_code == 200
    assert program.get("/api/v1/exclusions", headers=bearer).status_code == 403
    assert "23/11/2026" in supervisor.get(HERE).text
    with db.begin() as tx:
        row = tx.execute(select(api_token)).one()
    assert (row.area, row.made_by) == ("Becas", "supervisor@ejemplo.gob.sv")
    assert row.expires_at.isoformat() == "2027-01-01T06:00:00+00:00"  # the end of the day in El Salvador

    gone = supervisor.post(f"{HERE}/1/retirar", follow_redirects=True).text
    assert "Desde este momento ese acceso no sirve." in gone
    assert "retirado" in gone
    assert program.get("/api/v1/campaigns", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"nombre": " "}, "Escriba un nombre"),
        ({"permisos": []}, "Elija al menos un permiso"),
        ({"permisos": ["todo"]}, "Elija al menos un permiso"),
        ({"permisos": ["campaigns:supervise"]}, "va con"),
        ({"vence": ""}, "Escriba hasta qué día vale"),
        ({"vence": "2026-11-22"}, "El vencimiento debe estar"),
        ({"vence": "2028-01-01"}, "El vencimiento debe estar"),
        ({"vence": "9999-12-31"}, "Escriba hasta qué día vale"),
    ],
)
def test_what_makes_no_sense_is_not_made(as_role, db, wrong, told):
    answer = as_role(Role.ADMIN).post(HERE, data=NEW | wrong)
    assert answer.status_code == 422
    assert told in answer.text
    assert "No se creó nada." in answer.text
    with db.begin() as tx:
        assert tx.execute(select(api_token)).all() == []


def test_text_of_a_person_is_text(as_role):
    shown = as_role(Role.ADMIN).post(HERE, data=NEW | {"nombre": "<script>alert(1)</script>"}).text
    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;" in shown
