"""The enlace of a household to its electricity bill (R10, R24–R27; procedure of the DGS, 7.2): looked at, decided, its
order opened, made in the padrón when «Registro en sistema» is closed, and somebody given the task of telling them."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from beneficiaries.asked import Padron
from beneficiaries.registry import BillTaken, RegistryDown, UnknownBeneficiary
from cases import tasks
from cases.attentions import household
from cases.attentions.household import Household
from cases.catalogue.order_kinds import SuborderKind
from cases.consultations.consultations import contact_of, open_again
from cases.events import EventKind, note
from cases.orders import enlace, order_links, orders, registering
from cases.orders.enlace import Finding, Known
from core.clock import Clock
from core.countries import COUNTRIES
from core.database import Database
from core.logs import where
from core.privacy import Vault
from prompts.speech import MONTHS

log = logging.getLogger(__name__)

_STILL_AT_IT = timedelta(minutes=1)  # whoever closes the suborder may be waiting for the padrón
#: Why an order cannot be registered, as people read it.
CANNOT_REGISTER: dict[type[Exception], str] = {
    BillTaken: "Otra persona está enlazada en ese recibo: anule la orden y remita a la Ventanilla.",
    UnknownBeneficiary: "La persona no está en el padrón: la inscribe Ventanilla, y después se cierra esta suborden.",
}


@dataclass(frozen=True)
class Looked:
    """What was found for a case. ``document``: of whoever asks; "" where the case has none. ``own_order``: the one that
    it led to already; ``other_order``: open for another bill of theirs, in the way of this one."""

    finding: Finding
    document: str = field(repr=False)
    household: Household = field(repr=False)
    own_order: int | None = None
    other_order: int | None = None


class CannotOpen(Exception):
    """No order comes of it. The message is a sentence in Spanish."""


@dataclass(frozen=True)
class Linking:
    """What it needs. ``country``: of the institution, whose month the citizen is told."""

    db: Database
    vault: Vault
    clock: Clock
    padron: Padron
    country: str

    def look(self, case_id: int) -> Looked:
        """What the household and its bill come to now (R24). Raises NoSuchCase, RegistryDown."""
        with self.db.begin() as tx:
            document = contact_of(tx, self.vault, case_id).document or ""
            told = household.of_case(tx, self.vault, case_id)
            is_under_way = bool(told.bill) and self._is_under_way(tx, document, told)
            own = order_links.order_of_case(tx, case_id)
        if not document or not told.documents or not told.bill:
            return Looked(enlace.decide(document, told, Known(None, None)), document, told, own)
        holder, linked_to = self.padron.find(document), self.padron.linked_to(told.bill)
        others = () if is_under_way else enlace.others_of(document, told)[: enlace.MOST_LOOKED_UP]
        known = Known(holder.bill if holder else None, linked_to, is_under_way, self._has_link(others))
        finding = enlace.decide(document, told, known)
        return Looked(finding, document, told, own, self._other_order(document, finding, told.bill))

    def open(self, case_id: int, actor: str, detail: str) -> int:
        """Opens the order that the finding leads to (R25); its number: that of the one that the case led to already,
        where it did.

        Raises NoSuchCase, RegistryDown, TextMissing; CannotOpen where it ends here or at a window; OtherBillOpen.
        """
        looked = self.look(case_id)
        if looked.own_order is not None:
            return looked.own_order
        kind = looked.finding.order
        if kind is None:
            raise CannotOpen(looked.finding.sentence)
        with self.db.begin() as tx:
            now, bill = self.clock.now(), looked.household.bill
            about = (looked.document, actor, detail, kind)
            members = enlace.others_of(looked.document, looked.household)
            order_id = orders.open_order(tx, self.vault, now, *about, case_id=case_id, bill=bill, members=members)
            said = f"Trámite de enlace, orden {order_id} «{kind.label}»: {detail.strip()}"
            note(tx, self.vault, now, actor, EventKind.ADDED, case_id=case_id, text=said, order=order_id)
        return order_id

    def close_step(self, order_id: int, step: SuborderKind, actor: str, words: str) -> bool:
        """Closes a suborder; True: the order is closed with it, and its case waits for whoever tells the person.
        «Registro en sistema» links the bill in the padrón first: said twice, it is linked once.

        Raises NoSuchOrder, StepsLeft, TextMissing; BillTaken, UnknownBeneficiary, with nothing closed; RegistryDown:
        whether the padrón has it is not known, nobody may annul it meanwhile, and ``follow`` goes on with it.
        """
        with self.db.begin() as tx:
            links = order_links.link_of(tx, self.vault, order_id) is not None and step is SuborderKind.REGISTRO
            left = orders.check_step(tx, self.vault, order_id, step, words)
            if links and step in left:
                registering.begin(tx, self.vault, self.clock.now(), order_id, actor, words)
        if links:
            return self._register(order_id)
        with self.db.begin() as tx:
            return self._close(tx, order_id, step, actor, words)

    def follow(self) -> int:
        """Links what was to be and of which nobody knows whether it is; how many. One that fails does not keep the
        others from it, and the next minute's tries again."""
        with self.db.begin() as tx:
            left = registering.left_half_made(tx, self.clock.now() - _STILL_AT_IT)
        return sum(self._register_again(order_id) for order_id in left)

    def _register_again(self, order_id: int) -> bool:
        try:
            self._register(order_id)
        except RegistryDown:
            log.warning("order %s waits for the padrón", order_id)
            return False
        except (BillTaken, UnknownBeneficiary):  # given back, as its case says
            pass
        except Exception as problem:
            log.error("order %s: %s", order_id, where(problem))
            return False
        return True

    def _register(self, order_id: int) -> bool:
        with self.db.begin() as tx:
            link, begun = order_links.link_of(tx, self.vault, order_id), registering.begun(tx, self.vault, order_id)
        if link is None or begun is None:
            return False
        try:
            self.padron.link_bill(link.document, link.bill, made_by=f"order:{order_id}")
        except (BillTaken, UnknownBeneficiary) as why:
            with self.db.begin() as tx:
                registering.give_back(tx, self.vault, self.clock.now(), order_id, CANNOT_REGISTER[type(why)])
            raise
        with self.db.begin() as tx:
            if not registering.held(tx, order_id):
                return orders.one_order(tx, self.vault, order_id).has_linked
            registering.is_over(tx, order_id)
            return self._close(tx, order_id, SuborderKind.REGISTRO, begun.actor, begun.words)

    def _close(self, tx: Connection, order_id: int, step: SuborderKind, actor: str, words: str) -> bool:
        now = self.clock.now()
        is_closed = orders.close_step(tx, self.vault, now, order_id, step, actor, words)
        if is_closed:
            self._leave_to_tell(tx, now, order_id, actor)
        return is_closed

    def _leave_to_tell(self, tx: Connection, now: datetime, order_id: int, actor: str) -> None:
        """The consultation waits until the person knows: one that was closed meanwhile waits again, as nobody told
        them yet."""
        case_id = orders.one_order(tx, self.vault, order_id).case_id
        if case_id is None:
            return
        told = f"Diga a la persona: «{told_at_the_end(now, self.country)}»"
        open_again(tx, self.vault, now, case_id, actor)
        tasks.say_in_closing(tx, self.vault, case_id, told)
        orders.note_in_case(tx, self.vault, now, order_id, actor, told)

    def _has_link(self, documents: Iterable[str]) -> bool:
        found = (self.padron.find(each) for each in documents)
        return any(each is not None and each.bill for each in found)

    def _other_order(self, document: str, finding: Finding, bill: str) -> int | None:
        if finding.order is None:
            return None
        with self.db.begin() as tx:
            return order_links.order_of_other_bill(tx, self.vault, document, finding.order, bill)

    def _is_under_way(self, tx: Connection, document: str, told: Household) -> bool:
        return order_links.is_under_way(tx, self.vault, document, told.documents, told.bill)


def told_at_the_end(closed_at: datetime, country: str) -> str:
    """What the citizen is told once the order is closed (R26, R27): the month is the one after, by its name."""
    month = MONTHS[closed_at.astimezone(COUNTRIES[country].zone).month % 12]
    return f"A partir de {month} gozará del subsidio. Puede consultar su trámite en {month}."
