"""What a line's file says of its WhatsApp (``[whatsapp]``) → its menu, and what operators have at hand (R21)."""

import re
from collections.abc import Mapping

from desk.chats.line import LONGEST, Approved, Canned, ChatLine, Option
from desk.chats.pins import NEVER_A_PIN, says_a_pin
from desk.lines import DeskLine
from ivr.line_file import LineSheet
from prompts.template import BadTemplate, CannotSay, parse

MOST_OPTIONS = 8  #: beside the person: a menu is read on a small screen
_SID = re.compile(r"HX[0-9a-f]{32}")


def read_whatsapp(sheet: LineSheet, desk: DeskLine, values: Mapping[str, object]) -> ChatLine:
    """``values``: what the line's texts may name. Raises FaultyLine."""
    sheet.only("numero", "saludo", "opciones", "persona", "cola", "respuestas", "plantillas")
    options = tuple(_option(each, desk, values) for each in sheet.tables("opciones"))
    if not 1 <= len(options) <= MOST_OPTIONS:
        raise sheet.fault(
            "opciones", f"whatsapp lleva de 1 a {MOST_OPTIONS} opciones; la última, una persona, se agrega sola."
        )
    queue = sheet.text("cola", desk.default_queue)
    if queue not in desk.queues:
        raise sheet.fault("cola", f"no hay ninguna cola «{queue}»; hay {', '.join(desk.queues)}.")
    line = ChatLine(
        number=sheet.person("numero", sheet.text("numero"), desk.country) if "numero" in sheet.data else desk.caller_id,
        greeting=_text(sheet, "saludo", desk, values),
        options=options,
        person=sheet.text("persona", "Hablar con una persona"),
        queue=queue,
        canned=tuple(_canned(each, desk, values) for each in sheet.tables("respuestas")),
        approved=tuple(_approved(each, desk, values) for each in sheet.tables("plantillas")),
    )
    if len(line.greeting) + len(line.menu) > LONGEST - 200:  # what is said before it takes the rest
        raise sheet.fault("saludo", "el saludo y el menú son demasiado largos para un mensaje.")
    return line


def _option(sheet: LineSheet, desk: DeskLine, values: Mapping[str, object]) -> Option:
    sheet.only("nombre", "palabras", "texto")
    return Option(sheet.text("nombre"), sheet.texts("palabras"), _text(sheet, "texto", desk, values))


def _canned(sheet: LineSheet, desk: DeskLine, values: Mapping[str, object]) -> Canned:
    sheet.only("nombre", "texto")
    return Canned(sheet.text("nombre"), _text(sheet, "texto", desk, values))


def _approved(sheet: LineSheet, desk: DeskLine, values: Mapping[str, object]) -> Approved:
    sheet.only("nombre", "content_sid", "texto")
    sid = sheet.text("content_sid")
    if not _SID.fullmatch(sid):
        raise sheet.fault(
            "content_sid", "content_sid se escribe como lo da Twilio: HX y 32 cifras o letras de la a a la f."
        )
    return Approved(sheet.text("nombre"), sid, _text(sheet, "texto", desk, values))


def _text(sheet: LineSheet, key: str, desk: DeskLine, values: Mapping[str, object]) -> str:
    """As it is sent: its values are the line's own, and known already."""
    try:
        text = parse(sheet.text(key)).fill(key, values, desk.country).strip()
    except (BadTemplate, CannotSay) as problem:
        raise sheet.fault(key, f"{key}: {problem}") from None
    if len(text) > LONGEST - 200:
        raise sheet.fault(key, f"{key}: son {len(text)} letras; {LONGEST - 200} como mucho.")
    if says_a_pin(text):
        raise sheet.fault(key, NEVER_A_PIN)
    return text
