"""What a requesting area is written: plain Spanish, nothing attached, nobody named, and a link that asks to sign in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from campaigns.texting.sentences import of_calls, of_texts
from campaigns.upload.observations import CODES, CONTACTS_SHEET, Observation
from core.post import LONGEST_SUBJECT
from prompts.speech import MONTHS, WEEKDAYS

FIRST_ROWS = 10


@dataclass(frozen=True)
class About:
    """The request that a letter speaks of. ``name``: empty where even that says too much; ``is_of_texts``: nobody is
    called, they are written to."""

    number: str
    name: str
    link: str
    institution: str
    is_of_texts: bool = False

    @property
    def called(self) -> str:
        return f"{self.number} «{self.name}»" if self.name else self.number

    def say(self, sentence: str) -> str:
        """A sentence of ours, of calls or of texts."""
        return of_texts(sentence) if self.is_of_texts else of_calls(sentence)


@dataclass(frozen=True)
class Letter:
    """``kind``: a code; ``subject`` names the request by its number alone."""

    kind: str
    subject: str
    body: str


def receipt(about: About, people: int, called: int, when: str) -> Letter:
    """The acknowledgement with its number (R59). ``when``: the moment it came, as people write it."""
    told = [
        f"Recibimos su solicitud {about.called} el {when}. Su número de radicado es {about.number}.",
        f"Trae {_counted(people)}; según la primera revisión {about.say('se podría [llamar|escribir] a')} {called:,}.",
        about.say(
            "Le escribiremos cuando se apruebe, o si hay algo que corregir. "
            "Hasta entonces no se [llama|escribe] a nadie."
        ),
    ]
    return _letter("receipt", about, "recibimos su solicitud", told, "Puede ver cómo va aquí, con su cuenta:")


def returned(
    about: About,
    reason: str,
    groups: Sequence[tuple[str, str, int]],
    first: Sequence[Observation],
    correct_by: date,
) -> Letter:
    """What has to be corrected (R61). ``groups``: (code, level, how many); ``first``: the first of them, masked."""
    so = about.say("Así no se [llamará|escribirá] a nadie.")
    told = [f"Devolvimos su solicitud {about.called}: hay algo que corregir. {so}"]
    if reason:
        told.append(f"Motivo: {reason}")
    if groups:
        found = [f"- {level} {code}, {CODES.get(code, code)}: {count:,}" for code, level, count in groups]
        told.append("\n".join(["Qué se encontró:", *found]))
    if first:
        rows = [_said(each) for each in first[:FIRST_ROWS]]
        told.append("\n".join([f"Lo primero que hay que mirar ({len(rows)}, con los datos ocultos):", *rows]))
    told.append(
        f"Tiene hasta el {long_day(correct_by)} para subir el archivo corregido, o para decir que no acepta la "
        "devolución. Después de ese día la solicitud se cancela."
    )
    told.append("El archivo con observaciones es para leer: oculta datos. Corrija su archivo original y suba ese.")
    ask = "Entre con su cuenta para ver todo y subir el archivo corregido:"
    return _letter("returned", about, "fue devuelta con observaciones", told, ask)


def reminder(about: About, correct_by: date) -> Letter:
    """The day before the term ends."""
    told = [
        f"Su solicitud {about.called} sigue devuelta. Tiene hasta el {long_day(correct_by)} para subir el archivo "
        "corregido.",
        "Después de ese día se cancela, y habrá que hacer otra solicitud.",
    ]
    return _letter("reminder", about, "el plazo para corregirla termina", told, "Entre con su cuenta para corregirla:")


def cancelled(about: About, reason: str) -> Letter:
    """Its end without a call."""
    told = [f"Su solicitud {about.called} quedó cancelada. {about.say('No se [llamará|escribirá] a nadie más.')}"]
    told += [f"Motivo: {reason}"] if reason else []
    return _letter("cancelled", about, "quedó cancelada", told, "Puede verla aquí, con su cuenta:")


def approved(about: About, people: int, first_day: date, last_day: date) -> Letter:
    """It will be called."""
    told = [
        f"Su solicitud {about.called} fue aprobada.",
        f"{about.say('Se [llamará|escribirá] a')} {people:,} de las personas de su lista, del {long_day(first_day)} al "
        f"{long_day(last_day)} como máximo, siempre dentro del horario legal.",
    ]
    return _letter("approved", about, "fue aprobada", told, "Puede ver cómo va aquí, con su cuenta:")


def long_day(day: date) -> str:
    """``viernes 27 de noviembre de 2026``."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} de {MONTHS[day.month - 1]} de {day.year}"


def _letter(kind: str, about: About, headline: str, told: Sequence[str], link_says: str) -> Letter:
    paragraphs = (
        "Buen día:",
        *told,
        f"{link_says}\n{about.link}",
        "Por seguridad, a este correo no se adjunta ningún archivo ni se escribe ningún dato de las personas.",
        about.institution,
    )
    return Letter(kind, f"{about.number}: {headline}"[:LONGEST_SUBJECT], "\n\n".join(paragraphs) + "\n")


def _said(each: Observation) -> str:
    where = f"fila {each.row}" if each.row and each.sheet == CONTACTS_SHEET else "solicitud"
    column = f", {each.column}" if each.column else ""
    value = f" ({each.value})" if each.value else ""
    put = f" Ponga: {each.suggestion}." if each.suggestion else ""
    return f"- {where}{column}{value}: {each.message}{put}"


def _counted(people: int) -> str:
    return "1 persona" if people == 1 else f"{people:,} personas"
