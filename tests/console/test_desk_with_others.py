"""What the desk says of others: whose case it is by now, who left the call, since when somebody waits on hold."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from cases.tables import case_
from core.roles import Role
from desk.directory import keeping
from desk.directory.facts import Category, Facts
from desk.states import LegRole, Presence
from desk.tables import operator, room
from tests.console.desk_builders import Somebody
from tests.console.test_desk_of_two import WHOLE, answers, buttons, consults, transfers, two

__all__ = ["two"]  # a fixture


def posts(who: Somebody, where: str, **form: str):
    return who.browser.post(where, data=form, headers={"X-Part": "case-form"})


def on_the_line(page: str) -> list[str]:
    """Who, how and since when, as the page lists them."""
    listed = page.partition('class="list-unstyled people')[2].partition("</ul>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in re.findall(r"<li.*?</li>", listed, re.S)]


class TestTwoWriteOneCase:
    @pytest.fixture
    def both(self, centre, two, clock) -> tuple[Somebody, Somebody]:
        """Beto inherits Ana's call while both write; she saves first."""
        ana, beto, room_id = two
        ana.sees()
        consults(centre, ana, beto, room_id)
        answers(centre, room_id)
        ana.on_call(room_id, "unir")
        ana.on_call(room_id, "dejar")
        beto.sees()
        clock.advance(timedelta(minutes=1))
        assert posts(ana, "/casos/1/guardar", **{**WHOLE, "outcome": "PENDIENTE"}).status_code == 200
        clock.advance(timedelta(minutes=1))
        return ana, beto

    def test_the_second_is_told_and_chooses_and_the_first_one_s_page_shows_it(self, both, db, vault):
        ana, beto = both
        mine = {**WHOLE, "subject": "C08", "detail": "Beto lo dejó resuelto con la persona"}
        refused = posts(beto, "/casos/2/guardar", **mine)
        assert refused.status_code == 409
        told = refused.text.partition("data-meanwhile")[2]
        assert "ana</strong>, a las 10:01:00: «Precios del gas licuado», queda pendiente." in told
        assert WHOLE["detail"] in told and mine["detail"] in refused.text and "@" not in told
        with db.begin() as tx:
            assert tx.execute(select(case_.c.subject)).scalars().all() == ["C01"]

        seen = re.findall(r'name="seen" value="(\d+)"', refused.text)[0]
        before = re.findall(r'data-stamp="(\w+)"', ana.sees())
        saved = posts(beto, "/casos/2/guardar", **mine, seen=seen, keep="mio")
        assert saved.status_code == 200 and "Guardado como caso 1: cerrado" in saved.text

        live = ana.browser.get(f"/puesto/vivo?sello={'.'.join(before)}&visto=1", headers={"X-Part": "desk"})
        assert live.status_code == 200  # without being loaded again
        assert "Guardado como caso 1: cerrado" in live.text and "beto</strong>, a las 10:02:00" in live.text
        assert mine["detail"] in live.text.partition("data-later")[2]

    def test_leaving_it_as_it_is_adds_mine(self, both, db):
        _, beto = both
        refused = posts(beto, "/casos/2/guardar", **WHOLE)
        seen = re.findall(r'name="seen" value="(\d+)"', refused.text)[0]
        saved = posts(beto, "/casos/2/guardar", **WHOLE, seen=seen, keep="suyo")
        assert "Guardado como caso 1: pendiente" in saved.text  # as Ana left it

    @pytest.mark.parametrize("sent", [{"keep": "mio"}, {"keep": "mio", "seen": "x"}, {"keep": "otro", "seen": "999"}])
    def test_nobody_chooses_unseen(self, both, sent):
        assert posts(both[1], "/casos/2/guardar", **WHOLE, **sent).status_code == 409


class TestAddingDuringTheCall:
    @pytest.fixture
    def saved(self, centre, two) -> Somebody:
        ana, _, _ = two
        ana.sees()
        posts(ana, "/casos/1/guardar", **WHOLE)
        return ana

    def test_what_is_said_next(self, saved, clock):
        clock.advance(timedelta(minutes=1))
        assert "Agregar al caso" in saved.sees()
        part = posts(saved, "/casos/1/agregar", nota="También pregunta <b>por su factura", estado="PENDIENTE")
        assert part.status_code == 200 and "Guardado como caso 1: pendiente" in part.text
        assert "También pregunta &lt;b&gt;por su factura" in saved.sees()
        history = saved.sees("/casos/1/historia")
        assert "Agregó" in history and "También pregunta &lt;b&gt;por su factura" in history

    def test_without_words_it_says_so(self, saved):
        refused = posts(saved, "/casos/1/agregar", nota=" ", estado="PENDIENTE")
        assert refused.status_code == 422 and "Hay que escribir un detalle" in refused.text
        assert "Guardado como caso 1: cerrado" in saved.sees()

    def test_what_does_not_fit_comes_back(self, saved):
        refused = posts(saved, "/casos/1/agregar", nota="x" * 2001)
        assert refused.status_code == 422 and "x" * 2001 in refused.text

    def test_by_nobody_else_nor_before_it_is_saved(self, centre, saved, two):
        assert posts(two[1], "/casos/1/agregar", nota="Algo").status_code == 404
        two[1].on_call(centre.talks(phone="+50370009999"), "retener")
        two[1].sees()
        assert posts(two[1], "/casos/2/agregar", nota="Algo").status_code == 409
        assert posts(saved, "/casos/1/agregar", nota="Algo", estado="OTRO").status_code == 400

    def test_its_own_case_is_not_one_of_before(self, saved):
        page = saved.sees()
        assert "Ningún caso de este teléfono ni de este documento." in page


class TestSinceWhen:
    def test_on_hold_counts_from_the_hold(self, centre, two, clock):
        ana, _, room_id = two
        clock.advance(timedelta(minutes=3))
        ana.on_call(room_id, "retener")
        clock.advance(timedelta(seconds=32))
        assert "Quien llama en espera 0:32" in on_the_line(ana.sees())
        boss = centre.arrives(Role.SUPERVISOR, "boss", state=Presence.DESCANSO)
        assert "Quien llama en espera 0:32" in on_the_line(boss.sees("/supervision"))
        ana.on_call(room_id, "retomar")
        clock.advance(timedelta(seconds=8))
        ana.on_call(room_id, "retener")
        assert "Quien llama en espera 0:00" in on_the_line(ana.sees())

    def test_a_hold_for_a_consultation_counts_from_it(self, centre, two, clock):
        ana, beto, room_id = two
        clock.advance(timedelta(minutes=3))
        consults(centre, ana, beto, room_id)
        clock.advance(timedelta(seconds=20))
        answers(centre, room_id)
        beto.on_call(room_id, "colgar")  # the caller goes on waiting
        clock.advance(timedelta(seconds=5))
        assert "Quien llama en espera 0:25" in on_the_line(ana.sees())

    def test_back_from_a_transfer_the_header_the_queue_and_the_people_say_the_same(self, centre, two, clock):
        ana, beto, room_id = two
        later = centre.calls(phone="+50370007777")
        clock.advance(timedelta(seconds=16))
        centre.ends(centre.leg(later, LegRole.CALLER).id)
        waited = centre.room(room_id).place_since
        transfers(centre, ana, beto, room_id)
        clock.advance(timedelta(minutes=4))
        centre.ends(centre.leg(room_id, LegRole.CONSULTED).id, "no-answer")
        assert centre.offers() == 1
        with centre.desk.db.begin() as tx:  # they had waited before somebody answered
            tx.execute(update(room).where(room.c.id == room_id).values(place_since=waited - timedelta(seconds=16)))
        page = ana.sees()
        ages = re.findall(r'fs-4 lh-sm.*?class="age"[^>]*>([\d:]+)<', page)
        queue = re.findall(rf'data-key="room-{room_id}".*?class="age"[^>]*>([\d:]+)<', page, re.S)
        assert ages == queue == ["4:32"]
        assert any(each.startswith("Quien llama") and each.endswith("4:32") for each in on_the_line(page))


class TestTheConsulted:
    def test_has_one_button_on_the_whole_page(self, centre, two):
        ana, beto, room_id = two
        consults(centre, ana, beto, room_id)
        answers(centre, room_id)
        page = beto.sees()
        assert "Marcar crisis" not in page and buttons(page) == {"Salir de la consulta"}
        assert "Marcar crisis" in ana.sees()

    def test_each_way_on_is_offered_when_it_means_something(self, centre, two):
        ana, beto, room_id = two
        consults(centre, ana, beto, room_id)
        page = ana.sees()
        assert "Cancelar la consulta" in page and "Dejarles hablando y salir" not in page  # it rings still
        answers(centre, room_id)
        page = ana.sees()
        assert "Terminar la consulta" in page and "Dejarles hablando y salir" in page and "Que salga" not in page
        ana.on_call(room_id, "unir")
        page = ana.sees()
        assert "Que salga beto" in page and "Dejarles hablando y salir" in page
        assert "Terminar la consulta" not in page

    @pytest.mark.parametrize("way", ["dejar", "se corta"])
    def test_whose_it_becomes_is_told(self, centre, two, way):
        ana, beto, room_id = two
        consults(centre, ana, beto, room_id)
        answers(centre, room_id)
        ana.on_call(room_id, "unir")
        if way == "dejar":
            ana.on_call(room_id, "dejar")
        else:
            centre.ends(centre.leg(room_id, LegRole.OPERATOR).id)
        page = beto.sees()
        assert "Ahora es suya: ana le dejó la llamada." in page and "Detalle de la llamada" in page

    def test_who_was_handed_it_is_told_nothing_of_the_kind(self, centre, two):
        ana, beto, room_id = two
        assert "Ahora es suya" not in ana.sees()
        transfers(centre, ana, beto, room_id)
        answers(centre, room_id)
        assert "Ahora es suya" not in beto.sees()


class TestWhomToCall:
    @pytest.fixture
    def finds(self, centre, two, db, clock):
        ana, beto, room_id = two
        with db.begin() as tx:
            tx.execute(update(operator).where(operator.c.account_id == beto.account_id).values(name="Beto Peñate"))
        return lambda words: ana.sees(f"/puesto/llamada/{room_id}/a-quien?para=consultar&buscar={words}")

    @pytest.mark.parametrize("words", ["eñat", "PENATE", "beto", "operaci", "atenc", "beto ñate"])
    def test_who_is_at_the_desk_by_any_part_of_a_name_or_a_post(self, finds, words):
        page = finds(words)
        assert "Beto Peñate" in page and "Nadie con" not in page

    def test_nobody_is_said_with_the_words(self, finds):
        page = finds("zz<b>z")
        assert "Nadie con «zz&lt;b&gt;z»." in page and "Beto Peñate" not in page

    def test_who_is_busy_is_found_and_cannot_be_called_and_who_left_is_not(self, finds, two):
        _, beto, _ = two
        beto.does("/puesto/estado", estado="DESCANSO", motivo="Pausa")
        page = finds("beto")
        assert "descanso: no se le puede llamar ahora" in page and f'value="{beto.account_id}"' not in page
        beto.does("/puesto/estado", estado="FUERA")
        assert "Nadie con «beto»." in finds("beto")

    @pytest.mark.parametrize("words", ["inostro", "ATENCION", "ención ciud", "tendid", "juana tenci"])
    def test_the_directory_too(self, finds, db, clock, words):
        who = ("Juana Hinostroza", "Atención Ciudadana", "Atendida por turno")
        entry = Facts(*who, telephone="+50322223333", category=Category.CIUDADANIA)
        with db.begin() as tx:
            keeping.add(tx, clock.now(), "boss@ejemplo.gob.sv", "dgs", entry)
        assert "Juana Hinostroza" in finds(words)


def test_who_whispers_is_named_with_what_they_are(centre):
    ana, marta = centre.arrives(Role.OPERADOR, "ana"), centre.arrives(Role.SUPERVISOR, "marta", state=Presence.DESCANSO)
    room_id = centre.talks()
    marta.does(f"/supervision/llamada/{room_id}/escuchar")
    centre.accepts(centre.leg(room_id, LegRole.SUPERVISOR).id)
    marta.does(f"/supervision/llamada/{room_id}/susurrar")
    assert any(each.startswith("marta (supervisión) habla solo a quien opera") for each in on_the_line(ana.sees()))
    page = marta.sees("/supervision")
    assert "Dejar la llamada" in page and ">Salir</button>" not in page.partition("</header>")[2]
