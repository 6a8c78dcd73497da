"""Somebody who is signed in, in a browser without a window."""

import re

from flask import Flask
from flask.testing import FlaskClient

from console.access import Visitor
from console.accounts import add_account, find_account
from core.clock import Clock
from core.database import Database
from core.roles import Role

_TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


def signed_in(app: Flask, db: Database, clock: Clock, email: str, role: Role) -> FlaskClient:
    """A browser of somebody of this role."""
    with db.begin() as tx:
        number = add_account(tx, clock.now(), email, role, "una frase larga", actor="drill")
        found = find_account(tx, number)
    browser = app.test_client()
    assert found
    with browser.session_transaction() as session:
        session["_user_id"] = Visitor(found).get_id()
    return browser


def token_of(browser: FlaskClient, path: str) -> str:
    """What the forms of this session are sent with, from one of a page. Raises SystemExit."""
    found = _TOKEN.search(browser.get(path).text)
    if found is None:
        raise SystemExit(f"{path}: no tiene formulario")
    return found[1]
