"""A call of which two people know: who is consulted, who is handed it, to whom it comes back, whose case it is."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cases.attentions import attentions
from cases.attentions.handovers import STILL_TYPING
from cases.tables import attention, case_
from core.roles import Role
from desk.states import LegRole, Presence, RoomState
from tests.console.desk_builders import Centre, Somebody

WHOLE = {
    "subject": "C01",
    "caller_kind": "BENEFICIARIO",
    "detail": "Pregunta el precio del cilindro de 25 libras",
    "has_conflict": "no",
    "is_gift_offered": "no",
    "outcome": "CERRADO",
}


@pytest.fixture
def two(centre) -> tuple[Somebody, Somebody, int]:
    """Ana talks with a citizen; Beto is free."""
    ana, beto = centre.arrives(Role.OPERADOR, "ana"), centre.arrives(Role.OPERADOR, "beto", state=Presence.DESCANSO)
    room_id = centre.talks()
    beto.does("/puesto/estado", estado="DISPONIBLE")
    return ana, beto, room_id


def consults(centre: Centre, ana: Somebody, beto: Somebody, room_id: int) -> None:
    assert ana.chooses(room_id, "consultar", "operador", str(beto.account_id)).status_code == 204


def transfers(centre: Centre, ana: Somebody, beto: Somebody, room_id: int) -> None:
    assert ana.chooses(room_id, "transferir", "operador", str(beto.account_id)).status_code == 204


def answers(centre: Centre, room_id: int) -> None:
    centre.accepts(centre.leg(room_id, LegRole.CONSULTED).id)


def attentions_unsaved(db, vault, who: Somebody) -> int:
    with db.begin() as tx:
        return len(attentions.drafts_of(tx, vault, who.email))


def buttons(page: str) -> set[str]:
    """What may be pressed in the bar."""
    told = page.partition('aria-label="Qué hacer con la llamada"')[2]
    found = (part.partition("</")[0] for part in told.split("<")[1:] if part.startswith(("button", "a class")))
    return {part.rpartition(">")[2] for part in found if " disabled" not in part}


class TestConsulted:
    def test_who_is_rung_reads_that_they_are_consulted_by_whom_and_about_which_line(self, centre, two):
        ana, beto, room_id = two
        consults(centre, ana, beto, room_id)
        page = beto.sees()
        assert "Le consulta ana sobre esta llamada de Dirección General de Subsidios." in page
        assert " data-rings" in page  # it looks twice as often
        assert "Timbrando: conteste" in page and "El caso lo escribe ana." in page
        assert buttons(page) == set()
        assert "Marcar crisis" not in page

    def test_and_never_finds_the_buttons_of_who_consults(self, centre, two):
        ana, beto, room_id = two
        consults(centre, ana, beto, room_id)
        assert "Cancelar la consulta" in ana.sees() and "Cancelar la consulta" not in beto.sees()
        answers(centre, room_id)
        mine, theirs = ana.sees(), beto.sees()
        assert "Terminar la consulta" in mine and "Dejarles hablando y salir" in mine
        assert "Terminar la consulta" not in theirs and "Dejarles hablando y salir" not in theirs
        assert buttons(theirs) == {"Salir de la consulta"}
        assert buttons(mine) >= {"Unir", "Colgar", "Retomar"}

    def test_who_leaves_a_consultation_has_nothing_to_write(self, centre, two, clock):
        ana, beto, room_id = two
        consults(centre, ana, beto, room_id)
        answers(centre, room_id)
        assert beto.on_call(room_id, "colgar").status_code == 204
        page = beto.sees()
        assert "Usted ya no está en la llamada." in page and "No queda caso por escribir" in page
        assert "Detalle de la llamada" not in page
        assert centre.room(room_id).state is RoomState.TALKING and "Retomar" in ana.sees()

    def test_nor_is_the_call_before_shown_as_the_one_just_over(self, centre, two, clock):
        ana, beto, room_id = two
        earlier = centre.talks(phone="+50370005678")  # Beto's own, over long ago
        beto.on_call(earlier, "colgar")
        beto.does("/puesto/estado", estado="DISPONIBLE")
        clock.advance(timedelta(minutes=20))
        consults(centre, ana, beto, room_id)
        answers(centre, room_id)
        beto.on_call(room_id, "colgar")
        assert "Detalle de la llamada" not in beto.sees()


class TestTransferred:
    def test_who_made_it_reads_that_the_call_goes_on_and_with_whom(self, centre, two):
        ana, beto, room_id = two
        transfers(centre, ana, beto, room_id)
        page = ana.sees()
        assert "La llamada sigue. Pasó a beto: si no contesta, vuelve a usted." in page
        assert "Llamada terminada." not in page
        answers(centre, room_id)
        assert "La llamada sigue. La atiende beto." in ana.sees()
        beto.on_call(room_id, "colgar")
        assert "Llamada terminada." in ana.sees()

    def test_who_is_rung_reads_that_it_will_be_theirs(self, centre, two):
        ana, beto, room_id = two
        transfers(centre, ana, beto, room_id)
        assert "ana le pasa esta llamada de Dirección General de Subsidios: al contestar será suya." in beto.sees()
        answers(centre, room_id)
        page = beto.sees()
        assert "le pasa" not in page and buttons(page) >= {"Retener", "Colgar"}

    def test_coming_back_is_told_large_and_why(self, centre, two):
        ana, beto, room_id = two
        transfers(centre, ana, beto, room_id)
        centre.ends(centre.leg(room_id, LegRole.CONSULTED).id, "no-answer")
        assert "Vuelve a usted: su teléfono va a timbrar." in ana.sees()
        assert centre.offers() == 1
        page = ana.sees()
        assert 'fs-3 fw-bold">La llamada vuelve a usted: beto no contestó.' in page
        assert "Detalle de la llamada" in page  # what was written is still there
        centre.accepts(centre.leg(room_id, LegRole.OPERATOR).id)
        centre.comes_in(room_id)
        assert "La llamada volvió a usted: beto no contestó." in ana.sees()

    @pytest.mark.parametrize(
        ("kind", "value", "told"),
        [
            ("pin", "change", "Está con la línea del PIN."),
            ("cola", "pin", "Espera en la cola PIN."),
            ("numero", "7000-1111", "Pasó a Número externo"),
        ],
    )
    def test_wherever_it_goes(self, centre, two, kind, value, told):
        ana, beto, room_id = two
        assert ana.chooses(room_id, "transferir", kind, value).status_code == 204
        assert told in ana.sees()


class TestOneCase:
    def test_the_second_completes_the_case_that_the_first_began(self, centre, two, db, vault, clock):
        ana, beto, room_id = two
        ana.sees()
        mine = {"detail": "Pregunta por el precio", "subject": "C01", "has_conflict": "no", "is_gift_offered": "no"}
        ana.does("/casos/1/escribir", **mine)
        clock.advance(STILL_TYPING)
        transfers(centre, ana, beto, room_id)
        answers(centre, room_id)

        page = beto.sees()
        assert (
            "Empezó este caso ana: complételo." in page and ana.email not in page and "Pregunta por el precio" in page
        )
        assert "Escriba su parte del caso; quien la atienda lo completa." in ana.sees()
        beto.on_call(room_id, "colgar")
        assert beto.browser.post("/casos/2/guardar", data=WHOLE).status_code == 200

        with db.begin() as tx:
            assert len(tx.execute(select(case_)).all()) == 1
            assert set(tx.execute(select(attention.c.case_id)).scalars()) == {1}
        history = beto.sees("/casos/1/historia")
        for told in ("Recibió la llamada con su caso", "Escribió", "Pregunta por el precio", "Pregunta el precio del"):
            assert told in history, told
        assert "por guardar" not in ana.sees()
        assert "Caso 1 guardado: cerrado." in ana.sees()

    def test_who_still_writes_is_told_that_it_was_saved(self, centre, two, clock):
        """R12, R13: without leaving what she writes, and before she presses anything."""
        ana, beto, room_id = two
        ana.sees()
        ana.does("/casos/1/escribir", detail="Pregunta por el")
        clock.advance(STILL_TYPING)
        transfers(centre, ana, beto, room_id)
        answers(centre, room_id)
        beto.sees()
        stamp = ana.sees().partition('data-stamp="')[2].partition('"')[0]
        beto.on_call(room_id, "colgar")
        assert beto.browser.post("/casos/2/guardar", data=WHOLE).status_code == 200
        live = ana.browser.get(f"/puesto/vivo?sello={stamp}&visto=1").text
        news = live.partition('data-for="case-news"')[2]
        assert "Este caso ya lo guardó otra persona de esta llamada" in news and "queda cerrado" in news
        assert 'data-once="1"' in live, "her own form is left as it is"

    def test_of_a_call_that_came_back_the_last_word_is_hers_who_opened_hers_first(self, centre, two, db, vault, clock):
        ana, beto, room_id = two
        ana.sees()
        for one, other in ((ana, beto), (beto, ana)):
            clock.advance(timedelta(minutes=2))
            if other is ana:
                ana.does("/puesto/estado", estado="DISPONIBLE")
            transfers(centre, one, other, room_id)
            answers(centre, room_id)
            for page in (other, one, other, one):  # both look on: to look is not to have the call
                page.sees()
                clock.advance(timedelta(seconds=1))
        ana.browser.post("/casos/1/guardar", data={**WHOLE, "detail": "Ana dijo la última palabra de esto"})
        beto.browser.post(
            "/casos/2/guardar", data={**WHOLE, "subject": "C08", "detail": "Beto escribe lo suyo más tarde"}
        )

        with db.begin() as tx:
            (row,) = tx.execute(select(case_)).all()
        assert (row.subject, vault.open(row.detail_sealed)) == ("C01", "Ana dijo la última palabra de esto")
        assert attentions_unsaved(db, vault, beto) == 1  # Ana saved while it was his: he is asked first

    def test_once_saved_the_page_says_so_in_its_middle(self, centre, two):
        ana, _, room_id = two
        ana.sees()
        ana.on_call(room_id, "colgar")
        assert "Guarde el caso y pulse «Listo»." in ana.sees()
        ana.browser.post("/casos/1/guardar", data=WHOLE)
        page = ana.sees()
        assert "Caso 1 guardado: cerrado." in page and "Guarde el caso" not in page


def test_the_header_names_the_line_of_the_call(centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    assert 'id="line-top">Línea de subsidios' in ana.sees()
    room_id = centre.talks(line="linea131", queue="crisis")
    assert 'id="line-top">Llamada de Línea 131' in ana.sees()
    assert 'data-for="line-top">Llamada de Línea 131' in ana.sees("/puesto/vivo")
    assert "Llamada de Línea 131" in ana.sees(f"/emergencia/{room_id}").partition("</header>")[0]


class TestMissed:
    def test_who_hung_up_waiting_is_on_the_page_of_those_who_serve_the_queue(self, centre):
        ana = centre.arrives(Role.OPERADOR, "ana", state=Presence.DESCANSO)
        eva = centre.arrives(Role.OPERADOR, "eva", state=Presence.DESCANSO, skills=())
        assert "Ninguna: nadie colgó esperando" in ana.sees()
        room_id = centre.calls(queue="pin")
        centre.ends(centre.leg(room_id, LegRole.CALLER).id)
        page = ana.sees()
        assert "Perdidas hoy: 1" in page
        missed = page.partition("Perdidas hoy: 1")[2].partition("</section>")[0]
        assert "••34" in missed and "10:00" in missed and "PIN" in missed
        assert "70001234" not in page
        assert "Perdidas hoy: 1" not in eva.sees()  # not of her queues

    def test_whoever_was_in_need_comes_first_and_is_marked(self, centre):
        ana = centre.arrives(Role.OPERADOR, "ana", state=Presence.DESCANSO)
        in_need = centre.calls(phone="+50370005566", is_crisis=True)
        for room_id in (in_need, centre.calls()):
            centre.ends(centre.leg(room_id, LegRole.CALLER).id)
        first, second = ana.sees().partition("Perdidas hoy: 2")[2].partition("</section>")[0].split("<li")[1:]
        assert "CRISIS" in first and "••66" in first
        assert "CRISIS" not in second and "••34" in second

    def test_yesterdays_are_not(self, centre, clock):
        ana = centre.arrives(Role.OPERADOR, "ana", state=Presence.DESCANSO)
        room_id = centre.calls()
        centre.ends(centre.leg(room_id, LegRole.CALLER).id)
        clock.advance(timedelta(days=1))
        assert "Ninguna: nadie colgó esperando" in ana.sees()

    def test_nor_on_a_page_that_was_open_at_midnight(self, centre, clock):
        ana = centre.arrives(Role.OPERADOR, "ana", state=Presence.DESCANSO)
        centre.ends(centre.leg(centre.calls(), LegRole.CALLER).id)
        assert "Perdidas hoy: 1" in ana.sees("/puesto/vivo")
        clock.advance(timedelta(days=1))
        assert "Ninguna: nadie colgó esperando" in ana.sees("/puesto/vivo")


def test_the_register_says_how_each_call_began(centre):
    boss = centre.arrives(Role.SUPERVISOR, "boss", state=Presence.DESCANSO)
    centre.calls()
    assert "Llamó la persona" in boss.sees("/llamadas")
