"""Gifts, production, quality and what goes up (R13, R14, R19, R74, R80)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from cases import quality, tasks
from cases.attentions import gifts
from cases.attentions.handovers import STILL_TYPING
from cases.consultations import consultations, escalations
from cases.consultations.consultations import CaseState
from cases.events import events_of
from cases.orders import orders
from cases.problem import TextMissing
from cases.production import Production, count_cases, production
from cases.quality import ITEMS, AlreadyJudged, WrongMark
from cases.tasks import TaskKind
from cases.typed import Typed
from core.roles import Role
from tests.cases.conftest import ANA, DUI, LUISA, PHONE


class TestGifts:
    @pytest.mark.parametrize(
        ("written", "value"),
        [("25", "25.00"), ("$25.50", "25.50"), ("25,50", "25.50"), ("1,250.00", "1250.00"), ("1,250", "1250.00")],
    )
    def test_an_amount(self, written, value):
        given = gifts.read(Typed(gift_offer="a", gift_item="b", gift_value=written, gift_is_accepted=False))
        assert isinstance(given, gifts.Given)
        assert given.value == Decimal(value)

    def test_the_register(self, tx, vault, clock):
        given = gifts.Given("Ofreció pan", "Pan", Decimal("5.00"), True, "Art. 6", "CR-12")
        for line, day in (("dgs", date(2026, 11, 20)), ("linea131", date(2026, 11, 23))):
            gifts.register(tx, vault, clock.now(), given, line=line, offered_on=day, agent=ANA)
        assert [gift.line for gift in gifts.list_gifts(tx, vault)] == ["linea131", "dgs"]
        (gift,) = gifts.list_gifts(tx, vault, hidden_lines={"linea131"})
        assert (gift.item, gift.value, gift.form_number) == ("Pan", Decimal("5.00"), "CR-12")
        assert gifts.one_gift(tx, vault, gift.id) == gift
        with pytest.raises(gifts.NoSuchGift):
            gifts.one_gift(tx, vault, 99)


def test_production_counts_one_operators_day(tx, vault, clock, answered, typed, save):
    day = clock.now()
    for room in (1, 2):
        typed(answered(room=room))
        save(room)
    typed(answered(room=3, operator=LUISA), LUISA)
    save(3, LUISA)
    answered(room=4)
    orders.open_order(tx, vault, clock.now(), DUI, ANA, "Cobraron su subsidio")
    asked = []

    def count_calls(*about):
        asked.append(about)
        return 3

    made = production(
        tx, ANA, day, day + timedelta(days=1), count_calls=count_calls, count_chats=lambda *_: 2, target=10
    )
    assert made == Production(calls=3, cases=2, orders=1, target=10, chats=2)
    assert (made.attended, made.left) == (5, 5)
    assert asked == [(tx, ANA, day, day + timedelta(days=1))]
    next_day, after = day + timedelta(days=1), day + timedelta(days=2)
    tomorrow = production(tx, ANA, next_day, after, count_calls=lambda *_: 0, count_chats=lambda *_: 0)
    assert tomorrow == Production(0, 0, 0, 0)


def test_what_a_colleague_completed_is_not_counted_as_saved_by_the_first(tx, vault, clock, answered, typed, save):
    day, mine = clock.now(), answered()
    typed(mine)
    clock.advance(STILL_TYPING)
    hers = answered(operator=LUISA)
    typed(hers, LUISA)
    save(hers, LUISA)
    assert [count_cases(tx, who, day, day + timedelta(days=1)) for who in (ANA, LUISA)] == [0, 1]


class TestEscalations:
    def trays(self, tx, vault, role, **other):
        return [case.id for case in consultations.pending_cases(tx, vault, roles={role}, **other)]

    def test_another_kind_of_consultation_goes_to_the_coordinator_with_its_unit(self, tx, vault, answered, typed, save):
        typed(answered(), subject="C99", unit="Tesorería", outcome="PENDIENTE")
        save(1)
        (raised,) = tasks.tasks_of(tx, vault, [1])[1]
        assert (raised.kind, raised.to_roles, raised.unit) == (TaskKind.UNIT, (Role.COORDINADOR,), "Tesorería")

    def test_who_was_not_attended_reaches_the_director(self, tx, vault, answered, typed, save):
        number = answered(line="linea131", is_sensitive=True)
        told = {"subject": "D02", "caller_kind": "PERSONA_USUARIA", "outcome": "PENDIENTE"}
        typed(number, **told, is_unattended=True, reason="No la recibieron en la institución")
        save(number)
        assert self.trays(tx, vault, Role.DIRECTOR) == [1]
        assert self.trays(tx, vault, Role.DIRECTOR, hidden_lines={"linea131"}) == []
        assert self.trays(tx, vault, Role.TECNICO) == []

    def test_a_closed_case_waits_again_and_what_is_the_directions_stays(self, tx, vault, clock, answered, typed, save):
        typed(answered())
        save(1)
        escalations.to_director(tx, vault, clock.now(), 1, LUISA, "No la atendieron")
        assert self.trays(tx, vault, Role.DIRECTOR) == [1]
        again = escalations.to_director(tx, vault, clock.now(), 1, LUISA, "Sigue igual")
        (raised,) = tasks.tasks_of(tx, vault, [1])[1]
        assert raised.id == again
        assert "Sigue igual" in [each.text for each in events_of(tx, vault, 1)]
        consultations.close_case(tx, vault, clock.now(), 1, "directora@ejemplo.gob.sv", "Se le dio cita")
        assert self.trays(tx, vault, Role.DIRECTOR) == []
        assert [each.id for each in tasks.tasks_of(tx, vault, [1])[1]] == [again], "whoever closed the case"

    def test_what_belongs_to_another_unit_is_in_a_tray_though_a_colleague_closed_it(
        self, tx, vault, clock, answered, typed, save
    ):
        typed(answered())
        save(1)
        assert self.trays(tx, vault, Role.COORDINADOR) == []
        escalations.to_unit(tx, vault, clock.now(), 1, ANA, "Tesorería", "Pide su constancia")
        assert self.trays(tx, vault, Role.COORDINADOR) == [1]

    def test_the_reason_and_the_case_must_be_there(self, tx, vault, clock):
        now = clock.now()
        with pytest.raises(TextMissing):
            escalations.to_director(tx, vault, now, 1, ANA, " ")
        with pytest.raises(consultations.NoSuchCase):
            escalations.to_director(tx, vault, now, 1, ANA, "No la atendieron")
        case = consultations.open_case(tx, vault, now, "C99", DUI, PHONE, "dgs", None, "Pregunta otra cosa")
        with pytest.raises(TextMissing):
            escalations.to_unit(tx, vault, now, case, ANA, "", "Pregunta otra cosa")
        assert [each.id for each in consultations.pending_cases(tx, vault)] == [case]
        assert CaseState.PENDIENTE.label == "Pendiente"


class TestQuality:
    def judge(self, tx, vault, clock, room, mark=4, **other):
        told = {"supervisor": LUISA, "operator": ANA, "line": "dgs", **other}
        return quality.record_quality(tx, vault, clock.now(), room_id=room, marks=dict.fromkeys(ITEMS, mark), **told)

    def test_an_operators_average(self, tx, vault, clock):
        self.judge(tx, vault, clock, 1, 3, comment="Habló muy rápido")
        self.judge(tx, vault, clock, 2, 5)
        self.judge(tx, vault, clock, 3, 1, line="linea131")
        start = clock.now()
        (mean,) = quality.averages(tx, start, start + timedelta(days=1), hidden_lines={"linea131"})
        assert (mean.operator, mean.calls, mean.average) == (ANA, 2, 4.0)
        assert quality.averages(tx, start + timedelta(days=1), start + timedelta(days=2)) == []
        newest, oldest = quality.qualities_of(tx, vault, ANA, hidden_lines={"linea131"})
        assert (newest.average, oldest.comment) == (5.0, "Habló muy rápido")
        assert quality.qualities_of(tx, vault, LUISA) == []
        assert quality.judged_by(tx, LUISA, [1, 2, 9]) == {1, 2}

    def test_a_supervisor_judges_a_call_once(self, tx, vault, clock):
        self.judge(tx, vault, clock, 1)
        with pytest.raises(AlreadyJudged):
            self.judge(tx, vault, clock, 1)
        self.judge(tx, vault, clock, 1, supervisor="otro@ejemplo.gob.sv")

    @pytest.mark.parametrize("mark", [0, 6])
    def test_marks_go_from_one_to_five(self, tx, vault, clock, mark):
        with pytest.raises(WrongMark):
            self.judge(tx, vault, clock, 1, mark)
