"""Whose procedure of a household it is, where its case was saved without saying so (R24)."""

from datetime import datetime

from sqlalchemy import Connection, update

from cases.attentions import household
from cases.events import EventKind, note
from cases.tables import case_
from core import audit
from core.documents import Document, DocumentType, check_document
from core.privacy import Vault

_NAMED = "Dijo de quién es el trámite: es una de las personas del hogar."


class NotOfHousehold(Exception):
    """Escriba uno de los DUI del hogar, como está en el caso."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def name_person(tx: Connection, vault: Vault, now: datetime, case_id: int, typed: str, actor: str) -> None:
    """The case is of this one of its household; one that says whose it is stays as it is. Raises NotOfHousehold."""
    document = check_document(DocumentType.DUI, typed, "SV")
    family = household.of_case(tx, vault, case_id).documents
    if not isinstance(document, Document) or document.number not in family:
        raise NotOfHousehold
    named = {
        "document_sealed": vault.seal(document.number),
        "document_print": vault.fingerprint("document", document.number),
    }
    of_nobody = (case_.c.id == case_id, case_.c.document_sealed.is_(None))
    if tx.execute(update(case_).where(*of_nobody).values(**named)).rowcount:
        note(tx, vault, now, actor, EventKind.ADDED, case_id=case_id, text=_NAMED)
        audit.record(tx, now, actor, "case.person_named", "case", case_id)
