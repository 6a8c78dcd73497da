"""What linking a household to its electricity bill comes to (R24, R25; procedure of the DGS, 7.2-01, 7.2-02). Pure."""

from dataclasses import dataclass, field
from enum import StrEnum

from cases.attentions.household import Household
from cases.catalogue.order_kinds import OrderKind

MOST_LOOKED_UP = 12  #: others of a household: each is asked of the padrón, which may be another institution's


class Finding(StrEnum):
    """What was found of the household and its bill."""

    NO_DOCUMENTS = "NO_DOCUMENTS"  # R10: without them there is no procedure
    NO_PERSON = "NO_PERSON"  # all is there but whose procedure it is
    NOBODY = "NOBODY"  # a
    SAME_LINK = "SAME_LINK"  # who asks is on that bill already
    OTHER_BILL = "OTHER_BILL"  # b
    OTHER_PERSON = "OTHER_PERSON"  # c
    UNDER_WAY = "UNDER_WAY"  # somebody else of the household, or of that bill, has a procedure
    TOO_MANY = "TOO_MANY"  # more than are looked up from here
    MEMBER_LINKED = "MEMBER_LINKED"  # somebody else of the household is on another bill

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
    Finding.NO_PERSON: "Falta decir de quién es el trámite: escriba cuál de los DUI del hogar es el suyo.",
    Finding.NOBODY: "Nadie del hogar tiene un enlace ni un trámite: se inscribe.",
    Finding.SAME_LINK: "La persona ya está enlazada en ese recibo: se modifica su registro.",
    Finding.OTHER_BILL: "La persona está enlazada en otro recibo: se desactiva ese y se enlaza el actual.",
    Finding.OTHER_PERSON: "Otra persona está enlazada en ese recibo: remítala a la Ventanilla de Atención Ciudadana.",
    Finding.UNDER_WAY: "Otra persona del hogar, o de ese recibo, tiene un trámite: remítala a la Ventanilla.",
    Finding.TOO_MANY: "El hogar tiene más personas de las que se revisan desde aquí: remítala a la Ventanilla.",
    Finding.MEMBER_LINKED: "Otra persona del hogar está enlazada en otro recibo: remítala a la Ventanilla.",
}


@dataclass(frozen=True)
class Known:
    """``own_bill``: the one that the person is linked on; ``linked_to``: the document of whoever is on the bill told
    now; ``is_under_way``: somebody else has an order open for it or for one of the household; ``has_linked_member``:
    somebody else of the household is linked, on whatever bill."""

    own_bill: str | None = field(repr=False)
    linked_to: str | None = field(repr=False)
    is_under_way: bool = False
    has_linked_member: bool = False


def others_of(document: str, household: Household) -> list[str]:
    """The documents of the household but for that of whoever asks."""
    return [each for each in household.documents if each != document]


def decide(document: str, household: Household, known: Known) -> Finding:
    """``document``: of whoever asks, in normal form, "" where it is not known; it need not be written among the
    household's again."""
    if not household.documents or not household.bill:
        return Finding.NO_DOCUMENTS
    if not document:
        return Finding.NO_PERSON
    if known.linked_to not in (None, document):
        return Finding.OTHER_PERSON
    if known.is_under_way:
        return Finding.UNDER_WAY
    if len(others_of(document, household)) > MOST_LOOKED_UP:
        return Finding.TOO_MANY
    if known.has_linked_member:
        return Finding.MEMBER_LINKED
    if known.own_bill is None:
        return Finding.NOBODY
    return Finding.SAME_LINK if known.own_bill == household.bill else Finding.OTHER_BILL
