"""The documents of a household and its electricity bill, as the procedure of the subsidies asks (R20, §7.1)."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from cases.attentions.drafts import Draft, as_draft
from cases.catalogue.catalogue import asks_household, subject_named
from cases.catalogue.order_kinds import OrderKind
from cases.events import taken_in_by
from cases.problem import Problem
from cases.tables import attention
from cases.typed import Typed, members
from core.documents import Document, DocumentType, check_document, is_bill, normal_form
from core.privacy import Vault

MOST_MEMBERS = 15


@dataclass(frozen=True)
class Household:
    """``documents``: DUI in normal form, each once; ``bill``: the number of the electricity bill, "" where none."""

    documents: tuple[str, ...] = field(default=(), repr=False)
    bill: str = field(default="", repr=False)


def read(typed: Typed) -> Household | list[Problem]:
    """What was typed, or what is wrong with it, which DUI by its place and never by its number."""
    written = members(typed)
    checked = [check_document(DocumentType.DUI, each, "SV") for each in written]
    found = [
        Problem("household", f"Revise el DUI número {place} de la lista: {each.reason}.")
        for place, each in enumerate(checked, start=1)
        if not isinstance(each, Document)
    ]
    if len(written) > MOST_MEMBERS:
        found.append(Problem("household", f"Son demasiados: escriba {MOST_MEMBERS} o menos."))
    bill = normal_form(typed.bill)
    if typed.bill.strip() and not is_bill(bill):
        found.append(Problem("bill", "Revise el recibo: tiene de 4 a 25 letras o dígitos."))
    documents = dict.fromkeys(each.number for each in checked if isinstance(each, Document))
    return found or Household(tuple(documents), bill)


def whose(draft: Draft) -> str | None:
    """Of a procedure of one person alone, their document, who need not be written twice; None of any other (R24)."""
    leads = draft.subject is not None and subject_named(draft.subject).order == OrderKind.ENLACE
    told = _told(draft).documents if leads else ()
    return told[0] if len(told) == 1 else None


def of_case(tx: Connection, vault: Vault, case_id: int) -> Household:
    """What was told for a case, or for those joined to it, whole, for who works on it: of the documents and of the bill
    the last that were saved, which may be in two conversations."""
    documents: tuple[str, ...] = ()
    bill = ""
    of_these = attention.c.case_id.in_([case_id, *taken_in_by(tx, case_id)])
    saved = select(attention).where(of_these, attention.c.saved_at.is_not(None))
    for row in tx.execute(saved.order_by(attention.c.id.desc())):
        told = _told(as_draft(vault, row))
        documents, bill = documents or told.documents, bill or told.bill
        if documents and bill:
            break
    return Household(documents, bill)


def _told(draft: Draft) -> Household:
    found = read(draft.typed) if asks_household(draft.line) and not draft.is_anonymous else Household()
    return found if isinstance(found, Household) else Household()
