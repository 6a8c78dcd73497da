"""The text that announces a change to the telephone of the padrón: kept while the carrier is down, told of in the
history, and before the call back (R41)."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from assembly import Parts
from assembly import corrections as loop_of
from beneficiaries.imports import import_padron
from campaigns.outcomes import Outcome
from campaigns.states import CampaignState
from campaigns.tables import campaign, recipient
from carrier.client import NotAsked, Refused, Unknown
from cases import tasks
from cases.consultations import consultations
from cases.corrections import asking, deciding, telling
from cases.corrections.proposed import Proposed
from cases.events import events_of
from cases.tables import correction
from console.tables import account
from core.post import GUARDS, Channel, TextMessage, leave, post
from core.post_states import fold
from core.roles import Role
from messages.post import PostOffice
from procedures.correcting import Corrections
from procedures.correction_making import TEXTS
from procedures.guarding import SETTLES
from tests.messages.test_texts import Network, Networks
from work import post_office

ANA, LUISA, CELIA = "ana@ejemplo.gob.sv", "luisa@ejemplo.gob.sv", "celia@ejemplo.gob.sv"
ROSA = "000162975"
CALLER, PHONE, LANDLINE = "+50379990000", "+50370001234", "+50322000000"
PADRON = (
    "documento;nombre;fecha_nacimiento;estado;telefono;recibo\n00016297-5;Rosa López;12/07/1985;ACTIVO;{};4407719\n"
)
PROPOSED = Proposed(datetime(1958, 7, 12).date())
TRIED = timedelta(minutes=10)


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def office(parts: Parts, network: Network) -> PostOffice:
    made, networks = post_office(parts), Networks(network)
    by_text: dict[str, Any] = {name: made.couriers[name] for name in (Channel.SMS, *GUARDS)}
    couriers = {name: replace(each, carriers=networks) for name, each in by_text.items()}
    return replace(made, couriers={**made.couriers, **couriers})


@pytest.fixture
def loop(parts: Parts) -> Corrections:
    with parts.db.begin() as tx:
        kept = {"name": "Celia", "role": Role.COORDINADOR, "password_hash": "", "created_at": parts.clock.now()}
        tx.execute(account.insert().values(email=CELIA, **kept))
    return loop_of(parts)


@pytest.fixture
def corrected(parts: Parts, loop: Corrections) -> Callable[..., int]:
    """A date that was corrected at the word of somebody who rang from another telephone."""

    def corrected(phone: str = PHONE) -> int:
        padron = PADRON.format(phone)
        with parts.db.begin() as tx:
            now, vault = parts.clock.now(), parts.vault
            import_padron(tx, vault, now, padron.encode(), "test")
            about = ("FECHA_NACIMIENTO", ROSA, CALLER, "dgs", None, "Su fecha está mal")
            case = consultations.open_case(tx, vault, now, *about)
            number = asking.ask(tx, vault, now, case, ANA, "Dice que es otra", PROPOSED).number
            deciding.reveal(tx, now, number, LUISA)
        loop.correct(number, LUISA, "REGISTRO_CIVIL", "Coincide")
        return number

    return corrected


def text_row(parts: Parts):
    with parts.db.begin() as tx:
        return tx.execute(select(post).where(post.c.channel == "SMS")).one()


def row(parts: Parts, number: int):
    with parts.db.begin() as tx:
        return tx.execute(select(correction).where(correction.c.id == number)).one()


def said(parts: Parts, number: int) -> list[str]:
    """What the history tells of the text."""
    with parts.db.begin() as tx:
        found = events_of(tx, parts.vault, row(parts, number).case_id)
    return [each.text or "" for each in found if each.label == "SMS a la persona"]


def letters(parts: Parts, kind: str) -> list[str]:
    with parts.db.begin() as tx:
        rows = tx.execute(select(post).where(post.c.kind == kind).order_by(post.c.id)).all()
    return [f"{parts.vault.open(each.to_sealed)}: {parts.vault.open(each.body_sealed)}" for each in rows]


def called(parts: Parts) -> tuple[list[str], str | None]:
    """The telephones of the call back, and the conversation that it leads to."""
    with parts.db.begin() as tx:
        sealed = tx.execute(select(recipient.c.data_sealed)).scalar_one()
        leads = tx.execute(select(campaign.c.carries_to)).scalar_one()
    return json.loads(parts.vault.open(sealed))["contact"]["phones"], leads


def is_to_be_tried(parts: Parts, office: PostOffice) -> bool:
    with parts.db.begin() as tx:
        return text_row(parts).id in [each.id for each in office.waiting(tx)]


def tell(parts: Parts, status: str, code: int | None = None) -> None:
    """The carrier's status callback."""
    with parts.db.begin() as tx:
        assert fold(tx, parts.clock.now(), text_row(parts).id, "SM1", status, code)


def test_every_text_of_a_correction_is_a_guard() -> None:
    assert {*TEXTS.values(), "pin_changed"} == set(GUARDS)


def test_it_goes_to_the_padrons_telephone_first_and_the_call_after_it(parts, loop, corrected, office, network) -> None:
    number = corrected()
    assert (loop.follow(), row(parts, number).campaign_id) == (0, None), "the text waits: nobody is called"
    office.send(text_row(parts).id)
    assert [to for to, _, _ in network.taken] == [PHONE]
    assert (loop.guarding.watch(), loop.follow()) == (1, 0), "the carrier took it, and has not told more"
    tell(parts, "delivered")
    assert [loop.guarding.watch() for _ in range(2)] == [1, 0]
    assert loop.follow() == 1
    assert called(parts) == ([PHONE], "pin")
    assert said(parts, number) == [
        "Se le escribe al teléfono del padrón que su fecha de nacimiento cambió, sin decir cuál es.",
        "El SMS que se lo avisa salió hacia el teléfono del padrón. La red no ha dicho todavía si llegó.",
        "El SMS que se lo avisa llegó al teléfono del padrón.",
    ]
    assert letters(parts, "correction_unannounced") == []


def test_of_a_carrier_that_tells_nothing_the_call_comes_a_while_after(parts, loop, corrected, office) -> None:
    corrected()
    office.send(text_row(parts).id)
    parts.clock.advance(SETTLES - timedelta(seconds=1))
    assert loop.follow() == 0
    parts.clock.advance(timedelta(seconds=1))
    assert (loop.follow(), called(parts)[1]) == (1, "pin")


@pytest.mark.parametrize("answer", [NotAsked(), Unknown()])
def test_it_is_kept_for_days_while_the_carrier_is_down(parts, loop, corrected, office, network, answer) -> None:
    """After an hour it was given up, and the history said that they were written to."""
    number = corrected()
    network.answer, network.answers_the_list = answer, False
    for _ in range(8):
        office.send(text_row(parts).id)
        parts.clock.advance(timedelta(hours=3))
    assert text_row(parts).state in ("queued", "unknown")
    assert (loop.guarding.watch(), loop.follow(), row(parts, number).campaign_id) == (0, 0, None)
    network.answer, network.answers_the_list = None, True
    for _ in range(2):  # of what is in doubt the carrier is asked first
        parts.clock.advance(TRIED)
        office.send(text_row(parts).id)
    assert (text_row(parts).state, len(network.taken)) == ("sent", 1)
    tell(parts, "delivered")
    assert loop.guarding.watch() == 1
    assert (loop.follow(), called(parts)[1]) == (1, "pin")


def test_what_the_carrier_did_not_take_is_tried_as_often_as_there_is_time(parts, corrected, office, network) -> None:
    """Of any other text there is no third try."""
    corrected()
    network.answer = Unknown()
    for _ in range(8):  # tried, and asked after
        office.send(text_row(parts).id)
        parts.clock.advance(TRIED)
    assert (text_row(parts).state, text_row(parts).tries) == ("queued", 4)


def test_it_is_tried_each_ten_minutes_and_again_in_legal_hours_alone(parts, corrected, office, network) -> None:
    corrected()
    network.answer = NotAsked()
    office.send(text_row(parts).id)
    parts.clock.advance(TRIED - timedelta(seconds=1))
    assert not is_to_be_tried(parts, office)
    parts.clock.advance(timedelta(seconds=1))
    assert is_to_be_tried(parts, office)
    parts.clock.jump_to(datetime.fromisoformat("2026-11-23T23:00:00-06:00"))
    assert not is_to_be_tried(parts, office)
    parts.clock.jump_to(datetime.fromisoformat("2026-11-24T08:00:00-06:00"))
    assert is_to_be_tried(parts, office)


def test_the_first_time_it_goes_at_any_hour(parts, corrected, office, network) -> None:
    parts.clock.jump_to(datetime.fromisoformat("2026-11-23T23:00:00-06:00"))
    corrected()
    assert is_to_be_tried(parts, office)
    office.send(text_row(parts).id)
    assert text_row(parts).state == "sent"


def test_what_never_came_in_days_is_told_of(parts, loop, corrected, office, network) -> None:
    number = corrected()
    network.answer = NotAsked()
    parts.clock.advance(timedelta(days=3, seconds=1))
    office.send(text_row(parts).id)
    assert text_row(parts).state == "failed"
    assert [loop.guarding.watch() for _ in range(2)] == [1, 0]
    assert said(parts, number)[-1].startswith("El SMS que se lo avisa no llegó al teléfono del padrón. Pasó demasiado")
    assert len(letters(parts, "correction_unannounced")) == 1


class TestNever:
    """A landline, a number that was refused, one that it did not come to: the call is made, and leads to no PIN; and a
    coordinator is to tell the person in another way."""

    @pytest.fixture(params=["landline", "refused", "undelivered"])
    def lost(self, request, parts, corrected, office, network) -> int:
        number: int = corrected(LANDLINE if request.param == "landline" else PHONE)
        if request.param == "refused":
            network.answer = Refused(21614, is_ours=False)
        office.send(text_row(parts).id)
        if request.param == "undelivered":
            tell(parts, "undelivered", 30003)
        assert text_row(parts).state in ("refused", "undelivered")
        return number

    def test_coordination_has_the_task_and_a_letter(self, parts, loop, lost) -> None:
        assert [loop.guarding.watch() for _ in range(2)] == [1, 0]
        assert said(parts, lost)[-1].startswith("El SMS que se lo avisa no llegó al teléfono del padrón.")
        with parts.db.begin() as tx:
            owed = telling.left(tx, parts.vault, lost)
        assert owed is not None
        assert (owed.to_roles, owed.to_person) == ((Role.COORDINADOR,), None)
        assert "Avísele por otro medio" in (owed.words or "")
        (letter,) = letters(parts, "correction_unannounced")
        assert letter.startswith(CELIA)
        assert not [each for each in (ROSA, "Rosa", "1958", PHONE, LANDLINE) if each in letter]

    def test_the_call_is_made_and_leads_to_no_pin(self, parts, loop, lost) -> None:
        loop.guarding.watch()
        assert loop.follow() == 1
        assert called(parts) == ([text_phone(parts)], None)

    def test_whoever_proved_who_they_are_need_not_be_told_again(self, parts, loop, lost) -> None:
        loop.guarding.watch()
        loop.follow()
        with parts.db.begin() as tx:
            tx.execute(update(recipient).values(is_final=True, outcome=Outcome.MESSAGE_COMPLETE))
            tx.execute(update(campaign).values(state=CampaignState.FINISHED))
        loop.follow()
        with parts.db.begin() as tx:
            assert telling.left(tx, parts.vault, lost) is None
            assert tasks.open_tasks(tx, parts.vault) == []

    def test_whom_the_call_did_not_reach_is_one_task_with_both(self, parts, loop, lost) -> None:
        loop.guarding.watch()
        loop.follow()
        with parts.db.begin() as tx:
            tx.execute(update(recipient).values(is_final=True, outcome=Outcome.MESSAGE_PARTIAL))
            tx.execute(update(campaign).values(state=CampaignState.FINISHED))
        loop.follow()
        with parts.db.begin() as tx:
            owed = telling.left(tx, parts.vault, lost)
        told = (owed.words or "") if owed is not None else ""
        assert "Avísele por otro medio" in told and "No se le pudo avisar por teléfono" in told
        assert "Quedó en Coordinación la tarea" in letters(parts, "correction_untold")[0]


def text_phone(parts: Parts) -> str:
    """To which telephone the text went, or was to go."""
    return parts.vault.open(text_row(parts).to_sealed)


@pytest.mark.parametrize(("phone", "state"), [(LANDLINE, "refused"), (PHONE, "failed"), (PHONE, "delivered")])
def test_a_pin_that_was_changed_without_its_holder_knowing_is_told_to_coordination(parts, loop, phone, state) -> None:
    with parts.db.begin() as tx:
        about = TextMessage("pin_changed", phone, "dgs", prompt="sms.pin_changed")
        number = leave(tx, parts.vault, parts.clock.now(), about)
        if phone == PHONE:
            tx.execute(update(post).where(post.c.id == number).values(state=state))
    assert [loop.guarding.watch() for _ in range(2)] == [1, 0]
    told = letters(parts, "pin_unannounced")
    assert len(told) == (state != "delivered")
    assert all(each.startswith(CELIA) and "El 23/11/2026 a las 10:00 se cambió un PIN" in each for each in told)
    assert not [each for each in told if phone in each]
