"""What a request asks a person: its security questions, and what it collects after the message."""

from typing import Any

from campaigns.upload.fields import Fields
from campaigns.upload.questions import DIGITS, BankQuestion, Question, asks_what_is_never_asked
from campaigns.upload.request import Collected
from campaigns.upload.values import without_accents
from campaigns.upload.vocabulary import COLLECTED, QUESTIONS

_NEVER = "Nunca se pide un documento completo, un PIN, una tarjeta ni una contraseña."


def read_security(fields: Fields) -> dict[str, Any]:
    """Whether questions are needed, which, and how many must be answered right."""
    needed = fields.yes_no("requiere_preguntas_seguridad")
    questions = tuple(found for n in range(1, QUESTIONS + 1) if (found := _question(fields, n)))
    asked = any(fields.text(f"pregunta_{n}") for n in range(1, QUESTIONS + 1))
    if needed and not asked:
        fields.note("E02", "pregunta_1", "Se piden preguntas de seguridad y no hay ninguna.", ", ".join(BankQuestion))
    if needed is False and asked:
        told = "Dice NO, pero hay preguntas de seguridad escritas."
        fields.note("E17", "requiere_preguntas_seguridad", told, "ponga SI, o borre las preguntas")
    usual = len(questions) if len(questions) <= 2 else len(questions) - 1
    least = usual
    if needed and questions:
        least = fields.whole("aciertos_minimos", 1, len(questions), usual) or usual
    return {"requiere_preguntas_seguridad": needed, "preguntas": questions, "aciertos_minimos": least}


def _question(fields: Fields, number: int) -> Question | None:
    name = f"pregunta_{number}"
    written = fields.text(name)
    if not written:
        return None
    code = without_accents(written).replace(" ", "_")
    if code in set(BankQuestion):
        least, most = DIGITS[BankQuestion(code)]
        return Question(number, BankQuestion(code), None, least, most)
    if asks_what_is_never_asked(written):
        fields.note("E17", name, _NEVER, "una pregunta sobre un dato parcial")
    elif "_" in written and " " not in written:
        fields.note("E17", name, "Esa pregunta no está en el banco.", "use " + ", ".join(BankQuestion))
    digits_name = f"{name}_digitos"
    if not fields.text(digits_name):
        fields.note("E02", digits_name, "Falta cuántos dígitos lleva la respuesta.", "un número de 1 a 12")
        return None
    digits = fields.whole(digits_name, 1, 12, None)
    return Question(number, None, written, digits, digits) if digits else None


def read_collected(fields: Fields) -> tuple[Collected, ...]:
    """What is asked after the message, in order."""
    found = (_one_collected(fields, n) for n in range(1, COLLECTED + 1) if fields.text(f"recolectar_{n}"))
    return tuple(collected for collected in found if collected)


def _one_collected(fields: Fields, number: int) -> Collected | None:
    name = f"recolectar_{number}"
    options_name, digits_name = f"{name}_opciones", f"{name}_digitos"
    if bool(fields.text(options_name)) == bool(fields.text(digits_name)):
        told = "Falta cómo se responde: opciones, o cuántos dígitos."
        if fields.text(options_name):
            told = "Se responde con opciones o con dígitos, no con ambos."
        code = "E17" if fields.text(options_name) else "E02"
        fields.note(code, options_name, told, "1=Sí|2=No")
        return None
    if fields.text(digits_name):
        if asks_what_is_never_asked(fields.text(name)):  # with options nothing can be given away
            fields.note("E17", name, _NEVER, "otra pregunta")
        digits = fields.whole(digits_name, 1, 20, None)
        return Collected(number, fields.text(name), (), digits) if digits else None
    options = _options(fields.text(options_name))
    if options is None:
        told = "Cada opción es una tecla del 1 al 7, un signo = y lo que significa; el 8 y el 9 tienen ya su uso."
        fields.note("E17", options_name, told, "1=Sí|2=No")
        return None
    return Collected(number, fields.text(name), options, None)


def _options(text: str) -> tuple[tuple[str, str], ...] | None:
    """``1=Sí|2=No``. Keys 8 (no more calls) and 9 (again) mean the same everywhere in a call."""
    pairs = [part.partition("=") for part in text.split("|")]
    options = tuple((key.strip(), label.strip()) for key, _, label in pairs)
    keys = [key for key, _ in options]
    is_good = all(key in set("01234567") and label for key, label in options) and len(set(keys)) == len(keys)
    return options if is_good else None
