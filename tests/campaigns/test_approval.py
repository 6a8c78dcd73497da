"""Who approves what, with how much notice, and what is then due."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, update

from campaigns.approval import approve, not_any_longer, too_late, verify
from campaigns.life import NoSuchCampaign, NotAllowed, state_of
from campaigns.states import CampaignState
from campaigns.tables import campaign, recipient
from core.audit import history
from core.roles import Role
from tests.campaigns.builders import COORDINATOR, attempts_of, campaign_row, moment, set_campaign, submitted


def decide(db, clock, campaign_id, role=Role.COORDINADOR, **how):
    with db.begin() as tx:
        approve(tx, clock.now(), campaign_id, COORDINATOR, role, **how)


def test_a_campaign_with_seven_days_notice_is_due_on_its_first_day(db, vault, clock):
    """Handed in on Monday the 23rd at 10:00, for the 30th: seven calendar days (R54)."""
    campaign_id = submitted(db, vault, clock, 3).id
    decide(db, clock, campaign_id)
    due = {(row.due_at, row.phone, row.state) for row in attempts_of(db, campaign_id)}
    assert due == {(moment("2026-11-30 00:00"), 0, "due")}
    with db.begin() as tx:
        assert state_of(tx, campaign_id) == CampaignState.SCHEDULED
        actions = [line["action"] for line in history(tx, "campaign", campaign_id)]
    assert actions[:3] == ["campaign.planned", "campaign.scheduled", "campaign.approved"]


@pytest.mark.parametrize("at_once", [True, False])
def test_one_whose_period_is_over_is_not_approved(db, vault, clock, at_once):
    """Of what is asked for until 18 December, the 18th at 18:00 is too late in El Salvador."""
    campaign_id = submitted(db, vault, clock, 2).id
    clock.jump_to(moment("2026-12-18 17:59"))
    with db.begin() as tx:
        assert too_late(tx, campaign_row(tx, campaign_id), clock.now()) is None
    clock.jump_to(moment("2026-12-18 18:00"))
    with pytest.raises(NotAllowed, match="no queda ninguna hora"):
        decide(db, clock, campaign_id, at_once=at_once)
    clock.jump_to(moment("2026-12-19 00:00"))
    with pytest.raises(NotAllowed, match="Su período ya terminó: devuélvala"):
        decide(db, clock, campaign_id, Role.SUPERVISOR, at_once=at_once, reason="vence")
    with db.begin() as tx:
        assert state_of(tx, campaign_id) == CampaignState.UNDER_REVIEW
    assert attempts_of(db, campaign_id) == []


NOTE = "Base legal revisada"
URGENT = {
    "urgente": "SI",
    "justificacion_urgencia": "Vence el subsidio",
    "fecha_solicitud": "16/11/2026",
    "fecha_inicio": "29/11/2026",
}


@pytest.mark.parametrize(
    ("fields", "how", "is_short"),
    [
        ({}, {}, False),
        ({}, {"at_once": True}, True),
        ({}, {"at_once": True, "reason": "   "}, True),
        ({}, {"at_once": True, "reason": "autoriza la jefatura"}, False),
        (URGENT, {}, True),
        (URGENT, {"reason": "vence el subsidio"}, False),
    ],
)
def test_a_short_notice_needs_a_reason(db, vault, clock, fields, how, is_short):
    campaign_id = submitted(db, vault, clock, 1, **fields).id
    if is_short:
        with pytest.raises(NotAllowed, match="motivo"):
            decide(db, clock, campaign_id, Role.SUPERVISOR, **how)
        assert attempts_of(db, campaign_id) == []
    else:
        decide(db, clock, campaign_id, Role.SUPERVISOR, **how)
        assert len(attempts_of(db, campaign_id)) == 1


def test_at_once_on_the_eighth_day_is_no_short_notice(db, vault, clock):
    campaign_id = submitted(db, vault, clock, 1).id
    clock.advance(timedelta(days=8))
    decide(db, clock, campaign_id, at_once=True)
    assert attempts_of(db, campaign_id)[0].due_at == clock.now()


def test_approved_late_it_is_due_now_not_in_the_past(db, vault, clock):
    campaign_id = submitted(db, vault, clock, 1).id
    clock.advance(timedelta(days=10))
    decide(db, clock, campaign_id)
    assert attempts_of(db, campaign_id)[0].due_at == clock.now()


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("fields", [{}, {"contiene_datos_sensibles": "SI"}, URGENT])
def test_who_may_approve(db, vault, clock, role, fields):
    campaign_id = submitted(db, vault, clock, 1, **fields).id
    supervisors = {Role.SUPERVISOR, Role.DIRECTOR, Role.ADMIN}
    if role in (supervisors if fields else supervisors | {Role.COORDINADOR}):
        decide(db, clock, campaign_id, role, reason="revisada")
    else:
        with pytest.raises(NotAllowed):
            decide(db, clock, campaign_id, role, reason="revisada")


@pytest.mark.parametrize("state", [state for state in CampaignState if state != CampaignState.UNDER_REVIEW])
def test_only_what_is_under_review_is_approved(db, vault, clock, state):
    campaign_id = submitted(db, vault, clock, 1).id
    set_campaign(db, campaign_id, state=state)
    with pytest.raises(NotAllowed, match=state.label.lower()):
        decide(db, clock, campaign_id)


def test_with_nobody_to_call_nothing_changes(db, vault, clock):
    campaign_id = submitted(db, vault, clock, 1).id
    with db.begin() as tx:
        tx.execute(update(recipient).values(is_final=True))
    with pytest.raises(NotAllowed, match="ninguna persona"):
        decide(db, clock, campaign_id)
    with db.begin() as tx:
        assert tx.execute(select(campaign.c.state)).scalar_one() == CampaignState.UNDER_REVIEW


@pytest.mark.parametrize(
    ("fields", "role", "at_once", "may"),
    [
        ({}, Role.COORDINADOR, False, True),
        ({}, Role.COORDINADOR, True, False),  # at once is less than 7 days (R54)
        ({}, Role.SUPERVISOR, True, True),
        ({"contiene_datos_sensibles": "SI"}, Role.COORDINADOR, False, False),
        ({"contiene_datos_sensibles": "SI"}, Role.SUPERVISOR, False, True),
    ],
)
def test_what_is_soon_or_sensitive_takes_a_supervisor_and_a_reason(db, vault, clock, fields, role, at_once, may):
    campaign_id = submitted(db, vault, clock, 1, **fields).id
    takes_more = bool(fields) or at_once
    if may and takes_more:
        with pytest.raises(NotAllowed, match="motivo"):
            decide(db, clock, campaign_id, role, at_once=at_once)
    if may:
        decide(db, clock, campaign_id, role, at_once=at_once, reason="lo pide la dirección" if takes_more else "")
    else:
        with pytest.raises(NotAllowed, match="la aprueba un supervisor"):
            decide(db, clock, campaign_id, role, at_once=at_once, reason="lo pido yo")


@pytest.mark.parametrize(
    ("fields", "at_once", "why"),
    [
        ({"contiene_datos_sensibles": "SI"}, False, "Tiene datos sensibles"),
        ({}, True, "Faltan menos de 7 días para que empiece"),
        (URGENT, False, "Es urgente y faltan menos de 7 días para que empiece"),
        (
            URGENT | {"contiene_datos_sensibles": "SI"},
            False,
            "Es urgente, tiene datos sensibles y faltan menos de 7 días para que empiece",
        ),
    ],
)
def test_it_is_said_which_of_the_reasons_applies(db, vault, clock, fields, at_once, why):
    campaign_id = submitted(db, vault, clock, 1, **fields).id
    with pytest.raises(NotAllowed, match=f"^{why}: la aprueba un supervisor"):
        decide(db, clock, campaign_id, at_once=at_once)
    with pytest.raises(NotAllowed, match=f"^{why}: la aprobación necesita un motivo"):
        decide(db, clock, campaign_id, Role.SUPERVISOR, at_once=at_once)


def test_who_returned_it_by_itself_is_nobody(db, vault, clock):
    campaign_id = submitted(db, vault, clock, 1, base_legal_tratamiento="").id
    with pytest.raises(NotAllowed, match=r"devuelta: ya no se puede aprobar. La devolvió la revisión automática\."):
        decide(db, clock, campaign_id)


def test_of_one_that_is_over_it_is_no_matter_who_approved_it(db, vault, clock):
    campaign_id = submitted(db, vault, clock, 1).id
    decide(db, clock, campaign_id)
    set_campaign(db, campaign_id, state=CampaignState.CLOSED)
    with db.begin() as tx:
        assert not_any_longer(tx, campaign_id, "cancelar") == "La campaña está cerrada: ya no se puede cancelar."


def test_of_two_who_approve_at_once_one_wins_and_the_other_reads_who(db, vault, clock):
    campaign_id = submitted(db, vault, clock, 5).id
    people, told = ("ana@subsidios.example", "luis@subsidios.example"), {}
    begin = Barrier(2)

    def approve_as(actor: str) -> None:
        begin.wait(10)
        try:
            with db.begin() as tx:
                approve(tx, clock.now(), campaign_id, actor, Role.COORDINADOR)
        except NotAllowed as problem:
            told[actor] = str(problem)

    threads = [Thread(target=approve_as, args=(actor,)) for actor in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    (loser,) = told
    (winner,) = set(people) - {loser}
    assert told[loser] == f"La campaña está programada: ya no se puede aprobar. Ya la aprobó {winner}."
    assert len(attempts_of(db, campaign_id)) == 5


class TestVerifying:
    def verify(
        self, db, clock, campaign_id, role=Role.PROFESIONAL_LINEA, note="Base legal revisada", actor="pro@x.example"
    ):
        with db.begin() as tx:
            verify(tx, clock.now(), campaign_id, actor, role, note)

    def test_it_is_written_down_once(self, db, vault, clock):
        campaign_id = submitted(db, vault, clock, 1).id
        self.verify(db, clock, campaign_id)
        with db.begin() as tx:
            newest = history(tx, "campaign", campaign_id)[0]
        assert (newest["action"], newest["actor"], newest["reason"]) == (
            "campaign.verified",
            "pro@x.example",
            "Base legal revisada",
        )
        with pytest.raises(NotAllowed, match="Ya la verificó pro@x.example"):
            self.verify(db, clock, campaign_id, actor="otro@x.example")

    @pytest.mark.parametrize("role", list(Role))
    def test_by_a_professional_of_the_line(self, db, vault, clock, role):
        campaign_id = submitted(db, vault, clock, 1).id
        if role in (Role.PROFESIONAL_LINEA, Role.ADMIN):
            self.verify(db, clock, campaign_id, role)
        else:
            with pytest.raises(NotAllowed):
                self.verify(db, clock, campaign_id, role)

    @pytest.mark.parametrize("note", ["", "  \n"])
    def test_with_a_note(self, db, vault, clock, note):
        with pytest.raises(NotAllowed, match="Escriba"):
            self.verify(db, clock, submitted(db, vault, clock, 1).id, note=note)

    @pytest.mark.parametrize("state", [state for state in CampaignState if state != CampaignState.UNDER_REVIEW])
    def test_while_it_is_under_review(self, db, vault, clock, state):
        campaign_id = submitted(db, vault, clock, 1).id
        set_campaign(db, campaign_id, state=state)
        with pytest.raises(NotAllowed, match=state.label.lower()):
            self.verify(db, clock, campaign_id)

    def test_there_is_no_such_campaign(self, db, clock):
        with pytest.raises(NoSuchCampaign):
            self.verify(db, clock, 99)


def test_there_is_no_such_campaign(db, clock):
    with pytest.raises(NoSuchCampaign):
        decide(db, clock, 99)
