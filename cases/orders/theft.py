"""A redemption of which the citizen says that it was somebody else's: claimed, which opens the order of a new PIN, or
not, and then a plain change of PIN is offered (R28, R29, R35; procedure of the DGS, 7.3 and 7.4-04 b)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from cases import tasks
from cases.attentions import papers
from cases.attentions.papers import OnlyInformation
from cases.catalogue.order_kinds import OrderKind
from cases.consultations.consultations import NoSuchCase, close_case
from cases.events import EventKind, note
from cases.orders import claims, orders
from cases.orders.claims import NoSuchClaim
from cases.orders.orders import OrderState
from cases.problem import TextMissing
from cases.tables import case_
from core import audit
from core.privacy import Vault

REDEMPTION, CLAIM = "C08", "C10"
#: Consultations in which it is asked: of the PIN, of a redemption, of a theft.
ASKED_IN = frozenset({"C03", REDEMPTION, CLAIM})

NO_DOCUMENT = "El caso no tiene el DUI de la persona: escríbalo, la orden es suya."
NOT_HERE = "En esta consulta no se pregunta por un reclamo."
IS_OPEN = "La persona tiene abierta la orden {} por sustracción: anúlela primero, si ya no reclama."
DECLINED = "No quiso reclamar."


class CannotClaim(Exception):
    """The case does not allow it. The message is a sentence in Spanish."""


def claim(
    tx: Connection, vault: Vault, now: datetime, case_id: int, actor: str, detail: str, document: str | None = None
) -> int:
    """Opens the order of a new PIN by theft for the person of a case, which is a claim from now on; the order's number.

    ``document``: in normal form, for a case that has none. Raises NoSuchCase, TextMissing; CannotClaim, also on the
    word of a message alone (R22).
    """
    row = _asked(tx, case_id)
    try:
        papers.check_begins_nothing(tx, vault, case_id)
    except OnlyInformation as why:
        raise CannotClaim(str(why)) from why
    known = vault.open(row.document_sealed) if row.document_sealed is not None else document
    if not known:
        raise CannotClaim(NO_DOCUMENT)
    order_id = orders.open_order(tx, vault, now, known, actor, detail, case_id=case_id)
    is_claimed(tx, vault, now, row, actor, order_id, detail)
    return order_id


def is_claimed(
    tx: Connection, vault: Vault, now: datetime, case: Row, actor: str, order_id: int, detail: str = ""
) -> None:
    """By this order the person claims: their consultation, a locked row of ``case_``, is a claim from now on."""
    _becomes(tx, case.id, CLAIM)
    text = f"Reclama el cobro. Orden {order_id}. {detail.strip()}".strip()
    note(tx, vault, now, actor, EventKind.ADDED, case_id=case.id, text=text, topic=CLAIM, was=case.subject)


def decline(tx: Connection, vault: Vault, now: datetime, case_id: int, actor: str, words: str) -> None:
    """They do not claim: it is a consultation of a redemption, and over (R35).

    Raises NoSuchCase, TextMissing; CannotClaim where an order of it is open, or one of the person: also where it was
    opened of another case, or of none, it is this claim's.
    """
    row = _asked(tx, case_id)
    if not words.strip():
        raise TextMissing
    order_id = _open_order_of(tx, vault, row)
    if order_id is not None:
        raise CannotClaim(IS_OPEN.format(order_id))
    _becomes(tx, case_id, REDEMPTION)
    told = f"{DECLINED} {words.strip()}"
    if not close_case(tx, vault, now, case_id, actor, told, was=row.subject):
        note(tx, vault, now, actor, EventKind.ADDED, case_id=case_id, text=told, topic=REDEMPTION, was=row.subject)


def confirm(
    tx: Connection,
    vault: Vault,
    now: datetime,
    claim_id: int,
    actor: str,
    detail: str,
    *,
    hidden_lines: Collection[str] = (),
) -> int:
    """A person confirmed a claim with whoever made it on a call of the system: opens the order of R29, which settles
    it, and returns the order's number.

    The order first and then the claim, as whoever opens an order by itself does: two at once for one person wait for
    each other in turn. Raises NoSuchClaim: also where its document could not be read, for one of ``hidden_lines``, and
    for one that somebody discarded meanwhile; TextMissing (R8).
    """
    document = claims.document_of(tx, vault, claim_id, hidden_lines=hidden_lines)
    order_id = orders.open_order(tx, vault, now, document, actor, detail)
    if claims.order_of(tx, claim_id) != order_id:
        raise NoSuchClaim
    audit.record(tx, now, actor, "claim.confirmed", "claim", claim_id, order=order_id)
    return order_id


def _asked(tx: Connection, case_id: int) -> Row:
    row = tx.execute(select(case_).where(case_.c.id == case_id).with_for_update()).first()
    if row is None:
        raise NoSuchCase
    if row.subject not in ASKED_IN:
        raise CannotClaim(NOT_HERE)
    return row


def _becomes(tx: Connection, case_id: int, subject: str) -> None:
    tx.execute(update(case_).where(case_.c.id == case_id).values(subject=subject))
    tasks.land_with(tx, case_id, subject)


def _open_order_of(tx: Connection, vault: Vault, case: Row) -> int | None:
    """A case that had no document when it was opened has its order's."""
    if case.document_sealed is not None:
        return orders.open_order_of(tx, vault, vault.open(case.document_sealed))
    its = (each for each in orders.orders_of_case(tx, vault, case.id) if each.kind is OrderKind.PIN_SUSTRACCION)
    return next((each.id for each in its if each.state is OrderState.ABIERTA), None)
