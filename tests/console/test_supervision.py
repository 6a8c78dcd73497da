"""Supervisión: who works, who waits, who asks for support, and the ways into a call."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.audit import audit as audit_table
from core.roles import Role
from desk import transfers
from desk.states import LegRole, Presence
from tests.console.conftest import make_app
from tests.console.desk_builders import Centre, Somebody


@pytest.fixture
def boss(centre) -> Somebody:
    return centre.arrives(Role.SUPERVISOR, "boss", state=Presence.DESCANSO)


def joins(centre: Centre, boss: Somebody, room_id: int) -> None:
    assert boss.does(f"/supervision/llamada/{room_id}/escuchar").status_code == 204
    centre.accepts(centre.leg(room_id, LegRole.SUPERVISOR).id)


def test_everybody_and_whoever_waits_longest_first(centre, boss, clock):
    centre.arrives(Role.OPERADOR, "ana", state=Presence.DESCANSO)
    for number in ("+50370000011", "+50370000022", "+50370000033"):
        centre.calls(phone=number)
        clock.advance(timedelta(seconds=30))

    page = boss.sees("/supervision")

    assert "Esperan: 3" in page and "Pausa" in page and ">ana<" in page
    assert page.index("••11") < page.index("••22") < page.index("••33")
    assert "1:30" in page


def test_it_says_that_nobody_at_work_can_take_who_waits_and_takes_it_back_by_itself(centre, boss):
    ana = centre.arrives(Role.OPERADOR, "ana", skills=())
    centre.calls(queue="pin")
    page = boss.sees("/supervision")
    assert page.count("Nadie disponible sabe de PIN") == 1

    stamps = ".".join(re.findall(r'data-stamp="([^"]*)"', page))
    assert boss.browser.get(f"/supervision/vivo?sello={stamps}").status_code == 204
    luz = centre.arrives(Role.OPERADOR, "luz", skills=("PIN",))
    fresh = boss.browser.get(f"/supervision/vivo?sello={stamps}").text
    assert 'id="waits"' in fresh and "Nadie disponible" not in fresh

    for each in (ana, luz):
        each.does("/puesto/estado", estado="FUERA")
    centre.calls(phone="+50370000022")
    page = boss.sees("/supervision")
    assert page.count("Nadie disponible sabe de PIN") == 1 and page.count("Nadie está disponible") == 1


def test_who_asked_for_support_is_first_and_marked(centre, boss, clock):
    rooms: list[int] = []
    for name in ("ana", "beto"):
        centre.arrives(Role.OPERADOR, name)
        rooms.append(centre.talks(phone=f"+5037000{len(rooms):04}"))
        clock.advance(timedelta(minutes=5))
    assert boss.sees("/supervision").index("••00") < boss.sees("/supervision").index("••01")

    with centre.desk.db.begin() as tx:
        transfers.ask_for_support(tx, clock.now(), rooms[1], centre.room(rooms[1]).account_id, "beto@ejemplo.gob.sv")

    page = boss.sees("/supervision")
    assert page.index("••01") < page.index("••00")
    assert page.count("Pide apoyo") == 1


def test_listens_whispers_comes_in_and_takes_over(centre, boss, db):
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks()
    refused = boss.does(f"/supervision/llamada/{room_id}/susurrar")
    assert (refused.status_code, refused.text) == (409, "Todavía no está en la llamada.")

    joins(centre, boss, room_id)
    mine = centre.leg(room_id, LegRole.SUPERVISOR)
    assert mine.wants_mute and boss.state == Presence.EN_LLAMADA
    assert "solo escucha" in boss.sees("/supervision")
    assert boss.does(f"/supervision/llamada/{room_id}/susurrar").status_code == 204
    assert centre.leg(room_id, LegRole.SUPERVISOR).coaches == centre.leg(room_id, LegRole.OPERATOR).sid
    assert boss.does(f"/supervision/llamada/{room_id}/entrar").status_code == 204
    assert not centre.leg(room_id, LegRole.SUPERVISOR).wants_mute
    assert boss.does(f"/supervision/llamada/{room_id}/tomar").status_code == 204

    assert centre.room(room_id).account_id == boss.account_id
    assert ana.state == Presence.POST_LLAMADA
    assert "+503 ••••-••34" in boss.sees("/puesto")
    with db.begin() as tx:
        assert (
            tx.execute(select(audit_table.c.actor).where(audit_table.c.action == "call.listened")).scalar()
            == boss.email
        )


def test_skills_are_read_as_people_write_them(centre, boss):
    ana = centre.arrives(Role.OPERADOR, "ana", skills=("PSICOLOGICA",))
    page = boss.sees(f"/supervision/persona/{ana.account_id}")
    assert re.findall(r'for="skill-[A-Z]+">([^<]+)<', page) == ["Jurídica", "PIN", "Psicológica"]
    assert "Psicológica" in boss.sees("/supervision") and "PSICOLOGICA" not in boss.sees("/supervision")
    told = boss.browser.post(
        f"/supervision/persona/{ana.account_id}/habilidades", data={"habilidad": "JURIDICA"}, follow_redirects=True
    )
    assert "Habilidades de ana: Jurídica." in told.text


def test_stops_and_the_call_goes_on(centre, boss):
    centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks()
    joins(centre, boss, room_id)
    assert boss.does(f"/supervision/llamada/{room_id}/salir").status_code == 204
    assert boss.state == Presence.DESCANSO  # as before: it was not their call, and there is no case to write
    assert len(centre.room(room_id).company) == 1


def test_the_direction_looks_and_touches_nothing(centre):
    centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks()
    director = centre.arrives(Role.DIRECTOR, "dir", state=Presence.FUERA)
    page = director.sees("/supervision")
    assert "Conversaciones: 1" in page and "Escuchar" not in page
    assert director.does(f"/supervision/llamada/{room_id}/escuchar").status_code == 403


def test_an_operator_has_no_such_page(centre):
    assert centre.arrives(Role.OPERADOR, "ana").browser.get("/supervision").status_code == 403


def test_skills_are_given_and_that_is_audited(centre, boss, db):
    ana = centre.arrives(Role.OPERADOR, "ana", skills=())
    where = f"/supervision/persona/{ana.account_id}"
    page = boss.sees(where)
    assert all(skill in page for skill in ("JURIDICA", "PIN", "PSICOLOGICA"))

    boss.browser.post(f"{where}/habilidades", data={"habilidad": ["PIN", "INVENTADA"]})

    assert "PIN" in boss.sees("/supervision")
    with db.begin() as tx:
        facts = tx.execute(select(audit_table.c.facts).where(audit_table.c.action == "operator.skills")).scalar()
    assert facts == {"skills": ["PIN"]}


def test_what_somebody_did_is_kept(centre, boss):
    ana = centre.arrives(Role.OPERADOR, "ana", state=Presence.DESCANSO)
    history = boss.sees(f"/supervision/persona/{ana.account_id}")
    assert "Descanso" in history and "Pausa" in history
    assert boss.browser.get("/supervision/persona/999").status_code == 404


def test_a_line_for_other_roles_is_not_even_told_of(centre, office, parts, clock):
    lines = dict(centre.desk.lines)
    lines["dgs"] = replace(lines["dgs"], restricted_roles=frozenset({"OPERADOR"}))
    desk = replace(centre.desk, lines=lines)
    other = Centre(desk, clock, make_app(replace(office, desk=desk, desk_lines=lines)))
    ana = other.arrives(Role.OPERADOR, "ana")
    room_id = other.talks()
    boss = other.arrives(Role.SUPERVISOR, "boss2")

    page = boss.sees("/supervision")

    assert "Conversaciones: 0" in page and "••34" not in page
    assert boss.does(f"/supervision/llamada/{room_id}/escuchar").status_code == 404
    assert "••34" not in boss.sees("/llamadas")
    assert "••34" in ana.sees()


def test_an_emergency_stands_above_all(centre, boss):
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks(line="linea131", queue="crisis", is_crisis=True)
    ana.browser.post(f"/emergencia/{room_id}", data={"zone": "San Salvador", "place": "Aquí", "is_safe": "no"})
    page = boss.sees("/supervision")
    assert page.index("Emergencias") < page.index("Esperan:")
    assert "Ver la emergencia" in page


def test_the_page_asks_and_is_told_only_what_changed(centre, boss):
    stamp = ".".join(re.findall(r'data-stamp="(\w+)"', boss.browser.get("/supervision").text))
    ask = f"/supervision/vivo?sello={stamp}&visto=1"
    assert boss.browser.get(ask).status_code == 204
    centre.calls()
    assert "••34" in boss.browser.get(ask).text
