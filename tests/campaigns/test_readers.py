"""Who may know of a campaign: everybody whose role looks at campaigns; of a reserved one named people alone (R43)."""

import pytest
from sqlalchemy import insert, select

from campaigns import readers
from campaigns.intake.tables import intake
from campaigns.life import NoSuchCampaign, NotAllowed
from campaigns.rules.explaining import why_campaign
from campaigns.states import CampaignState
from campaigns.submission import submit
from campaigns.tables import campaign
from core.audit import history
from core.roles import Role
from demo.invent import citizen, formato
from tests.campaigns.builders import COORDINATOR, LINES, campaign_row, running, set_campaign, submitted

UNUSUAL = {"tipo_campana": "TRANSACCIONES_INUSUALES", "modo": "OPERADOR"}
OTHER, NAMED, ASKED = "otra@subsidios.example", "luz@subsidios.example", "operaciones@subsidios.example"


def sees(db, vault, campaign_id, email, role=Role.SUPERVISOR) -> bool:
    with db.begin() as tx:
        listed = tx.execute(select(campaign.c.id).where(readers.visible_to(vault, email, role))).scalars().all()
        by_id = readers.may_read(tx, vault, campaign_id, email, role)
    assert (campaign_id in listed) == by_id
    return by_id


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MISIONAL])
@pytest.mark.parametrize(
    ("fields", "email", "may"),
    [
        ({}, OTHER, True),
        (UNUSUAL, OTHER, False),
        (UNUSUAL, NAMED, True),
        (UNUSUAL, NAMED.upper(), True),
        (UNUSUAL, COORDINATOR, True),
        (UNUSUAL, ASKED, True),
    ],
)
def test_who_knows_of_it_whatever_their_role(db, vault, clock, fields, email, may, role):
    campaign_id = submitted(db, vault, clock, 1, **fields).id
    with db.begin() as tx:
        tx.execute(insert(intake).values(campaign_id=campaign_id, requester_print=vault.fingerprint("email", ASKED)))
        if fields:
            readers.name_reader(tx, clock.now(), campaign_id, COORDINATOR, NAMED)
    assert sees(db, vault, campaign_id, email, role) is may


@pytest.mark.parametrize(
    "wrong",
    [
        {"fecha_fin": ""},
        {"fecha_fin": "31/02/2026"},
        {"pais": "Narnia"},
        {"modo": ""},
        {"tipo_campana": "Transacciones  inusuales", "fecha_fin": ""},
        {"tipo_campana": "TRANSACIONES INUSUALES"},
        {"tipo_campana": "inusuales"},
    ],
)
def test_a_reserved_one_that_could_not_be_made_out_is_reserved_too(db, vault, clock, wrong):
    done = submitted(db, vault, clock, 1, **UNUSUAL | wrong)
    with db.begin() as tx:
        assert campaign_row(tx, done.id).state == CampaignState.RETURNED
        assert readers.readers_of(tx, done.id) == [COORDINATOR]
    assert sees(db, vault, done.id, COORDINATOR)
    assert not sees(db, vault, done.id, OTHER)


@pytest.mark.parametrize("written", ["", "OTRA", "Informativa", "verificación", "nuevos beneficiarios"])
def test_of_another_type_everybody_knows_what_has_to_be_corrected(db, vault, clock, written):
    done = submitted(db, vault, clock, 1, tipo_campana=written, fecha_fin="")
    assert sees(db, vault, done.id, OTHER)


@pytest.mark.parametrize(("email", "may"), [(OTHER, False), (COORDINATOR, True), (ASKED, True)])
def test_an_area_knows_of_its_own_alone(db, vault, clock, email, may):
    campaign_id = submitted(db, vault, clock, 1).id
    with db.begin() as tx:
        tx.execute(insert(intake).values(campaign_id=campaign_id, requester_print=vault.fingerprint("email", ASKED)))
    assert sees(db, vault, campaign_id, email, Role.MISIONAL) is may


def test_one_of_before_there_were_names_is_its_bringers_alone(db, vault, clock):
    campaign_id = submitted(db, vault, clock, 1, **UNUSUAL).id
    set_campaign(db, campaign_id, named_readers=None)
    assert sees(db, vault, campaign_id, COORDINATOR)
    assert not sees(db, vault, campaign_id, OTHER)


def test_any_campaign_is_reserved_once_somebody_is_named(db, vault, clock):
    campaign_id = submitted(db, vault, clock, 1).id
    with db.begin() as tx:
        assert readers.readers_of(tx, campaign_id) == []
        assert readers.name_reader(tx, clock.now(), campaign_id, COORDINATOR, f" {NAMED.upper()} ")
        assert not readers.name_reader(tx, clock.now(), campaign_id, COORDINATOR, NAMED)
        assert readers.readers_of(tx, campaign_id) == [COORDINATOR, NAMED]
        assert tx.execute(select(campaign.c.id).where(readers.is_open())).all() == []
    assert not sees(db, vault, campaign_id, OTHER)
    with db.begin() as tx:
        assert readers.unname_reader(tx, clock.now(), campaign_id, COORDINATOR, NAMED)
        assert not readers.unname_reader(tx, clock.now(), campaign_id, COORDINATOR, NAMED)
        done = [each["action"] for each in history(tx, "campaign", campaign_id)][:2]
    assert not sees(db, vault, campaign_id, NAMED)
    assert not sees(db, vault, campaign_id, OTHER)  # it stays reserved
    assert done == ["campaign.reader_unnamed", "campaign.reader_named"]


@pytest.mark.parametrize("email", ["", "nadie", "a@b.example, c@d.example"])
def test_only_an_e_mail_can_be_named(db, vault, clock, email):
    campaign_id = submitted(db, vault, clock, 1, **UNUSUAL).id
    with db.begin() as tx, pytest.raises(NotAllowed, match="correo"):
        readers.name_reader(tx, clock.now(), campaign_id, COORDINATOR, email)


def test_whoever_brought_it_cannot_be_taken_off(db, vault, clock):
    campaign_id = submitted(db, vault, clock, 1, **UNUSUAL).id
    with db.begin() as tx, pytest.raises(NotAllowed, match="siempre la ve"):
        readers.unname_reader(tx, clock.now(), campaign_id, OTHER, COORDINATOR)
    with db.begin() as tx, pytest.raises(NoSuchCampaign):
        readers.name_reader(tx, clock.now(), 99, COORDINATOR, NAMED)


@pytest.mark.parametrize(
    ("email", "role", "may"),
    [
        (COORDINATOR, Role.MISIONAL, True),
        (NAMED, Role.SUPERVISOR, True),
        (NAMED, Role.COORDINADOR, True),
        (NAMED, Role.OPERADOR, False),
        (OTHER, Role.SUPERVISOR, False),
    ],
)
def test_who_may_name_others(db, vault, clock, email, role, may):
    campaign_id = submitted(db, vault, clock, 1, **UNUSUAL).id
    with db.begin() as tx:
        readers.name_reader(tx, clock.now(), campaign_id, COORDINATOR, NAMED)
        assert readers.may_name(campaign_row(tx, campaign_id), email, role) is may


def test_the_corrected_file_is_for_the_same_people(db, vault, clock):
    bad = submitted(db, vault, clock, 1, **UNUSUAL, fecha_fin="01/01/2026")
    with db.begin() as tx:
        readers.name_reader(tx, clock.now(), bad.id, COORDINATOR, NAMED)
    good = submit(db, vault, clock, LINES, OTHER, "lista.csv", formato([citizen(0)], **UNUSUAL), bad.id)
    with db.begin() as tx:
        assert readers.readers_of(tx, good.id) == [OTHER, COORDINATOR, NAMED]


def test_of_one_that_goes_first_the_name_is_not_told(db, vault, clock):
    first = running(db, vault, clock, 1, 0, nombre_campana="Lista reservada", prioridad="1")
    second = running(db, vault, clock, 1, 5)
    with db.begin() as tx:
        readers.name_reader(tx, clock.now(), first, COORDINATOR, NAMED)
        told = [why.sentence for why in why_campaign(tx, clock.now(), campaign_row(tx, second))]
    assert any(readers.RESERVED_NAME in sentence for sentence in told)
    assert not any("Lista" in sentence for sentence in told)
