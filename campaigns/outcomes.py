"""What came of a call: the tipificación of formato-v1, as a pure function of what is certain."""

from enum import StrEnum

from campaigns.states import Progress


class Outcome(StrEnum):
    """The codes of the contract, with what people read beside them in ``label``."""

    BUSY = "no_contacto.ocupado"
    NO_ANSWER = "no_contacto.no_contesta"
    FAILED = "no_contacto.fallida"
    MACHINE_WITH_MESSAGE = "no_contacto.buzon_con_mensaje"
    MACHINE = "no_contacto.buzon_sin_mensaje"
    HUNG_UP = "no_contacto.colgo"
    NOT_HERE = "contacto_tercero.no_es_la_persona"
    WRONG_NUMBER = "contacto_tercero.numero_equivocado"
    FAILED_SECURITY = "contacto_titular.no_supera_seguridad"
    MESSAGE_PARTIAL = "contacto_titular.mensaje_parcial"
    MESSAGE_COMPLETE = "contacto_titular.mensaje_completo"
    COLLECTED = "contacto_titular.dato_recolectado"
    NO_MORE_CALLS = "contacto_titular.no_llamar"
    REFUSES = "contacto_titular.rechaza"  #: this and the next three only a person can tell
    CALL_LATER = "contacto_titular.solicita_llamada"
    DECEASED = "contacto_tercero.fallecido"
    MINOR = "contacto_tercero.menor"
    TEXT_DELIVERED = "sms.entregado"
    TEXT_UNCONFIRMED = "sms.sin_confirmar"  #: the network took it, and never told whether it arrived
    TEXT_UNDELIVERED = "sms.no_entregado"
    ROW_IN_ERROR = "no_marcable.registro_con_error"
    INVALID_PHONE = "no_marcable.telefono_invalido"  #: whose only ones are known to be another's; unusable is in error
    EXCLUDED = "no_marcable.excluido"
    DUPLICATE = "no_marcable.duplicado"  #: nobody: a row that names somebody again is in error (formato-v1 §5, §7)
    CONTACT_LIMIT = "no_marcable.tope_de_contactos"
    EXPIRED = "no_marcable.vencido"
    TECHNICAL = "error_tecnico"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    Outcome.BUSY: "Ocupado",
    Outcome.NO_ANSWER: "No contesta",
    Outcome.FAILED: "Llamada fallida",
    Outcome.MACHINE_WITH_MESSAGE: "Buzón, con mensaje",
    Outcome.MACHINE: "Buzón, sin mensaje",
    Outcome.HUNG_UP: "Colgó antes del mensaje",
    Outcome.NOT_HERE: "No es la persona",
    Outcome.WRONG_NUMBER: "Número equivocado",
    Outcome.FAILED_SECURITY: "No supera la seguridad",
    Outcome.MESSAGE_PARTIAL: "Mensaje parcial",
    Outcome.MESSAGE_COMPLETE: "Mensaje completo",
    Outcome.COLLECTED: "Dato recolectado",
    Outcome.NO_MORE_CALLS: "No desea más llamadas",
    Outcome.REFUSES: "Rechaza la gestión",
    Outcome.CALL_LATER: "Pide que le llamen después",
    Outcome.DECEASED: "Persona fallecida",
    Outcome.MINOR: "Es menor de edad",
    Outcome.TEXT_DELIVERED: "Mensaje entregado",
    Outcome.TEXT_UNCONFIRMED: "Mensaje sin confirmar",
    Outcome.TEXT_UNDELIVERED: "Mensaje no entregado",
    Outcome.ROW_IN_ERROR: "Registro con error",
    Outcome.INVALID_PHONE: "Teléfono inválido",
    Outcome.EXCLUDED: "Excluido",
    Outcome.DUPLICATE: "Duplicado",
    Outcome.CONTACT_LIMIT: "Tope de contactos",
    Outcome.EXPIRED: "Plazo vencido",
    Outcome.TECHNICAL: "Error técnico",
}

#: Of rows that never were people to be called: in error (without a usable telephone, say), or twice in their file. But
#: whoever's telephone proves to be another's when it is to be dialled was approved: the base of the figures stays.
REJECTED = frozenset({Outcome.ROW_IN_ERROR, Outcome.DUPLICATE})
#: What a campaign is for: they heard the message to its end, or left what was asked of them.
MET = frozenset({Outcome.MESSAGE_COMPLETE, Outcome.COLLECTED})
#: Of a text, as far as it is known.
OF_TEXTS = frozenset({Outcome.TEXT_DELIVERED, Outcome.TEXT_UNCONFIRMED, Outcome.TEXT_UNDELIVERED})
#: They have it, or may: it is one of the contacts that a person may be given.
TEXTED = OF_TEXTS - {Outcome.TEXT_UNDELIVERED}
#: A person answered the call: they said or keyed something, or heard us and hung up. What nobody knows the end of is
#: nobody's answer. The database counts by the same (campaigns/counting/tables.py).
BY_PERSON = frozenset({each for each in Outcome if each.startswith("contacto_")} | {Outcome.HUNG_UP})
BY_MACHINE = frozenset({Outcome.MACHINE, Outcome.MACHINE_WITH_MESSAGE})
ANSWERED = BY_PERSON | BY_MACHINE

#: What the carrier's final status says when nobody spoke with us (twilio.md, status lifecycle).
_UNCONNECTED = {
    "busy": Outcome.BUSY,
    "no-answer": Outcome.NO_ANSWER,
    "canceled": Outcome.NO_ANSWER,
    "failed": Outcome.FAILED,
}

_REACHED = {
    Progress.NOT_HERE: Outcome.NOT_HERE,
    Progress.WRONG_NUMBER: Outcome.WRONG_NUMBER,
    Progress.PHONE_OPTED_OUT: Outcome.WRONG_NUMBER,
    Progress.FAILED_SECURITY: Outcome.FAILED_SECURITY,
    Progress.MESSAGE_STARTED: Outcome.MESSAGE_PARTIAL,
    Progress.MESSAGE_HEARD: Outcome.MESSAGE_COMPLETE,
    Progress.COLLECTED: Outcome.COLLECTED,
    Progress.OPTED_OUT: Outcome.NO_MORE_CALLS,
    Progress.VOICEMAIL_LEFT: Outcome.MACHINE_WITH_MESSAGE,
}


def is_machine(answered_by: str | None) -> bool:
    """Whether AMD took the other end for a machine or a fax (twilio.md, AMD)."""
    return bool(answered_by) and (answered_by or "").startswith(("machine", "fax"))


def outcome_of(remote_status: str, answered_by: str | None, progress: str | None) -> Outcome:
    """The outcome of an ended call (formato-v1, outcome of a contact).

    ``remote_status`` is the carrier's final one; ``progress`` the furthest point of the conversation, which outweighs
    a machine verdict: whoever presses a key is a person.
    """
    if progress in _REACHED:
        return _REACHED[Progress(progress)]
    if remote_status in _UNCONNECTED and progress is None:
        return _UNCONNECTED[remote_status]
    if is_machine(answered_by) and progress in (None, Progress.ANSWERED):
        return Outcome.MACHINE
    return Outcome.HUNG_UP
