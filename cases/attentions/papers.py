"""By message, without the DUI and the bill, only information is given, also once it is saved (R22)."""

from sqlalchemy import Connection, select

from cases.attentions import household
from cases.catalogue.catalogue import asks_household, subject_named
from cases.catalogue.values import WRITTEN
from cases.tables import attention, case_
from cases.typed import opened
from core.privacy import Vault


class OnlyInformation(Exception):
    """Por mensaje, sin el DUI y el recibo solo se da información: pida los dos, o que la persona llame."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def check_begins_nothing(tx: Connection, vault: Vault, case_id: int) -> None:
    """Raises OnlyInformation where nobody of the case was spoken with, and its papers did not come: nothing may begin
    on the word of a message alone."""
    about = select(attention.c.channel, case_.c.line).join(case_, case_.c.id == attention.c.case_id)
    rows = tx.execute(about.where(attention.c.case_id == case_id, attention.c.saved_at.is_not(None))).all()
    is_by_message = bool(rows) and all(row.channel == WRITTEN for row in rows)
    if not is_by_message or not asks_household(rows[0].line):
        return
    told = household.of_case(tx, vault, case_id)
    if not (told.documents and told.bill):
        raise OnlyInformation


def check_may_wait(tx: Connection, vault: Vault, case_id: int) -> None:
    """The same of a case that is to wait, unless it goes on to somebody who answers for it. Raises OnlyInformation."""
    subject = tx.execute(select(case_.c.subject).where(case_.c.id == case_id)).scalar_one()
    typed = select(attention.c.typed_sealed).where(attention.c.case_id == case_id)
    is_unattended = any(opened(vault, each).is_unattended for each in tx.execute(typed).scalars())
    if not (subject_named(subject).needs_unit or is_unattended):
        check_begins_nothing(tx, vault, case_id)
