"""Where a key of a line's menu leads, as its file says it (docs/lineas.md): one or two words → steps of a flow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from desk.lines import CRISIS
from ivr.flow import BACK, REPEAT, Flow, Result, Say, Step
from ivr.flows import stopping
from ivr.flows.operator import connect
from ivr.flows.switchboard import anything_else, dial, spell, start, text_me
from ivr.line import Line, Menu

#: As lines' files said it before there was a word in Spanish.
_BEFORE = {"repeat": "repetir", "back": "volver", "say": "decir"}
WORDS = frozenset({"repetir", "volver", "inicio", "persona", "buscar", "sin_avisos", "terminar"})
VERBS = frozenset({"decir", "cola", "grupo", "marcar", "mensaje"})


def is_engines_own(way: str) -> bool:
    """Repeating, and going back: the engine does them, and nothing is noted of them."""
    return _BEFORE.get(way, way) in ("repetir", "volver")


@dataclass(frozen=True)
class Meaning:
    """What a way means: what the call remembers of it, where it goes, and its name for the operator's card."""

    result: Result
    label: str = ""
    memory: Mapping[str, Any] = field(default_factory=dict)

    @property
    def steps(self) -> list[Step]:
        parts = self.result if isinstance(self.result, tuple) else (self.result,)
        return [part for part in parts if isinstance(part, Step)]


@dataclass(frozen=True)
class Ways:
    """The ways of one line. Its menus must be in its flow before they are followed."""

    line: Line
    flow: Flow
    flows: Mapping[str, Flow]

    def meaning(self, menu: Menu, way: str) -> Meaning | None:
        """None where the way leads to nothing."""
        verb, _, target = way.partition(" ")
        verb = _BEFORE.get(verb, verb)
        if target and verb in VERBS:
            return getattr(self, f"_{verb}")(menu, target.strip())
        if verb in WORDS and not target:
            return self._word(verb)
        if way in self.line.menus:
            return Meaning(self.menu(way), self.line.menus[way].label)
        name, _, step = way.partition(".")
        found = self.flows[name].steps.get(step) if name in self.flows else None
        return Meaning(found, _LABELS.get(way, "")) if found else None

    def menu(self, name: str) -> Step:
        """A menu's step, or the one that says its first sentences."""
        return self.flow.steps.get(f"to_{name}") or self.flow.steps[name]

    def queue(self, name: str) -> Meaning:
        """A person of that queue. Crisis goes before every other call, for as long as this one lasts (R72)."""
        queue = self.line.desk.queue(name)
        memory: dict[str, Any] = {"_queue": queue.name}
        if queue.priority >= CRISIS:
            memory["_crisis"] = True
        return Meaning(connect, queue.label, memory)

    def _word(self, word: str) -> Meaning:
        if word == "persona":
            return self.queue(self.line.desk.default_queue)
        meanings: dict[str, Meaning] = {
            "repetir": Meaning(REPEAT),
            "volver": Meaning(BACK),
            "inicio": Meaning(start),
            "buscar": Meaning(spell, "Directorio"),
            "sin_avisos": Meaning(stopping.ask, "No más avisos"),
            "terminar": Meaning(anything_else, "Nada más"),
        }
        return meanings[word]

    def _decir(self, menu: Menu, key: str) -> Meaning:
        return Meaning((Say(key), self.flow.steps[menu.name]))

    def _cola(self, menu: Menu, name: str) -> Meaning | None:
        return self.queue(name) if name in self.line.desk.queues else None

    def _grupo(self, menu: Menu, name: str) -> Meaning | None:
        targets = [[target.number, target.tones] for target in self.line.groups.get(name, ())]
        memory = {"_targets": targets, "_target": 0}
        return Meaning((Say("switchboard.group"), dial), _named(name), memory) if targets else None

    def _marcar(self, menu: Menu, name: str) -> Meaning | None:
        number = self.line.contacts.get(name, "")
        memory = {"_targets": [[number, ""]], "_target": 0}
        is_dialled = number.startswith(("+", "sip:", "sips:"))
        return Meaning((Say("switchboard.contact"), dial), _named(name), memory) if is_dialled else None

    def _mensaje(self, menu: Menu, key: str) -> Meaning | None:
        memory = {"_sms": key, "_sms_menu": self.flow.steps[menu.name].path}
        return Meaning(text_me, "Mensaje de texto", memory) if key.startswith("sms.") else None


_LABELS = {"pin.choose": "PIN", "operator.connect": "Persona"}


def _named(name: str) -> str:
    return name.replace("_", " ").capitalize()
