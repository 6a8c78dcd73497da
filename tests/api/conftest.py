"""The whole application on a real database, and programs that come to it with a token."""

from collections.abc import Callable, Collection
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api import tokens
from api.tokens import Scope
from app import create_app
from assembly import Parts
from campaigns.importing import import_campaign
from demo.invent import citizen, formato

AREA = "Departamento de Operaciones"  # as the invented Formato writes it
V1 = "/api/v1"


class Program:
    """Somebody else's system: an HTTP client with a token, or without one."""

    def __init__(self, client: FlaskClient, token: str | None) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, where: str, **headers: str) -> TestResponse:
        return self._client.get(f"{V1}{where}", headers=self._headers | headers)

    def post(self, where: str, **body: Any) -> TestResponse:
        return self._client.post(f"{V1}{where}", json=body, headers=self._headers)

    def raw(self, method: str, where: str, **options: Any) -> TestResponse:
        options["headers"] = self._headers | options.get("headers", {})
        return self._client.open(f"{V1}{where}", method=method, **options)

    def send(self, where: str, data: bytes, name: str = "formato.csv", **headers: str) -> TestResponse:
        body = {"file": (BytesIO(data), name)}
        return self._client.post(f"{V1}{where}", data=body, headers=self._headers | headers)


@pytest.fixture
def app(parts: Parts) -> Flask:
    made = create_app(parts)
    made.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    return made


@pytest.fixture
def token(parts: Parts) -> Callable[..., str]:
    """Makes a token, of every permission and area unless told otherwise."""

    def made(
        scopes: Collection[str] = tuple(Scope), area: str | None = None, name: str = "SIGES", days: int = 30
    ) -> str:
        now = parts.clock.now()
        with parts.db.begin() as tx:
            args = (tx, parts.vault, now, "ana@ejemplo.gob.sv", name, area, scopes)
            return tokens.make(*args, now + timedelta(days=days))

    return made


@pytest.fixture
def program(app: Flask, token: Callable[..., str]) -> Callable[..., Program]:
    """A program with a token of its own (see ``token``)."""
    return lambda *args, **options: Program(app.test_client(), token(*args, **options))


@pytest.fixture
def stranger(app: Flask) -> Callable[..., Program]:
    """A program that was given no token, or writes this one."""
    return lambda written=None: Program(app.test_client(), written)


@pytest.fixture
def import_now(parts: Parts) -> Callable[[int], None]:
    """What the worker does with a file that was received."""

    def imported(number: int) -> None:
        import_campaign(parts.db, parts.vault, parts.clock, parts.campaign_lines, number)

    return imported


def a_formato(people: int = 3, first: int = 0, **fields: str) -> bytes:
    return formato([citizen(number) for number in range(first, first + people)], **fields)
