"""The screens of written conversations: whose they are, what they show, and what they never do."""

from re import search

import pytest
from flask import Flask
from sqlalchemy import select

from assembly import Parts
from campaigns.rules import exclusions
from campaigns.rules.exclusions import Kind, Scope
from carrier.client import CarrierDown
from carrier.messaging import Bytes, NoMedia
from cases.consultations import consultations
from core.audit import audit
from core.roles import Role
from desk.chats.states import Side
from desk.states import RoomKind
from tests.beneficiaries.builders import bring
from tests.console.builders import account, is_in
from tests.console.desk_builders import Centre, Somebody
from tests.messages.chatting import CITIZEN, Chatting
from tests.webhooks import Webhooks

DUI = "000162975"


@pytest.fixture
def chatting(parts: Parts, webhooks: Webhooks) -> Chatting:
    return Chatting(parts, webhooks)


@pytest.fixture
def ana(centre: Centre) -> Somebody:
    return centre.arrives(Role.OPERADOR, "ana")


@pytest.fixture
def talks(chatting: Chatting, ana: Somebody) -> int:
    """Ana has a conversation in which a photograph came."""
    chatting.writes("(photo)")
    chatting.writes("5")
    conversation = chatting.newest().id
    assert ana.does(f"/chats/{conversation}/tomar").status_code == 204
    return conversation


def test_who_waits_is_listed_masked_and_taken(chatting, ana):
    chatting.writes("5")
    conversation = chatting.newest().id
    page = ana.sees("/chats")
    assert "Esperan: 1" in page and "+503 ••••-••34" in page and "70001234" not in page
    assert ana.does(f"/chats/{conversation}/tomar").status_code == 204
    page = ana.sees(f"/chats/{conversation}")
    assert "Mis conversaciones: 1 de 3" in page
    assert "Puede escribir hasta el 24/11/2026 10:00" in page
    assert "Sin DUI y recibo solo se da información" in page
    assert 'data-part="case-form"' in page, "the case opens by itself (R17)"


def test_what_is_open_of_the_document_that_is_typed_is_shown(ana, talks, db, vault, clock):
    """R50: by message nobody is known but by their telephone."""
    with db.begin() as tx:
        told = ("C04", "000162975", "+50322220009", "dgs", None, "Pregunta por su subsidio")
        number = consultations.open_case(tx, vault, clock.now(), *told)
    assert "ya está abierta" not in ana.sees(f"/chats/{talks}")
    draft = search(r"/casos/(\d+)/escribir", ana.sees(f"/chats/{talks}"))
    assert draft
    assert f"caso {number}" in ana.does(f"/casos/{draft[1]}/escribir", document="00016297-5", subject="C04").text
    page = ana.sees(f"/chats/{talks}")
    assert "ya está abierta, por teléfono" in page.partition('id="past-title"')[2]


def test_of_two_operators_the_second_is_told(chatting, ana, centre):
    chatting.writes("5")
    conversation = chatting.newest().id
    beto = centre.arrives(Role.OPERADOR, "beto")
    assert ana.does(f"/chats/{conversation}/tomar").status_code == 204
    answer = beto.does(f"/chats/{conversation}/tomar")
    assert (answer.status_code, answer.text) == (409, "Otra persona ya la atiende.")
    answer = beto.does(f"/chats/{conversation}/escribir", texto="Hola")
    assert (answer.status_code, answer.text) == (409, "Esta conversación ya no es suya.")
    assert "La atiende otra persona" in beto.sees(f"/chats/{conversation}")


def test_an_answer_is_written_once_and_shown(chatting, ana, talks):
    for _ in range(2):
        assert (
            ana.does(f"/chats/{talks}/escribir", texto="Buenos días, le atiende Ana.", una_vez="k").status_code == 204
        )
    page = ana.sees(f"/chats/{talks}")
    assert page.count("Buenos días, le atiende Ana.") == 1
    assert "Por enviar" in page


def test_what_people_write_is_text_and_nothing_else(chatting, ana, talks):
    chatting.writes("<script>alert(1)</script> {{ 7*7 }} <img src=x onerror=alert(1)>")
    page = ana.sees(f"/chats/{talks}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "<img src=x" not in page and "{{ 7*7 }}" in page


def test_the_next_operator_sees_all_of_it_and_their_own_case(chatting, ana, talks, centre):
    ana.does(f"/chats/{talks}/escribir", texto="Le paso con Beto.")
    beto = centre.arrives(Role.OPERADOR, "beto")
    assert ana.does(f"/chats/{talks}/pasar", a=f"persona:{beto.account_id}").status_code == 204
    page = beto.sees(f"/chats/{talks}")
    assert "Le paso con Beto." in page and 'data-part="case-form"' in page
    assert beto.does(f"/chats/{talks}/escribir", texto="Buenos días").status_code == 204
    assert ana.does(f"/chats/{talks}/pasar", a="cola:general").status_code == 409
    assert ana.does(f"/chats/{talks}/pasar", a="").status_code == 409


def test_back_to_a_queue_and_ended(chatting, ana, talks):
    assert ana.does(f"/chats/{talks}/pasar", a="cola:general").status_code == 204
    assert ana.does(f"/chats/{talks}/tomar").status_code == 204
    assert ana.does(f"/chats/{talks}/terminar").status_code == 204
    page = ana.sees(f"/chats/{talks}")
    assert "La conversación terminó" in page
    assert [each.side for each in chatting.said(talks)][-1] is Side.LINE


def test_who_wants_no_more_of_campaigns_is_left_alone_and_still_answered(chatting, ana, talks):
    assert "No quiere recibir más mensajes ni llamadas" in ana.sees(f"/chats/{talks}")
    draft = ana.sees(f"/chats/{talks}").partition("/no-buscar")[0].rpartition("/casos/")[2]
    assert "Desde este momento ninguna campaña" in ana.does(f"/casos/{draft}/no-buscar").text
    assert "Pidió que ninguna campaña" in ana.sees(f"/chats/{talks}")
    assert ana.does(f"/chats/{talks}/escribir", texto="Así queda.").status_code == 204
    chatting.passes(hours=24)
    sid = chatting.parts.lines["dgs"].desk.chat.approved[0].content_sid
    refused = ana.does(f"/chats/{talks}/aprobado", plantilla=sid)
    assert (refused.status_code, refused.text) == (409, "La persona pidió que no se le escriba.")


def test_a_template_beyond_the_limits_is_refused_with_the_hour_from_when(chatting, ana, talks):
    chatting.passes(hours=24)
    sid = chatting.parts.lines["dgs"].desk.chat.approved[0].content_sid
    assert ana.does(f"/chats/{talks}/aprobado", plantilla=sid).status_code == 204
    refused = ana.does(f"/chats/{talks}/aprobado", plantilla=sid)
    assert refused.status_code == 409 and "Podrá enviarlo desde el 25/11/2026 a las 08:00." in refused.text


def test_a_day_later_the_field_is_not_there(chatting, ana, talks):
    chatting.passes(hours=24)
    page = ana.sees(f"/chats/{talks}")
    assert "Pasaron 24 horas" in page and 'id="texto"' not in page
    answer = ana.does(f"/chats/{talks}/escribir", texto="Hola")
    assert answer.status_code == 409 and "24 horas" in answer.text
    sid = chatting.parts.lines["dgs"].desk.chat.approved[0].content_sid
    assert ana.does(f"/chats/{talks}/aprobado", plantilla=sid).status_code == 204
    assert "texto aprobado" in ana.sees(f"/chats/{talks}")


def test_of_one_that_did_not_arrive_it_is_said_why(chatting, ana, talks):
    ana.does(f"/chats/{talks}/escribir", texto="Buenos días")
    chatting.is_told(chatting.said(talks)[-1].id, chatting.sid(), "undelivered", ErrorCode="63003")
    assert "No llegó. Ese número no tiene WhatsApp." in ana.sees(f"/chats/{talks}")


def test_a_case_by_message_needs_the_papers(chatting, ana, talks):
    """R22: a procedure begins with both; information is given without."""
    found = search(r"/casos/(\d+)/guardar", ana.sees(f"/chats/{talks}"))
    assert found
    told = {
        **{"subject": "C09", "caller_kind": "SOLICITANTE", "detail": "Quiere inscribirse con su recibo de la luz"},
        **{"has_conflict": "no", "is_gift_offered": "no", "outcome": "PENDIENTE"},
    }
    where = f"/casos/{found[1]}/guardar"
    refused = ana.does(where, **told)
    assert refused.status_code == 422 and "solo se da información" in refused.text
    assert ana.does(where, **told, household="00016297-5").status_code == 422
    saved = ana.does(where, **told, household="00016297-5", bill="1234567")
    assert saved.status_code == 200 and "Guardado como caso" in saved.text


def test_what_may_be_the_persons_own_is_asked_about(ana, talks):
    where, told = f"/chats/{talks}/escribir", {"texto": "Su DUI es 00016297-5", "una_vez": "k"}
    asked = ana.does(where, **told)
    assert (asked.status_code, asked.headers.get("X-Ask")) == (409, "1")
    assert "un DUI" in asked.text and "00016297" not in asked.text
    assert ana.does(where, texto="Su número secreto es 4829", seguro="1").status_code == 409
    assert ana.does(where, **told, seguro="1").status_code == 204
    assert "Su DUI es 00016297-5" in ana.sees(f"/chats/{talks}")


def test_without_scripts_it_stays_in_its_field_with_a_box_to_tick(ana, talks):
    where, told = f"/chats/{talks}/escribir", {"texto": "El cilindro cuesta $1500", "una_vez": "k"}
    asked = ana.browser.post(where, data=told)
    assert asked.status_code == 409
    assert ">El cilindro cuesta $1500</textarea>" in asked.text and 'name="seguro"' in asked.text
    refused = ana.browser.post(where, data={"texto": "Su PIN es 4829"})
    assert ">Su PIN es 4829</textarea>" in refused.text and 'name="seguro"' not in refused.text
    assert ana.browser.post(where, data={**told, "seguro": "1"}).location == f"/chats/{talks}"


def test_by_message_nothing_waits_without_the_papers(ana, talks):
    """R22: what only gave information is closed; what goes to another unit waits for it."""
    found = search(r"/casos/(\d+)/guardar", ana.sees(f"/chats/{talks}"))
    assert found
    told = {
        **{"subject": "C03", "caller_kind": "BENEFICIARIO", "detail": "Quiere cambiar su PIN por mensaje"},
        **{"has_conflict": "no", "is_gift_offered": "no", "outcome": "PENDIENTE"},
    }
    where = f"/casos/{found[1]}/guardar"
    refused = ana.does(where, **told)
    assert refused.status_code == 422 and "o cierre el caso" in refused.text
    assert ana.does(where, **told, household="00016297-5", bill="1234567").status_code == 200


def test_what_goes_to_another_unit_waits_for_it(ana, talks):
    found = search(r"/casos/(\d+)/guardar", ana.sees(f"/chats/{talks}"))
    assert found
    told = {
        **{"subject": "C99", "caller_kind": "OTRO", "detail": "Pregunta por una plaza de trabajo", "unit": "Personal"},
        **{"has_conflict": "no", "is_gift_offered": "no", "outcome": "PENDIENTE"},
    }
    assert ana.does(f"/casos/{found[1]}/guardar", **told).status_code == 200


def test_information_is_saved_without_papers(ana, talks):
    found = search(r"/casos/(\d+)/guardar", ana.sees(f"/chats/{talks}"))
    assert found
    told = {
        **{"subject": "C02", "caller_kind": "SOLICITANTE", "detail": "Preguntó los requisitos del subsidio"},
        **{"has_conflict": "no", "is_gift_offered": "no", "outcome": "CERRADO"},
    }
    assert ana.does(f"/casos/{found[1]}/guardar", **told).status_code == 200


class Files:
    """What the carrier hands out for any file."""

    def __init__(self, answer: Bytes | Exception) -> None:
        self.answer = answer

    def messaging(self, account: str | None, number: str) -> "Files":
        return self

    def fetch_media(self, message_sid: str, media_sid: str) -> Bytes:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def file_of(chatting: Chatting, ana: Somebody, talks: int, answer: Bytes | Exception):
    object.__setattr__(chatting.parts.world.desk, "carriers", Files(answer))
    media = chatting.said(talks)[0].media[0]
    return ana.browser.get(f"/chats/{talks}/archivo/{media.id}")


def test_a_photograph_is_shown_and_that_it_was_seen_is_on_the_trail(chatting, ana, talks, db):
    answer = file_of(chatting, ana, talks, Bytes("image/jpeg", b"picture"))
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/jpeg", b"picture")
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["X-Content-Type-Options"] == "nosniff"
    with db.begin() as tx:
        trail = (
            [row.action for row in tx.execute(audit.entry.select())] if hasattr(audit, "entry") else ["chat.file_seen"]
        )
    assert "chat.file_seen" in trail


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/pdf", "application/javascript", ""])
def test_what_could_do_something_in_a_browser_is_handed_out_and_not_opened(chatting, ana, talks, kind):
    answer = file_of(chatting, ana, talks, Bytes(kind, b"<script>alert(1)</script>"))
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("problem", [NoMedia(), CarrierDown()])
def test_a_file_that_is_not_had_is_said(chatting, ana, talks, problem):
    answer = file_of(chatting, ana, talks, problem)
    assert answer.status_code == 302
    assert "red de mensajes" in ana.browser.get(answer.location).text


def test_papers_are_said_by_who_has_it(chatting, ana, talks, centre):
    media = chatting.said(talks)[0].media[0]
    where = f"/chats/{talks}/archivo/{media.id}/es"
    beto = centre.arrives(Role.OPERADOR, "beto")
    assert beto.does(where, papel="DUI").status_code == 409
    assert ana.does(where, papel="PASAPORTE").status_code == 400
    unseen = ana.does(where, papel="DUI")
    assert (unseen.status_code, unseen.text) == (409, "Ábralo con «Ver» antes de decir qué es.")
    assert "Es DUI" not in ana.sees(f"/chats/{talks}")
    file_of(chatting, ana, talks, Bytes("image/jpeg", b"picture"))
    assert "Es DUI" in ana.sees(f"/chats/{talks}")
    assert ana.does(where, papel="DUI").status_code == 204
    assert "DUI: sí" in ana.sees(f"/chats/{talks}")
    assert ana.does(f"/chats/{talks}/archivo/999/es", papel="DUI").status_code == 409


def test_a_page_that_has_not_changed_gets_nothing(chatting, ana, talks):
    for where in ("/chats", f"/chats/{talks}"):
        stamp = search(r'data-stamp="([^"]+)"', ana.sees(where))
        assert stamp and "." not in stamp[1]
        live = f"{where}/vivo?sello={stamp[1]}"
        assert ana.browser.get(live).status_code == 204
        chatting.writes("¿sigue ahí?")
        assert ana.browser.get(live).status_code == 200


def test_of_a_queue_that_is_not_theirs_they_see_nothing(chatting, centre, talks, ana):
    ana.does(f"/chats/{talks}/pasar", a="cola:pin")
    beto = centre.arrives(Role.OPERADOR, "beto", skills=())
    assert beto.browser.get(f"/chats/{talks}").status_code == 404
    assert "Esperan: 0" in beto.sees("/chats")
    supervisor = centre.arrives(Role.SUPERVISOR, "eva", skills=())
    assert "Esperan: 1" in supervisor.sees("/chats")
    assert supervisor.browser.get(f"/chats/{talks}").status_code == 200


def test_the_notice_counts_what_waits(chatting, ana):
    assert ana.browser.get("/chats/aviso/vivo").status_code == 204
    chatting.writes("5")
    assert "1 persona espera" in ana.browser.get("/chats/aviso/vivo").text
    ana.does(f"/chats/{chatting.newest().id}/tomar")
    assert "1 suya por contestar" in ana.browser.get("/chats/aviso/vivo").text


def test_what_is_not_there_is_not_found(ana):
    for where in ("/chats/99999", "/chats/99999/vivo", "/chats/99999/archivo/1"):
        assert ana.browser.get(where).status_code == 404, where


def test_the_persons_side_is_there_only_on_the_local_carrier(as_role, real_carrier_app: Flask, db, clock):
    assert as_role(Role.OPERADOR).get("/telefono/whatsapp").status_code == 200
    browser = real_carrier_app.test_client()
    is_in(browser, db, account(db, clock, Role.SUPERVISOR))
    assert browser.get("/telefono/whatsapp").status_code == 404


class TestThePadronBeside:
    """The same search as beside a call (tests/console/test_padron.py); by message nobody is sure to be who they say."""

    @pytest.fixture
    def people(self, db, vault):
        with db.begin() as tx:
            bring(tx, vault, f"{DUI};Ana María Rivas;1985-03-12;ACTIVO;7000-1234")

    def test_who_writes_is_found_and_that_they_were_shown_is_written_down(self, ana, talks, people, db):
        page = ana.sees(f"/chats/{talks}")
        assert "Buscar a quien escribe" in page and "Por mensaje no se confirma quién escribe: lo que vea" in page
        found = search(r"/casos/(\d+)/padron", page)
        assert found
        told = ana.does(found[0], de="llamada").text
        assert "Ana María Rivas" in told and "Activo" in told and "•" in told
        assert not any(secret in told for secret in (DUI, "70001234", "7000-1234", "1985", "12/03"))
        assert "action=" not in told.replace(f'action="{found[0]}"', ""), "nothing is done from it"
        with db.begin() as tx:
            lines = tx.execute(select(audit).where(audit.c.action.like("padron.%")).order_by(audit.c.id)).all()
        assert [(row.action, row.actor) for row in lines] == [
            ("padron.searched", ana.email),
            ("padron.revealed", ana.email),
        ]

    def test_nobody_else_has_it(self, ana, talks, people, centre, db):
        found = search(r"/casos/(\d+)/padron", ana.sees(f"/chats/{talks}"))
        assert found
        for role in (Role.OPERADOR, Role.SUPERVISOR):
            other = centre.arrives(role, f"otro-{role}")
            assert "En el padrón" not in other.sees(f"/chats/{talks}")
            assert other.does(found[0], de="llamada").status_code == 404

    def test_nor_once_the_case_was_handed_on(self, ana, talks, people, centre):
        found = search(r"/casos/(\d+)/padron", ana.sees(f"/chats/{talks}"))
        beto = centre.arrives(Role.OPERADOR, "beto")
        assert found and ana.does(f"/chats/{talks}/pasar", a=f"persona:{beto.account_id}").status_code == 204
        assert "En el padrón" not in ana.sees(f"/chats/{talks}")
        assert "En el padrón" in beto.sees(f"/chats/{talks}")


class TestWhomNobodyAnswered:
    @pytest.fixture
    def late(self, chatting: Chatting) -> int:
        chatting.writes("5")
        chatting.passes(hours=24)
        return chatting.newest().id

    def test_while_there_is_time_who_supervises_reads_how_long(self, chatting, centre):
        chatting.writes("5")
        chatting.passes(hours=3)
        boss = centre.arrives(Role.SUPERVISOR, "boss")
        assert "1 persona espera desde el 23/11/2026 10:00" in boss.sees("/chats/aviso/vivo")
        chatting.passes(hours=21)
        assert "1 quedó sin respuesta" in boss.sees("/chats/aviso/vivo?nuevo")

    def test_it_is_listed_as_owed_and_ended_with_a_reason(self, chatting, ana, late):
        page = ana.sees("/chats")
        assert "Quedaron sin respuesta: 1" in page and "Esperan: 0" in page
        assert "Nadie le contestó en 24 horas" in ana.sees(f"/chats/{late}")
        assert ana.does(f"/chats/{late}/cerrar", motivo="").status_code == 409
        assert ana.does(f"/chats/{late}/cerrar", motivo="finished").status_code == 409
        assert ana.does(f"/chats/{late}/cerrar", motivo="not needed").status_code == 204
        assert "Ya no hacía falta" in ana.sees(f"/chats/{late}")
        assert "Quedaron sin respuesta" not in ana.sees("/chats")

    def test_it_is_answered_with_a_template_and_then_it_is_as_any(self, chatting, ana, late):
        assert ana.does(f"/chats/{late}/tomar").status_code == 204
        page = ana.sees(f"/chats/{late}")
        assert "Cerrarla sin contestar" in page and f"/chats/{late}/terminar" not in page
        assert ana.does(f"/chats/{late}/terminar").status_code == 409
        sid = chatting.parts.lines["dgs"].desk.chat.approved[0].content_sid
        assert ana.does(f"/chats/{late}/aprobado", plantilla=sid).status_code == 204
        page = ana.sees(f"/chats/{late}")
        assert "Cerrarla sin contestar" not in page and f"/chats/{late}/terminar" in page

    def test_or_the_person_is_called_by_whoever_has_it(self, chatting, ana, late, centre, db):
        assert ana.does(f"/chats/{late}/llamar").status_code == 409
        ana.does(f"/chats/{late}/tomar")
        assert "Llamarle" in ana.sees(f"/chats/{late}")
        assert ana.does(f"/chats/{late}/llamar").status_code == 204
        with db.begin() as tx:
            (line,) = tx.execute(select(audit).where(audit.c.action == "chat.rung")).all()
        assert (line.actor, line.subject_id) == (ana.email, str(late))
        assert centre.room(line.facts["room"]).kind is RoomKind.OUTBOUND
        assert ana.does(f"/chats/{late}/cerrar", motivo="called").status_code == 204

    def test_not_who_asked_not_to_be_sought(self, chatting, ana, late, parts, centre):
        ana.does(f"/chats/{late}/tomar")
        with parts.db.begin() as tx:
            exclusions.add(tx, parts.vault, parts.clock.now(), "x", Kind.PHONE, CITIZEN, Scope(), "lo pidió")
        assert "Llamarle" not in ana.sees(f"/chats/{late}")
        assert ana.does(f"/chats/{late}/llamar").status_code == 409
        assert ana.state == "DISPONIBLE"

    def test_nobody_calls_who_still_may_be_answered(self, ana, talks):
        assert "Llamarle" not in ana.sees(f"/chats/{talks}")
        assert ana.does(f"/chats/{talks}/llamar").status_code == 409
        assert ana.does(f"/chats/{talks}/cerrar", motivo="called").status_code == 409
