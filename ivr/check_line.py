"""Judges a line's file: dead ends, sentences that are missing or too long, menus that mislead, queues of nobody."""

from collections.abc import Collection, Iterator, Mapping

from desk.lines import Queue
from ivr.check import keys_named_by, reachable, said_by, typical, without_a_person
from ivr.flow import Flow, Step
from ivr.flows.menus import first_step
from ivr.flows.operator import connect
from ivr.flows.switchboard import anything_else
from ivr.flows.ways import Ways
from ivr.line import Line, Menu
from prompts.catalog import Catalog
from prompts.lint import MOST_OPTIONS, Rule, lint, seconds

#: Always there and the same everywhere, so a menu need not say them.
UNSAID = frozenset("09*")
_HEARD = (Rule.LENGTH, Rule.OPTIONS, Rule.PLACEHOLDER)


def faults(
    line: Line, flows: Mapping[str, Flow], catalog: Catalog, skills: Collection[frozenset[str]] | None = None
) -> list[str]:
    """Everything that is wrong with a line, a sentence each. ``skills``: each operator's, where they are known."""
    ways = Ways(line, flows[line.id], flows)
    start = first_step(flows[line.id], line)
    reached = list(reachable(start))
    return [
        *_never_reached(line, reached),
        *(f"{path}: desde aquí no se llega a una persona" for path in without_a_person(line, flows)),
        *_of_sentences(line, reached, catalog),
        *(told for menu in line.menus.values() for told in _of_keys(menu, catalog)),
        *_of_queues(line, ways, skills),
        *(_of_a_helpline(line, ways) if line.desk.is_helpline else ()),
    ]


def _never_reached(line: Line, reached: Collection[Step]) -> Iterator[str]:
    paths = {step.path for step in reached}
    for name in line.menus:
        if f"{line.id}/{name}" not in paths:
            yield f"menú {name}: no lleva a él ninguna tecla"


def _of_sentences(line: Line, reached: Collection[Step], catalog: Catalog) -> Iterator[str]:
    """Of those that this line's callers may come to hear."""
    known = set(catalog.keys())
    said = {key for menu in line.menus.values() for key in said_by(menu)}
    said |= {key for step in reached if step.targets is None for key in keys_named_by(step)}
    yield from (f"{key}: no está en el catálogo" for key in sorted(said - known))
    for finding in lint(catalog, typical(line)):
        if finding.key in said and finding.rule in _HEARD:
            yield f"{finding.key}: {finding.message}"


def _of_keys(menu: Menu, catalog: Catalog) -> Iterator[str]:
    """What a menu says and what it does are the same keys."""
    if menu.prompt not in catalog.keys():  # noqa: SIM118 - a catalogue is no mapping
        return
    said = catalog.options(menu.prompt)
    yield from (f"menú {menu.name}: dice la tecla {key}, que no lleva a nada" for key in said if key not in menu.keys)
    for key in menu.keys:
        if key not in said and key not in UNSAID:
            yield f"menú {menu.name}: no dice la tecla {key}"
    if len([key for key in menu.keys if key not in UNSAID]) > MOST_OPTIONS:
        yield f"menú {menu.name}: tiene más de {MOST_OPTIONS} opciones"


def _of_queues(line: Line, ways: Ways, skills: Collection[frozenset[str]] | None) -> Iterator[str]:
    reached = {line.desk.default_queue}
    for menu in line.menus.values():
        meanings = [ways.meaning(menu, way) for way in (*menu.keys.values(), menu.on_silence) if way]
        reached |= {meaning.memory["_queue"] for meaning in meanings if meaning and "_queue" in meaning.memory}
    overflows = [each.partition(":") for queue in line.desk.queues.values() for each in queue.overflow]
    reached |= {name for kind, _, name in overflows if kind == "cola"}
    for queue in line.desk.queues.values():
        # A queue with skills may be one that operators pass calls to.
        if queue.name not in reached and not queue.skills:
            yield f"cola {queue.name}: no lleva a ella ninguna tecla ni otra cola"
        if skills is not None and not _can_be_served(queue, skills):
            yield f"cola {queue.name}: ningún operador tiene {', '.join(sorted(queue.skills)) or 'acceso'}"


def _can_be_served(queue: Queue, skills: Collection[frozenset[str]]) -> bool:
    return any(queue.skills <= own for own in skills)


def _of_a_helpline(line: Line, ways: Ways) -> Iterator[str]:
    """One key to a person wherever the caller is, a way out when nobody is there, and never a goodbye (R72, R77)."""
    for menu in line.menus.values():
        meanings = [meaning for way in menu.keys.values() if (meaning := ways.meaning(menu, way))]
        if not any(connect in meaning.steps for meaning in meanings):
            yield f"menú {menu.name}: una línea de ayuda lleva a una persona con una sola tecla"
        if any(anything_else in meaning.steps for meaning in meanings):
            yield f"menú {menu.name}: una línea de ayuda no se despide (terminar)"
    if not line.desk.duty_telephones:
        yield "una línea de ayuda necesita teléfonos de guardia (guardia)"


def seconds_of(menu: Menu, line: Line, catalog: Catalog) -> float:
    """How long a menu speaks, with what it says on the way in; 0 where a sentence is missing."""
    known = set(catalog.keys())
    said = [*menu.says, menu.prompt]
    return seconds(catalog, said, typical(line)) if known.issuperset(said) else 0.0
