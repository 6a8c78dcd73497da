"""What cannot be carried out ends by itself: it keeps no other telephone from being dialled, asked after or let go."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from carrier.carriers import Carriers
from core.privacy import Vault
from desk import rooms
from desk.process import DeskProcess
from desk.states import LegRole, LegState, RoomKind, RoomState
from desk.tables import leg
from desk.tables import room as room_table
from desk.world import Desk
from tests.desk.stage import Stage
from tests.desk.telephones import Telephone
from tests.ports import free_port
from tests.serving import listening
from tests.trunks import a_trunk, in_use

OF_911 = "+50322991911"
GONE = "linea-retirada"  # a line whose file is not there any more
THEIRS = "AC" + "5" * 32


@pytest.fixture
def desk(stage: Stage) -> Desk:
    """The real one, whose process is stopped: only the test looks."""
    stage.stop_desk()
    return stage.desk


@pytest.fixture
def of_911(stage: Stage) -> Telephone:
    return stage.house.exchange.attach(OF_911)


def a_room(desk: Desk, line: str, **values: Any) -> int:
    now = desk.clock.now()
    moments = {"place_since": now, "entered_at": now, "queued_at": now}
    known = {"line": line, "queue": "general", "kind": RoomKind.INBOUND, "state": RoomState.TALKING}
    with desk.db.begin() as tx:
        return rooms.add(tx, room_table, **{**known, **moments, **values})


def a_leg(desk: Desk, room_id: int, role: LegRole, **values: Any) -> int:
    with desk.db.begin() as tx:
        leg_id = rooms.add_leg(tx, desk.clock.now(), room_id, role, rooms.DESK)
        if values:
            tx.execute(update(leg).where(leg.c.id == leg_id).values(**values))
        return leg_id


def known(desk: Desk, leg_id: int) -> Row:
    with desk.db.begin() as tx:
        return tx.execute(select(leg).where(leg.c.id == leg_id)).one()


def ended(desk: Desk, leg_id: int) -> tuple[str, str | None]:
    row = known(desk, leg_id)
    return row.state, row.result


def look(desk: Desk) -> None:
    """One look of the desk's process, and everything that it began."""
    process = DeskProcess(desk)
    process.look()
    process.close()


def emergency(desk: Desk) -> int:
    """A telephone of 911 that is to be brought onto a call of Línea 131."""
    room_id = a_room(desk, "linea131", is_emergency=True, queue="crisis")
    return a_leg(desk, room_id, LegRole.SERVICE, kind="911", address_sealed=desk.vault.seal(OF_911))


def addressed_by_another_key(desk: Desk) -> int:
    sealed = Vault("the key of another installation, lost").seal("+50370001234")
    return a_leg(desk, a_room(desk, "dgs"), LegRole.CONSULTED, address_sealed=sealed)


def of_a_line_that_is_gone(desk: Desk) -> int:
    return a_leg(desk, a_room(desk, GONE), LegRole.CONSULTED, address_sealed=desk.vault.seal("+50370001234"))


@pytest.mark.parametrize("broken", [addressed_by_another_key, of_a_line_that_is_gone])
def test_a_telephone_that_cannot_be_dialled_keeps_no_emergency_waiting(stage, desk, of_911, caplog, broken):
    bad, service = broken(desk), emergency(desk)
    look(desk)
    assert (known(desk, service).state, ended(desk, bad)) == (LegState.RINGING, (LegState.ENDED, "failed"))
    stage.until(lambda: of_911.is_ringing, "911 rings")
    (said,) = [each for each in caplog.messages if "passed over" in each]
    assert said.startswith(f"leg {bad} was passed over: ") and "/_order:" in said
    assert "+503" not in caplog.text


def test_a_telephone_of_a_line_that_is_gone_is_still_let_go(stage, desk, of_911):
    """It is on the line, whatever became of the line's file."""
    service = emergency(desk)
    look(desk)
    stage.until(lambda: of_911.is_ringing, "911 rings")
    with desk.db.begin() as tx:
        tx.execute(update(room_table).values(line=GONE))
        rooms.let_go(tx, service)
    look(desk)
    assert ended(desk, service) == (LegState.ENDED, "no-answer" if known(desk, service).joined_at else "canceled")
    stage.until(lambda: not of_911.is_ringing, "911 is let go")


class Silent:
    """A carrier that is down: it counts who asks it."""

    def __init__(self) -> None:
        self.asked = 0
        self.port = free_port()
        self.server = listening(self._answer, self.port)
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def _answer(self, _environ: Any, start: Any) -> list[bytes]:
        self.asked += 1
        start("503 Service Unavailable", [("Content-Type", "text/plain")])
        return [b""]


@pytest.fixture
def down() -> Iterator[Silent]:
    made = Silent()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def two_accounts(stage: Stage, desk: Desk, down: Silent) -> Desk:
    """The desk with a second account, at a carrier that is down."""
    ours = stage.house.parts.trunks.now().first
    theirs = a_trunk(name="otra", account_sid=THEIRS, api_url=f"http://127.0.0.1:{down.port}")
    return replace(desk, carriers=Carriers(in_use(ours, theirs)))


def silent_leg(desk: Desk, number: int, **values: Any) -> int:
    """An operator's telephone of which its carrier knows nothing any more."""
    known = {"state": LegState.JOINED, "sid": f"CA{number:032x}", "account_id": number}
    return a_leg(desk, a_room(desk, "dgs", **values), LegRole.OPERATOR, **known)


def test_an_account_that_is_down_keeps_no_other_from_being_asked_after(two_accounts, down, caplog):
    """Its telephones come first, as their rooms are over; it is asked once, and not for each of them."""
    desk = two_accounts
    over = {"state": RoomState.ENDED, "ended_at": desk.clock.now(), "carrier_account": THEIRS}
    waiting = [silent_leg(desk, number, **over) for number in range(3)]
    ours = [silent_leg(desk, number) for number in range(3, 6)]
    DeskProcess(desk).reconcile()
    assert [ended(desk, each)[0] for each in ours] == [LegState.ENDED] * 3
    assert [ended(desk, each)[0] for each in waiting] == [LegState.JOINED] * 3
    assert down.asked == 1
    assert caplog.messages == [f"desk: the account {THEIRS} does not answer: its silent telephones wait"]


def test_a_telephone_whose_end_cannot_be_kept_keeps_no_other_from_its_own(two_accounts, caplog):
    desk = two_accounts
    bad, good = silent_leg(desk, 1), silent_leg(desk, 2)
    with desk.db.begin() as tx:
        tx.execute(update(room_table).where(room_table.c.id == known(desk, bad).room_id).values(kind="NADA"))
    DeskProcess(desk).reconcile()
    assert (known(desk, bad).state, known(desk, good).state) == (LegState.JOINED, LegState.ENDED)
    assert [each for each in caplog.messages if each.startswith(f"leg {bad} was passed over: ValueError")]
