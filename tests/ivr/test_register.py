"""Every call is registered, those that asked for no person too (R101)."""

from assembly import Parts
from desk.call_list import Wanted
from ivr.register import machine_calls
from tests.ivr.scene import Scene
from tests.ivr.script import Dialogue
from tests.webhooks import Webhooks

INFORMED = [("LINE", "dgs"), ("CALLER", "1"), ("CALLER", "3"), ("CALLER", "(hangs up)")]
ATTENDED = [("LINE", "dgs"), ("CALLER", "0"), ("PERSON", "talks")]


def test_a_call_that_the_machine_attended_is_registered_with_its_way(parts: Parts, webhooks: Webhooks) -> None:
    for lines in (INFORMED, ATTENDED):
        Scene(parts, webhooks, Dialogue("register", lines)).play()

    with parts.db.begin() as tx:
        found = machine_calls(tx, parts.world.desk, Wanted())
        hidden = machine_calls(tx, parts.world.desk, Wanted(), {"dgs"})

    (call,) = found
    assert call.line is not None and call.line.id == "dgs"
    assert call.phone == "+503 ••••-••34"
    assert call.path == ("Información", "Oficinas")
    assert call.seconds is not None
    assert hidden == []
