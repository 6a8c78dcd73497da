"""Nobody is called by the dialer while somebody of the house speaks with them, or is about to ring them (0024)."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from campaigns.rules.explaining import why_contact
from desk.on_the_line import on_the_line
from tests.campaigns.builders import attempts_of, people_of, running

_ROOM = """
    insert into room (line, queue, kind, state, place_since, entered_at, queued_at, citizen_print)
    values ('dgs', 'general', :kind, :state, now(), now(), now(), :print)
"""


def speaks(db, vault, phone: str, state: str, kind: str = "INBOUND") -> None:
    with db.begin() as tx:
        print_ = vault.fingerprint("phone", phone)
        tx.execute(text(_ROOM), {"state": state, "kind": kind, "print": print_})


@pytest.mark.parametrize(
    ("kind", "state"),
    [("INBOUND", "WAITING"), ("INBOUND", "TALKING"), ("CALLBACK", "OFFERED"), ("OUTBOUND", "OFFERED")],
)
def test_whoever_is_in_a_conversation_is_called_when_it_is_over(db, vault, clock, switch, make, kind, state):
    campaign_id = running(db, vault, clock, 2)
    speaks(db, vault, "+50371000000", state, kind)
    round_ = make()
    assert round_.run() == 1
    assert [order.to for order in switch.orders] == ["+50371000001"]
    first = attempts_of(db, campaign_id)[0]
    assert (first.state, first.due_at) == ("due", clock.now() + timedelta(minutes=2))
    with db.begin() as tx:
        recipient_id = people_of(db, campaign_id)[0].id
        why = why_contact(tx, vault, clock.now(), recipient_id, on_the_line=on_the_line)
        assert tx.execute(text("select count(*) from rule_decision")).scalar_one() == 0, "each two minutes: no news"
        assert "Está en una llamada con la institución" in " ".join(each.sentence for each in why)
        tx.execute(text("update room set state = 'ENDED'"))
    clock.advance(timedelta(minutes=2))
    assert round_.run() == 1
    assert switch.orders[-1].to == "+50371000000"


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("CALLBACK", "state = 'WAITING'"),  # its turn may come in days: whoever takes it asks whether they are called
        ("INBOUND", "is_emergency = true"),  # nobody has confirmed it, the citizen is gone, and is not to be rung
    ],
)
def test_a_room_in_which_nobody_speaks_keeps_nobody_from_being_called(db, vault, clock, switch, make, kind, more):
    running(db, vault, clock, 1)
    speaks(db, vault, "+50371000000", "TALKING", kind)
    with db.begin() as tx:
        tx.execute(text(f"update room set {more}"))
    assert make().run() == 1


def test_in_an_emergency_whoever_may_be_rung_is_not_dialled(db, vault, clock, switch, make):
    running(db, vault, clock, 1)
    speaks(db, vault, "+50371000000", "TALKING")
    with db.begin() as tx:
        tx.execute(text("update room set is_emergency = true, is_safe_to_call = true"))
    assert make().run() == 0
