"""What an attention still lacks before it may be saved (R8, R12, R13, R19, R73, R80). Pure."""

from collections.abc import Iterator

from cases.attentions import gifts, household
from cases.attentions.drafts import Draft
from cases.catalogue.catalogue import asks_household, subject_named
from cases.catalogue.order_kinds import OrderKind
from cases.consultations.consultations import CaseState
from cases.problem import Problem
from cases.typed import read_document, read_phone
from core.documents import DocumentProblem
from core.phones import PhoneProblem

SHORTEST = 15  # letters of a detail that says something (R8)
NO_PAPERS = "Por mensaje, sin el DUI y el recibo solo se da información: escriba los dos, o elija otro motivo."
ONLY_TOLD = "Por mensaje, sin el DUI y el recibo solo se da información: escriba los dos, o cierre el caso."
WHOSE = "Escriba aquí cuál de los DUI del hogar es el de la persona del trámite: sin él no se puede abrir su orden."
CONFLICT = "Con un conflicto de interés usted no puede guardar este caso: trasládelo a otra persona."


def problems_of(draft: Draft, *, answers_alone: bool = False) -> list[Problem]:
    """In the order of the form; none: it may be saved. ``answers_alone``: of a call whose case is there already, by
    whoever had it before (handovers.owes_answers_alone)."""
    if answers_alone:
        of_their_own = (_of_the_conflict(draft), _of_the_gift(draft), _of_the_unattended(draft))
        return [*_of_the_anonymous(draft), *(problem for each in of_their_own for problem in each)]
    if draft.subject is None:
        return [Problem("subject", f"Elija el motivo de la {draft.held}."), *_of_what_was_said(draft)]
    if subject_named(draft.subject).is_silent:
        return [*_wrong_contact(draft), *_of_the_outcome(draft)]
    return list(_of_what_was_said(draft))


def is_clear(detail: str) -> bool:
    """Whether a detail may be «claro y específico» (§6.a): 15 letters or more, and not one word over and over."""
    words = {"".join(filter(str.isalnum, word)).casefold() for word in detail.split()} - {""}
    return sum(map(str.isalpha, detail)) >= SHORTEST and len(words) > 1


def _of_what_was_said(draft: Draft) -> Iterator[Problem]:
    subject = subject_named(draft.subject) if draft.subject else None
    if draft.caller_kind is None:
        yield Problem("caller_kind", f"Elija quién {draft.does}.")
    yield from _of_the_contact(draft)
    if not is_clear(draft.detail):
        yield Problem("detail", f"Escriba un detalle claro y específico, de {SHORTEST} letras o más.")
    if subject and subject.needs_unit and not draft.typed.unit.strip():
        yield Problem("unit", "Escriba a qué unidad corresponde: Coordinación la remite.")
    yield from _of_the_household(draft)
    yield from _of_whose_it_is(draft)
    yield from _of_the_papers(draft)
    yield from _of_the_conflict(draft)
    yield from _of_the_gift(draft)
    yield from _of_the_unattended(draft)
    yield from _of_the_outcome(draft)


def _of_the_contact(draft: Draft) -> Iterator[Problem]:
    yield from _of_the_anonymous(draft)
    if not draft.is_anonymous:
        typed = draft.typed.phone.strip() or draft.typed.document.strip()
        if not (draft.phone or draft.document or typed):
            way_out = ", o marque que la persona prefiere ser anónima" if draft.is_sensitive else ""
            yield Problem("phone", f"Escriba un teléfono o un documento{way_out}.")
        yield from _wrong_contact(draft)


def _of_the_anonymous(draft: Draft) -> Iterator[Problem]:
    if draft.is_anonymous and not draft.is_sensitive:
        yield Problem("is_anonymous", "En esta línea un caso no puede ser anónimo.")


def _wrong_contact(draft: Draft) -> Iterator[Problem]:
    if draft.is_anonymous:
        return  # it is not kept
    if draft.typed.phone.strip():
        phone = read_phone(draft.typed.phone, draft.zone)
        if isinstance(phone, PhoneProblem):
            yield Problem("phone", f"Revise el teléfono: {phone.reason[:1].lower()}{phone.reason[1:]}.")
    if draft.typed.document.strip():
        document = read_document(draft.typed.document, draft.zone)
        if isinstance(document, DocumentProblem):
            yield Problem("document", f"Revise el documento: {document.reason}.")


def _of_the_household(draft: Draft) -> Iterator[Problem]:
    if asks_household(draft.line) and not draft.is_anonymous:
        told = household.read(draft.typed)
        yield from told if isinstance(told, list) else ()


def _of_whose_it_is(draft: Draft) -> Iterator[Problem]:
    """A household's procedure is one person's of it: without their document it could not begin (R24)."""
    leads = draft.subject is not None and subject_named(draft.subject).order == OrderKind.ENLACE
    if not leads or draft.outcome is CaseState.CERRADO or draft.document or draft.typed.document.strip():
        return
    told = household.read(draft.typed) if asks_household(draft.line) else []
    if not isinstance(told, list) and len(told.documents) > 1 and told.bill:
        yield Problem("document", WHOSE)


def _of_the_papers(draft: Draft) -> Iterator[Problem]:
    """By message a procedure begins with the papers, or not at all: information was given, and the case is closed
    (R22)."""
    if not draft.is_written or draft.subject is None or not asks_household(draft.line):
        return
    told, subject = household.read(draft.typed), subject_named(draft.subject)
    if isinstance(told, list) or (told.documents and told.bill):
        return
    goes_on = subject.needs_unit or draft.typed.is_unattended  # to somebody who answers for it
    if subject.order:
        yield Problem("subject", NO_PAPERS)
    elif draft.outcome is CaseState.PENDIENTE and not goes_on:
        yield Problem("outcome", ONLY_TOLD)


def _of_the_conflict(draft: Draft) -> Iterator[Problem]:
    if draft.has_conflict is None:
        yield Problem("has_conflict", "Diga si usted tiene conflicto de interés con la persona.")
    elif draft.has_conflict:
        yield Problem("has_conflict", CONFLICT)


def _of_the_gift(draft: Draft) -> Iterator[Problem]:
    if draft.is_gift_offered is None:
        yield Problem("is_gift_offered", "Diga si le ofrecieron algún regalo.")
    elif draft.is_gift_offered:
        given = gifts.read(draft.typed)
        yield from given if isinstance(given, list) else ()


def _of_the_unattended(draft: Draft) -> Iterator[Problem]:
    if draft.typed.is_unattended and not draft.typed.reason.strip():
        yield Problem("reason", "Escriba por qué no recibió la atención: Dirección lo lee.")


def _of_the_outcome(draft: Draft) -> Iterator[Problem]:
    if draft.outcome is None:
        yield Problem("outcome", "Elija si el caso queda pendiente o cerrado.")
    elif draft.outcome is CaseState.CERRADO and draft.subject and subject_named(draft.subject).needs_unit:
        yield Problem("outcome", "Esta consulta queda pendiente: Coordinación la remite a la unidad.")
    elif draft.outcome is CaseState.CERRADO and draft.typed.is_unattended:
        yield Problem("outcome", "Queda pendiente: Dirección determina los pasos a seguir.")
