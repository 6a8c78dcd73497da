"""Who comes in: tokens that stand, what they are for, how often; and that an error tells nothing that it should not."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from api import tokens
from api.door import needs
from api.pace import MOST_OF_A_TOKEN, MOST_OF_STRANGERS
from api.problems import KINDS, MIMETYPE
from api.tables import api_token
from api.tokens import GOES_WITH, CannotMake, Scope
from core import audit
from core.roles import Role
from tests.api.conftest import a_formato
from tests.console.builders import account, is_in


def verbs(app: Flask):
    """(endpoint, method, an address of it) of every verb."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api."):
            url = app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, 1))
            for method in {"GET", "POST"} & set(rule.methods or ()):
                yield rule.endpoint, method, url.removeprefix("/api/v1")


def test_every_verb_says_what_permission_it_takes(app):
    found = list(verbs(app))
    assert len(found) == 15
    for endpoint, _, _ in found:
        assert app.view_functions[endpoint].scope in Scope, endpoint


def test_no_verb_answers_without_a_token(app, stranger):
    for endpoint, method, url in verbs(app):
        answer = stranger().raw(method, url)
        assert answer.status_code == 401, endpoint
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="pregonero"'
        assert answer.mimetype == MIMETYPE


def test_no_verb_answers_to_a_token_of_every_other_permission(app, program):
    for number, (endpoint, method, url) in enumerate(verbs(app)):
        needed = app.view_functions[endpoint].scope
        others = [scope for scope in Scope if needed not in (scope, GOES_WITH.get(scope))]
        assert program(others, name=f"p{number}").raw(method, url).status_code == 403, endpoint


class TestToken:
    def test_it_is_long_and_kept_nowhere(self, db, token):
        written = token()
        assert written.startswith("pregonero_")
        assert len(written) == len("pregonero_") + 43  # 32 bytes in base64, without its padding
        with db.begin() as tx:
            row = tx.execute(select(api_token)).one()
        assert written.encode() not in b"".join(bytes(each) for each in row if isinstance(each, bytes))
        assert written not in str(tuple(row))

    @pytest.mark.parametrize("written", ["pregonero_" + "x" * 43, "otra cosa", "pregonero_", "ñandú \x00"[:-1]])
    def test_what_is_no_token_opens_nothing(self, stranger, token, written):
        token()
        assert stranger(written.encode().decode("latin-1")).get("/campaigns").status_code == 401

    def test_a_revoked_one_is_worth_nothing_from_then_on(self, parts, program):
        system = program()
        assert system.get("/campaigns").status_code == 200
        with parts.db.begin() as tx:
            assert tokens.revoke(tx, parts.clock.now(), "ana@ejemplo.gob.sv", 1)
            assert not tokens.revoke(tx, parts.clock.now(), "ana@ejemplo.gob.sv", 1)
        assert system.get("/campaigns").status_code == 401
        with parts.db.begin() as tx:
            told = [(each["actor"], each["action"]) for each in audit.history(tx, "api_token", 1)]
        assert told == [("ana@ejemplo.gob.sv", "api_token.revoked"), ("ana@ejemplo.gob.sv", "api_token.made")]

    def test_it_expires(self, parts, program):
        system = program(days=1)
        parts.clock.advance(timedelta(hours=23, minutes=59))
        assert system.get("/campaigns").status_code == 200
        parts.clock.advance(timedelta(minutes=1))
        assert system.get("/campaigns").status_code == 401

    def test_the_day_on_which_it_was_last_used_is_known(self, parts, program):
        system = program()
        parts.clock.advance(timedelta(hours=13, minutes=59))  # 23:59 in El Salvador, the next day in UTC
        system.get("/campaigns")
        with parts.db.begin() as tx:
            assert tokens.listed(tx)[0].last_used_on == date(2026, 11, 23)

    @pytest.mark.parametrize(
        ("changed", "told"),
        [
            ({"name": " "}, "Escriba un nombre"),
            ({"name": "x" * 81}, "Escriba un nombre"),
            ({"scopes": []}, "Elija al menos un permiso"),
            ({"scopes": ["campaigns:all"]}, "Elija al menos un permiso"),
            ({"days": 0}, "vencimiento"),
            ({"days": 400}, "vencimiento"),
        ],
    )
    def test_one_that_makes_no_sense_is_not_made(self, token, changed, told):
        with pytest.raises(CannotMake, match=told):
            token(**changed)

    def test_a_name_is_one_programs_for_ever(self, parts, token):
        token(name="SIGES")
        with parts.db.begin() as tx:
            tokens.revoke(tx, parts.clock.now(), "ana@ejemplo.gob.sv", 1)
        with pytest.raises(CannotMake, match="Ya hay o hubo"):
            token(name=" SIGES ")

    def test_it_is_not_read_from_an_address(self, app, token):
        written = token()
        assert app.test_client().get(f"/api/v1/campaigns?access_token={written}").status_code == 401


class TestPace:
    def test_a_minutes_requests_and_no_more(self, parts, program, clock):
        system = program()
        first = system.get("/campaigns").headers
        assert first["RateLimit-Policy"] == f'"minuto";q={MOST_OF_A_TOKEN};w=60'
        assert first["RateLimit"] == f'"minuto";r={MOST_OF_A_TOKEN - 1};t=60'
        assert system.get("/nada").status_code == 404  # no verb, and not counted
        clock.advance(timedelta(seconds=20))
        for _ in range(MOST_OF_A_TOKEN - 1):
            last = system.get("/campaigns/1")
        assert last.status_code == 404
        assert last.headers["RateLimit"] == '"minuto";r=0;t=40'

        refused = system.get("/campaigns")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "40")

        clock.advance(timedelta(seconds=40))
        assert system.get("/campaigns").status_code == 200

    def test_guessing_is_slow_and_closes_the_door_to_nobody_else(self, program, stranger):
        guesses = [stranger(f"pregonero_{n:043}").get("/campaigns").status_code for n in range(MOST_OF_STRANGERS + 1)]
        assert guesses == [401] * MOST_OF_STRANGERS + [429]
        assert program().get("/campaigns").status_code == 200


class TestProblems:
    def test_each_field_that_is_wrong_is_named_in_spanish(self, program):
        answer = program().post("/exclusions", kind="fax", value=7, colour="rojo")
        assert (answer.status_code, answer.mimetype) == (422, MIMETYPE)
        assert answer.json["title"] == "Los datos no son válidos"
        assert answer.json["instance"] == "/api/v1/exclusions"
        assert {each["field"]: each["detail"] for each in answer.json["errors"]} == {
            "cause": "Falta.",
            "colour": "Este campo no existe.",
            "kind": "Debe ser uno de: document, phone.",
            "value": "Debe ser un texto, sin el carácter nulo.",
        }

    @pytest.mark.parametrize(
        ("query", "field"),
        [("limit=0", "limit"), ("limit=201", "limit"), ("cursor=x", "cursor"), ("estate=running", "estate")],
    )
    def test_so_is_each_parameter(self, program, query, field):
        answer = program().get(f"/campaigns?{query}")
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)

    @pytest.mark.parametrize(
        ("method", "where", "options", "status"),
        [
            ("GET", "/nada", {}, 404),
            ("GET", "/campaigns/0", {}, 404),
            ("GET", f"/campaigns/{2**63}", {}, 404),
            ("GET", f"/campaigns/{2**63 - 1}", {}, 404),
            ("DELETE", "/campaigns", {}, 405),
            ("POST", "/campaigns", {}, 422),
            ("POST", "/exclusions", {"data": "{", "content_type": "application/json"}, 400),
            ("POST", "/exclusions", {"data": "[1]", "content_type": "application/json"}, 422),
            ("POST", "/exclusions", {"data": "kind=phone", "content_type": "text/plain"}, 415),
            ("POST", "/exclusions", {"data": "x" * 300_000, "content_type": "application/json"}, 413),
        ],
    )
    def test_every_error_is_a_problem(self, program, method, where, options, status):
        answer = program().raw(method, where, **options)
        assert (answer.status_code, answer.mimetype) == (status, MIMETYPE)
        assert set(answer.json) >= {"type", "title", "status", "detail", "instance"}
        assert answer.json["status"] == status
        assert ("Allow" in answer.headers) == (status == 405)

    @pytest.mark.parametrize("sign", ["\\u0000", "\\ud800"], ids=["nul", "half a letter"])
    def test_a_sign_that_the_database_refuses_is_refused_before(self, program, sign):
        body = f'{{"kind": "phone", "value": "7123-4567", "cause": "carta{sign}"}}'
        answer = program().raw("POST", "/exclusions", data=body, content_type="application/json")
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "cause")

    def test_a_file_may_be_called_anything(self, program):
        answer = program().send("/campaigns", a_formato(), 'a\t"<b>\u202e.csv')
        assert answer.status_code == 202

    @pytest.mark.parametrize("key", ["", "con espacio", "ñ", "x" * 256])
    def test_a_key_is_short_and_plain(self, program, key):
        answer = program().send("/campaigns", a_formato(), **{"Idempotency-Key": key})
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "Idempotency-Key")

    def test_a_failure_of_ours_tells_nothing_of_itself(self, app, program, monkeypatch):
        @needs(Scope.CAMPAIGNS_READ)
        def fails(campaign_id: int) -> None:
            raise ZeroDivisionError("03045678-9")

        monkeypatch.setitem(app.view_functions, "api.campaigns.status", fails)
        answer = program().get("/campaigns/1")
        assert (answer.status_code, answer.mimetype) == (500, MIMETYPE)
        assert "ZeroDivision" not in answer.text
        assert "03045678" not in answer.text

    def test_what_somebody_wrote_into_an_address_is_not_said_back(self, program):
        assert "03045678" not in program().get("/personas/03045678-9").text

    def test_the_type_of_a_problem_explains_it(self, app):
        browser = app.test_client()
        for kind in KINDS:
            assert kind.title in browser.get(f"/api/problems/{kind.slug}").text
        assert browser.get("/api/problems/otra").status_code == 404


class TestConsole:
    def test_a_token_does_not_open_the_console(self, app, token):
        headers = {"Authorization": f"Bearer {token()}"}
        answer = app.test_client().get("/campanas", headers=headers)
        assert (answer.status_code, answer.location.split("?")[0]) == (302, "/entrar")

    def test_a_session_does_not_open_the_api(self, app, db, clock):
        browser = app.test_client()
        is_in(browser, db, account(db, clock, Role.ADMIN))
        assert browser.get("/campanas").status_code == 200
        assert browser.get("/api/v1/campaigns").status_code == 401

    def test_no_form_token_is_asked_for_and_no_cookie_is_set(self, app, program):
        app.config["WTF_CSRF_ENABLED"] = True
        answer = program().send("/campaigns", a_formato())
        assert answer.status_code == 202
        assert "Set-Cookie" not in answer.headers
