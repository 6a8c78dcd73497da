"""What linking a household to its electricity bill comes to (R24, R25; procedure of the DGS, 7.2-01, 7.2-02). Pure."""

from dataclasses import dataclass, field
from enum import StrEnum

from cases.attentions.household import Household
from cases.catalogue.order_kinds import OrderKind


class Finding(StrEnum):
    """What was found of the household and its bill."""

    NO_DOCUMENTS = "NO_DOCUMENTS"  # R10: without them there is no procedure
    NOBODY = "NOBODY"  # a
    SAME_LINK = "SAME_LINK"  # who asks is on that bill already
    OTHER_BILL = "OTHER_BILL"  # b
    OTHER_PERSON = "OTHER_PERSON"  # c
    UNDER_WAY = "UNDER_WAY"  # somebody else of the household, or of that bill, has a procedure

    @property
    def order(self) -> OrderKind | None:
        """The order that it opens; None: it ends here, or at a window."""
        return _ORDERS.get(self)

    @property
    def sentence(self) -> str:
        """What an operator reads, and tells the person."""
        return _SENTENCES[self]


_ORDERS = {
    Finding.NOBODY: OrderKind.ENLACE,
    Finding.SAME_LINK: OrderKind.MODIFICACION,
    Finding.OTHER_BILL: OrderKind.CAMBIO_DE_RECIBO,
}
_SENTENCES = {
    Finding.NO_DOCUMENTS: "Faltan los DUI del hogar o el recibo: sin ellos no hay trámite. Dé los requisitos y cierre.",
    Finding.NOBODY: "Nadie del hogar tiene un enlace ni un trámite: se inscribe.",
    Finding.SAME_LINK: "La persona ya está enlazada en ese recibo: se modifica su registro.",
    Finding.OTHER_BILL: "La persona está enlazada en otro recibo: se desactiva ese y se enlaza el actual.",
    Finding.OTHER_PERSON: "Otra persona está enlazada en ese recibo: remítala a la Ventanilla de Atención Ciudadana.",
    Finding.UNDER_WAY: "Otra persona del hogar, o de ese recibo, tiene un trámite: remítala a la Ventanilla.",
}


@dataclass(frozen=True)
class Known:
    """``own_bill``: the one that the person is linked on; ``linked_to``: the document of whoever is on the bill told
    now; ``is_under_way``: somebody else has an order open for it or for one of the household."""

    own_bill: str | None = field(repr=False)
    linked_to: str | None = field(repr=False)
    is_under_way: bool = False


def decide(document: str, household: Household, known: Known) -> Finding:
    """``document``: of whoever asks, in normal form; it need not be written among the household's again."""
    if not household.documents or not household.bill:
        return Finding.NO_DOCUMENTS
    if known.linked_to not in (None, document):
        return Finding.OTHER_PERSON
    if known.is_under_way:
        return Finding.UNDER_WAY
    if known.own_bill is None:
        return Finding.NOBODY
    return Finding.SAME_LINK if known.own_bill == household.bill else Finding.OTHER_BILL
