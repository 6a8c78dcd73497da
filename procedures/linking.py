"""The enlace of a household to its electricity bill (R10, R24–R27; procedure of the DGS, 7.2): looked at, decided, its
order opened, and made in the padrón when «Registro en sistema» is closed."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from beneficiaries.asked import Padron
from cases import enlace, household, orders
from cases.consultations import contact_of
from cases.enlace import Finding, Known
from cases.household import Household
from cases.order_kinds import Step
from core.clock import Clock
from core.countries import COUNTRIES
from core.database import Database
from core.privacy import Vault
from prompts.speech import MONTHS


@dataclass(frozen=True)
class Looked:
    """What was found for a case. ``document``: of whoever asks; "" where the case has none. ``other_order``: open for
    another bill of theirs, in the way of this one."""

    finding: Finding
    document: str = field(repr=False)
    household: Household = field(repr=False)
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
        if not document or not told.documents or not told.bill:
            return Looked(Finding.NO_DOCUMENTS, document, told)
        holder = self.padron.find(document)
        known = Known(holder.bill if holder else None, self.padron.linked_to(told.bill), is_under_way)
        finding = enlace.decide(document, told, known)
        return Looked(finding, document, told, self._other_order(document, finding, told.bill))

    def open(self, case_id: int, actor: str, detail: str) -> int:
        """Opens the order that the finding leads to (R25); its number.

        Raises NoSuchCase, RegistryDown, TextMissing; CannotOpen where it ends here or at a window; OtherBillOpen.
        """
        looked = self.look(case_id)
        kind = looked.finding.order
        if kind is None:
            raise CannotOpen(looked.finding.sentence)
        with self.db.begin() as tx:
            now, bill = self.clock.now(), looked.household.bill
            about = (looked.document, actor, detail, kind)
            return orders.open_order(tx, self.vault, now, *about, case_id=case_id, bill=bill)

    def close_step(self, order_id: int, step: Step, actor: str, words: str) -> bool:
        """Closes a suborder; True: the order is closed with it. «Registro en sistema» links the bill in the padrón
        first: said twice, it is linked once.

        Raises NoSuchOrder, StepsLeft, TextMissing; BillTaken, UnknownBeneficiary, RegistryDown, with nothing closed.
        """
        with self.db.begin() as tx:
            link = orders.link_of(tx, self.vault, order_id)
            orders.check_step(tx, self.vault, order_id, step, words)
        if step is Step.REGISTRO and link is not None:
            self.padron.link_bill(link.document, link.bill, made_by=f"order:{order_id}")
        with self.db.begin() as tx:
            return orders.close_step(tx, self.vault, self.clock.now(), order_id, step, actor, words)

    def told(self, now: datetime) -> str:
        """What the citizen is told at the end (R26, R27): the month is the next one, by its name."""
        month = MONTHS[now.astimezone(COUNTRIES[self.country].zone).month % 12]
        return f"A partir de {month} gozará del subsidio. Puede consultar su trámite en {month}."

    def _other_order(self, document: str, finding: Finding, bill: str) -> int | None:
        if finding.order is None:
            return None
        with self.db.begin() as tx:
            return orders.order_of_other_bill(tx, self.vault, document, finding.order, bill)

    def _is_under_way(self, tx: Connection, document: str, told: Household) -> bool:
        return orders.is_under_way(tx, self.vault, document, told.documents, told.bill)
