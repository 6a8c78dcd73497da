"""Whether anything that a screen shows has changed: one short statement, so that it may be asked twice a second."""

from sqlalchemy import Connection, ScalarSelect, Text, cast, func, literal_column, or_, select

from desk.states import RoomState
from desk.tables import leg, operator
from desk.tables import room as room_table

_ROOM = cast(literal_column("room.xmin"), Text)  # changes with every change of the row, whoever makes it
_LEG = cast(literal_column("leg.xmin"), Text)
_IS_OPEN = room_table.c.state != RoomState.ENDED


def of_operator(tx: Connection, account_id: int) -> str:
    """Of what one operator sees: what they do, their call, who waits, and emergencies."""
    mine = select(operator.c.room_id).where(operator.c.account_id == account_id).scalar_subquery()
    waits = room_table.c.state.in_([RoomState.WAITING, RoomState.OFFERED])
    is_emergency = room_table.c.is_emergency & _IS_OPEN
    rooms = _rooms(or_(waits, is_emergency, room_table.c.id == mine))
    return _stamp(tx, _operators(operator.c.account_id == account_id), rooms, _legs(leg.c.room_id == mine))


def of_room(tx: Connection, room_id: int) -> str:
    """Of one conversation."""
    return _stamp(tx, _rooms(room_table.c.id == room_id), _legs(leg.c.room_id == room_id))


def of_floor(tx: Connection) -> str:
    """Of everything."""
    open_rooms = select(room_table.c.id).where(_IS_OPEN)
    return _stamp(tx, _operators(), _rooms(_IS_OPEN), _legs(leg.c.room_id.in_(open_rooms)))


def _operators(*which: object) -> ScalarSelect:
    """Not the whole row: that the page is open is written down all the time."""
    o = operator.c
    facts = func.concat_ws(":", o.account_id, o.state, o.since, o.reason, o.room_id, cast(o.skills, Text), o.name)
    return select(func.string_agg(facts, ",")).where(*which).scalar_subquery()  # type: ignore[arg-type]


def _rooms(*which: object) -> ScalarSelect:
    facts = func.concat_ws(":", room_table.c.id, _ROOM)
    return select(func.string_agg(facts, ",")).select_from(room_table).where(*which).scalar_subquery()  # type: ignore[arg-type]


def _legs(*which: object) -> ScalarSelect:
    facts = func.concat_ws(":", leg.c.id, _LEG)
    return select(func.string_agg(facts, ",")).select_from(leg).where(*which).scalar_subquery()  # type: ignore[arg-type]


def _stamp(tx: Connection, *parts: ScalarSelect) -> str:
    """32 hexadecimal digits that are the same as long as the parts are."""
    return tx.execute(select(func.md5(func.concat_ws("|", *(func.coalesce(part, "") for part in parts))))).scalar_one()
