"""What consultations, attentions, orders and registers say of a person, as they may read it (person.py)."""

from collections.abc import Iterator
from dataclasses import asdict

from sqlalchemy import Connection, Row, or_, select

from cases.catalogue.catalogue import subject_named
from cases.catalogue.order_kinds import OrderKind, SuborderKind
from cases.consultations.consultations import CaseState
from cases.corrections.corrections import CorrectionKind
from cases.events import EventKind, label_of
from cases.person_rows import Attended, attentions_of, cases_of
from cases.tables import case_event, claim, correction, escalation, gift, order_step, task, work_order
from cases.tasks import TaskKind
from cases.typed import document_in, members, phone_in
from core.person import Kept, Person, opened, plain, told
from core.privacy import Vault

_TYPED = {
    **{"contact_name": "Nombre de quien llamó", "detail": "Detalle", "unit": "Unidad", "reason": "Motivo"},
    **{"gift_offer": "Regalía: quién y cómo", "gift_item": "Regalía: qué", "gift_value": "Regalía: valor"},
    **{"gift_basis": "Regalía: norma", "gift_form": "Regalía: formulario", "bill": "Recibo de energía"},
    "place": "Lugar de la emergencia",
}


def kept_of(tx: Connection, vault: Vault, who: Person) -> Iterator[Kept]:
    """Consultations with their history, what was noted when they were attended, claims, orders and gifts."""
    cases = cases_of(tx, who)
    for row in cases:
        yield _case(vault, who, row)
    theirs, naming = attentions_of(tx, vault, who)
    for each in theirs:
        yield _attention(who, each)
    for each in naming:
        yield _named(who, each)
    ids = [row.id for row in cases]
    yield from _words(tx, vault, ids, [each.row.id for each in theirs])
    for row in tx.execute(select(claim).where(who.owns(claim.c.document_print, claim.c.phone_print))):
        phone, document = opened(vault, row.phone_sealed), opened(vault, row.document_sealed)
        said = {
            "Línea": row.line,
            "Estado": plain(row.state),
            "Teléfono": who.phone(phone),
            "Documento": who.document(document),
        }
        why = {"Por qué se descartó": opened(vault, row.reason_sealed)}
        yield Kept("Reclamo en una llamada", f"claim {row.id}", row.said_at, told(said | why))
    for row in tx.execute(select(correction).where(correction.c.document_print.in_(who.document_prints))):
        said = {"Qué": CorrectionKind(row.kind).label, "Estado": row.state.capitalize()}
        said["Fecha de nacimiento dicha"] = opened(vault, row.proposed_sealed)
        said["Nombre dicho"] = opened(vault, row.proposed_name_sealed)
        why = {"Motivo": opened(vault, row.reason_sealed)}
        yield Kept("Corrección del padrón", f"correction {row.id}", row.asked_at, told(said | why))
    yield from _orders(tx, vault, who)
    for row in tx.execute(select(gift).where(gift.c.case_id.in_(ids))):
        said = {"Ofrecimiento": vault.open(row.offer_sealed), "Qué": vault.open(row.item_sealed)}
        more = {"Valor": str(row.estimated_value or ""), "Se aceptó": "sí" if row.is_accepted else "no"}
        yield Kept("Regalía registrada", f"gift {row.id}", row.registered_at, told(said | more))


def _orders(tx: Connection, vault: Vault, who: Person) -> Iterator[Kept]:
    for row in tx.execute(select(work_order).where(work_order.c.document_print.in_(who.document_prints))):
        said = {"Para qué": OrderKind(row.kind).label, "Estado": row.state.capitalize()}
        said |= {"Documento": who.document(vault.open(row.document_sealed)), "Detalle": vault.open(row.detail_sealed)}
        said |= {"Recibo de energía": opened(vault, row.bill_sealed)}
        steps = select(order_step).where(order_step.c.order_id == row.id).order_by(order_step.c.place)
        said |= {SuborderKind(each.step).label: opened(vault, each.filled_sealed) for each in tx.execute(steps)}
        yield Kept("Orden de trabajo", f"work_order {row.id}", row.opened_at, told(said))


def _case(vault: Vault, who: Person, row: Row) -> Kept:
    said = {
        "Asunto": subject_named(row.subject).name,
        **{"Estado": CaseState(row.state).label, "Línea": row.line, "Canal": plain(row.channel)},
        "Documento": who.document(opened(vault, row.document_sealed)),
        "Teléfono": who.phone(opened(vault, row.phone_sealed)),
        "Nombre de quien llamó": opened(vault, row.contact_name_sealed),
        "Detalle": vault.open(row.detail_sealed),
        "Respuesta": opened(vault, row.resolution_sealed),
    }
    return Kept(f"Consulta {row.id}", f"case_ {row.id}", row.opened_at, told(said))


def _attention(who: Person, each: Attended) -> Kept:
    """Of a household, how many: its members' documents are theirs."""
    phone, document = each.told
    typed = asdict(each.typed)
    said = {
        **{"Línea": each.row.line, "Canal": plain(each.row.channel)},
        **{"Teléfono de la llamada": who.phone(phone), "Documento de la llamada": who.document(document)},
        "Teléfono anotado": who.phone(phone_in(each.typed.phone, each.zone) or each.typed.phone),
        "Documento anotado": who.document(document_in(each.typed.document, each.zone) or each.typed.document),
        **{name: typed[key] for key, name in _TYPED.items()},
        "Personas del hogar": str(len(members(each.typed)) or ""),
    }
    return Kept("Lo que se anotó al atenderle", f"attention {each.row.id}", each.row.opened_at, told(said))


def _named(who: Person, each: Attended) -> Kept:
    _, typed = each.without(who)
    documents = {each.told[1], document_in(each.typed.document, each.zone)}
    said = {
        "Su documento": ", ".join(sorted(who.documents & documents)),
        "Como parte de su hogar": "sí" if members(typed) != members(each.typed) else "",
    }
    return Kept("Nombrado al atender a otra persona", f"attention {each.row.id}", each.row.opened_at, told(said))


def _words(tx: Connection, vault: Vault, cases: list[int], attended: list[int]) -> Iterator[Kept]:
    """The history of their cases, what was to be done about them, and why they went up."""
    mine = or_(case_event.c.case_id.in_(cases), case_event.c.attention_id.in_(attended))
    for row in tx.execute(select(case_event).where(mine).order_by(case_event.c.id)):
        said = {"Qué pasó": label_of(EventKind(row.kind), row.facts), "Palabras": opened(vault, row.text_sealed)}
        name = f"Historia de la consulta {row.case_id}" if row.case_id else "Historia de una atención"
        yield Kept(name, f"case_event {row.id}", row.at, told(said))
    for row in tx.execute(select(task).where(task.c.case_id.in_(cases)).order_by(task.c.id)):
        words = {"Unidad": row.unit_sealed, "Palabras": row.words_sealed, "Lo que se hizo": row.end_sealed}
        said = {name: opened(vault, each) for name, each in words.items()}
        said = {"Qué": TaskKind(row.kind).label, **said}
        yield Kept(f"Tarea de la consulta {row.case_id}", f"task {row.id}", row.made_at, told(said))
    for row in tx.execute(select(escalation).where(escalation.c.case_id.in_(cases)).order_by(escalation.c.id)):
        said = {"Unidad": row.unit or "", "Motivo": vault.open(row.reason_sealed)}
        yield Kept(f"La consulta {row.case_id} se elevó", f"escalation {row.id}", row.made_at, told(said))
