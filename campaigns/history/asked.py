"""What was asked in a call, by how far it came: the questions, never an answer and never which one failed."""

from collections.abc import Iterator

from campaigns.states import Progress
from campaigns.upload.questions import BankQuestion, Question
from campaigns.upload.request import Request

_PASSED = frozenset(
    {
        *(Progress.VERIFIED, Progress.MESSAGE_STARTED, Progress.MESSAGE_HEARD),
        *(Progress.COLLECTED, Progress.OPTED_OUT),
    }
)

_BANK = {
    BankQuestion.NACIMIENTO_DDMM: "día y mes de nacimiento",
    BankQuestion.NACIMIENTO_AAAA: "año de nacimiento",
    BankQuestion.DOCUMENTO_ULTIMOS4: "últimos cuatro dígitos del documento",
    BankQuestion.EXPEDICION_MMAA: "mes y año de expedición del documento",
    BankQuestion.HOGAR_INTEGRANTES: "cuántas personas viven en el hogar",
    BankQuestion.RECIBO_ULTIMOS4: "últimos cuatro dígitos del recibo",
}


def asked_in(request: Request | None, progress: str | None) -> Iterator[str]:
    """Sentences for people. ``progress``: the last thing that is certain of the call (campaigns.states.Progress)."""
    if request is None or progress is None:
        return
    reached = Progress(progress)
    if request.requiere_preguntas_seguridad and (reached in _PASSED or reached is Progress.FAILED_SECURITY):
        passed = "la superó" if reached in _PASSED else "no la superó"
        yield f"Verificación de identidad ({'; '.join(map(_named, request.preguntas))}): {passed}."
    if request.recolectar and reached in (Progress.MESSAGE_HEARD, Progress.COLLECTED):
        answered = "respondió" if reached is Progress.COLLECTED else "no respondió todo"
        yield f"Se le preguntó: {' '.join(f'«{each.sentence}»' for each in request.recolectar)}; {answered}."


def _named(question: Question) -> str:
    return _BANK[question.code] if question.code else question.sentence or ""
