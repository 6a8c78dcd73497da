"""What is found among a million consultations and ten million of what happened to them, beside ten thousand; and the
report of a month.

Each is asked of the functions of the service, and of the whole application as somebody signed in does it, about
consultations drawn at random; the few and the many by turns, so that what the machine does besides is alike for both.
"""

from collections.abc import Callable
from functools import partial
from statistics import mean
from typing import Any

from cases import tasks
from cases.attentions import attentions
from cases.attentions.attentions import Saved
from cases.consultations import consultations, finding
from cases.corrections import corrections
from cases.events import events_of
from cases.orders import orders
from drill.bench.case_reports import reported
from drill.bench.case_side import NOW, OPERATOR, Sample, Side
from drill.bench.figure import Figure, Goal, times
from drill.bench.place import Place
from drill.figures import percentile
from drill.spent import Spent

FEW = 10_000
_SOON = Goal("p95 ≤ 50 ms", most=50)
_SEED = 7
_COUNTRIES = ("SV", "CO", "MX")
_HIDDEN = {"linea131"}
_TYPED = {
    **{"subject": "C01", "caller_kind": "BENEFICIARIO", "contact_name": "Alguien Inventado", "outcome": "PENDIENTE"},
    "detail": "Pregunta el precio del cilindro de 25 libras y desde cuándo es ese",
}
Do = Callable[[], object]
Ready = Callable[[Side, Sample], Do]


def measured(place: Place, cases: int, few: int = FEW, looks: int = 200) -> list[Figure]:
    """``looks``: of each, about as many consultations."""
    little, much = (Side(place, each) for each in (few, cases))
    try:
        asked = [_figure(what, ready, little, much, looks) for what, ready in _ASKED.items()]
        return [*asked, *reported(much), _room_taken(much)]
    finally:
        little.db.close()
        much.db.close()


def _figure(what: str, ready: Ready, little: Side, much: Side, looks: int) -> Figure:
    spent: tuple[list[Spent], list[Spent]] = ([], [])
    samples = [side.drawn(looks, _SEED) for side in (little, much)]
    for side, (first, *_) in zip((little, much), samples, strict=True):
        ready(side, first)()  # a process asks for the first time once
    for each in zip(*samples, strict=False):
        for side, sample, known in zip((little, much), each, spent, strict=True):
            known.append(side.meter.spent(ready(side, sample)))
    few, many = (sorted(each.waited for each in known) for known in spent)
    waited = ", ".join(f"p{100 * share:.0f} {percentile(many, share):.1f}" for share in (0.5, 0.95, 0.99))
    median, beside = percentile(many, 0.5), percentile(few, 0.5)
    ours, database = (mean(getattr(each, whose) for each in spent[1]) for whose in ("ours", "database"))
    shown = f"{waited} ms; {times(median / beside)} ({median:.1f} y {beside:.1f} ms)"
    note = f"{ours + database:.1f} ms de procesador, {database:.1f} de ellos PostgreSQL"
    note += f"; con {little.cases:,}, {mean(each.processor for each in spent[0]):.1f}"
    goal = _SOON if what.startswith("buscar") else None
    return Figure(what, f"con {little.cases:,} casos", percentile(many, 0.95), shown, goal, note)


def _found(side: Side, sample: Sample, written: str) -> None:
    with side.db.begin() as tx:
        sought = finding.read(side.vault, written, _COUNTRIES)
        found = finding.find(tx, side.vault, sought, hidden_lines=_HIDDEN)
    _check(any(case.id == sample.id for case in found) or len(found) == 50, "no se encontró")


def _found_on_the_page(side: Side, sample: Sample, written: str) -> None:
    page = side.searched(written)
    _check(f"/casos/{sample.id}/" in page or "hay más" in page, "no se encontró en la página")


def _past(side: Side, sample: Sample) -> None:
    prints: dict[str, Any] = {
        "phone_print": side.vault.fingerprint("phone", sample.phone),
        "document_print": side.vault.fingerprint("document", sample.document),
    }
    with side.db.begin() as tx:
        _check(
            attentions.history(tx, side.vault, **prints, but_room=side.cases + 1, hidden_lines=_HIDDEN), "sin historia"
        )


def _opened(side: Side, sample: Sample) -> None:
    with side.db.begin() as tx:
        _check(consultations.one_case(tx, side.vault, sample.id, hidden_lines=_HIDDEN), "no se abrió")
        _check(events_of(tx, side.vault, sample.id), "no tiene historia")
        corrections.of_case(tx, side.vault, sample.id)
        orders.orders_of_case(tx, side.vault, sample.id)


def _waiting(side: Side) -> None:
    with side.db.begin() as tx:
        waiting = consultations.pending_cases(tx, side.vault, hidden_lines=_HIDDEN)
        tasks.tasks_of(tx, side.vault, [case.id for case in waiting])
    _check(waiting, "la bandeja está vacía")


def _to_do(side: Side) -> None:
    with side.db.begin() as tx:
        _check(tasks.open_tasks(tx, side.vault, hidden_lines=_HIDDEN), "no hay tareas")


def _save(side: Side, sample: Sample) -> Do:
    draft_id = side.answered(sample)

    def save() -> None:
        with side.db.begin() as tx:
            attentions.type_draft(tx, side.vault, NOW, draft_id, OPERATOR, **_typed())
            _check(isinstance(attentions.save(tx, side.vault, NOW, draft_id, OPERATOR), Saved), "no se guardó")

    return save


def _typed() -> dict[str, object]:
    return {**_TYPED, "has_conflict": False, "is_gift_offered": False}


def _save_on_the_page(side: Side, sample: Sample) -> Do:
    draft_id = side.answered(sample)
    form = _TYPED | {"has_conflict": "no", "is_gift_offered": "no"}
    return lambda: _check("Guardado" in side.saved(draft_id, form), "no se guardó en la página")


def _check(is_so: object, what: str) -> None:
    if not is_so:
        raise SystemExit(what)


_ASKED: dict[str, Ready] = {
    "buscar por documento": lambda side, each: partial(_found, side, each, each.document),
    "buscar por documento: la página": lambda side, each: partial(_found_on_the_page, side, each, each.document),
    "buscar por teléfono": lambda side, each: partial(_found, side, each, each.phone),
    "buscar por teléfono: la página": lambda side, each: partial(_found_on_the_page, side, each, each.phone),
    "buscar por número": lambda side, each: partial(_found, side, each, f"{each.id}"),
    "buscar por número: la página": lambda side, each: partial(_found_on_the_page, side, each, f"{each.id}"),
    "las consultas anteriores de quien llama": lambda side, each: partial(_past, side, each),
    "abrir un caso con su historia": lambda side, each: partial(_opened, side, each),
    "abrir un caso: la página": lambda side, each: partial(side.looked, f"/casos/{each.id}/historia"),
    "la bandeja de la coordinación": lambda side, each: partial(_waiting, side),
    "la bandeja: la página": lambda side, each: partial(side.looked, "/casos"),
    "las tareas": lambda side, each: partial(_to_do, side),
    "guardar un caso nuevo": _save,
    "guardar un caso: la página": _save_on_the_page,
}


def _room_taken(much: Side) -> Figure:
    taken = much.room_taken()
    whole = taken.pop("")
    largest = sorted(taken.items(), key=lambda each: -each[1])[:6]
    told = ", ".join(f"`{name}` {size / 1e9:.1f}" for name, size in largest)
    shown = f"{whole / 1e9:.1f} GB; con sus índices, {told}"
    return Figure("lo que ocupan dos años", "–", whole / 1e9, shown, note=f"cada año {whole / 2e9:.1f} GB más")
