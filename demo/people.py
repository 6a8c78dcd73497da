"""Who answers in the demo and in the tests: each invented citizen gets a fate, by weight, and the keys to press."""

from collections.abc import Iterable
from dataclasses import dataclass

_WHO = "hablo con"
_BORN = "dia y el mes en que nacio"
_DOCUMENT = "ultimos cuatro numeros de su documento"
_AFTER = "para continuar, marque uno"
_COLLECT = "explicarle como activar"


@dataclass(frozen=True)
class Someone:
    """What a persona needs to know of the person it plays."""

    phones: tuple[str, ...]
    ddmm: str
    last4: str


#: (name, of a hundred). The expected outcome of each is in tests/dialer/test_thousand.py.
FATES = (
    ("collects", 34),
    ("listens", 12),
    ("no_answer", 18),
    ("busy", 8),
    ("machine", 7),
    ("failed", 3),
    ("not_here", 3),
    ("wrong_number", 3),
    ("fails_security", 3),
    ("hangs_up", 3),
    ("partial", 2),
    ("silent", 2),
    ("opts_out", 1),
    ("opts_out_early", 1),
)


def fate_of(number: int) -> str:
    """The fate of the person of this number: spread evenly, the same each time."""
    place = number * 37 % 100
    for name, weight in FATES:
        if place < weight:
            return name
        place -= weight
    raise AssertionError("the weights are of a hundred")


def personas(people: Iterable[Someone], *, speed: float = 0, others: Iterable[str] = ()) -> str:
    """The personas' file for these people, in order. A second telephone is answered as the first one is.

    ``others``: telephones of duty officers and emergency services: a person answers, who presses 1 if asked.
    """
    blocks, known = [f"speed = {speed:g}"], set(others)
    blocks += [_attentive(number) for number in sorted(known)]
    for number, someone in enumerate(people):
        own = [phone for phone in someone.phones if phone not in known]  # a shared one is its first owner's
        known.update(own)
        blocks += [_person(phone, fate_of(number), someone) for phone in own]
    return "\n\n".join(blocks) + "\n"


def _person(phone: str, fate: str, someone: Someone) -> str:
    lines = [f'[[person]]\nnumber = "{phone}"']
    if fate in ("no_answer", "busy", "machine", "failed"):
        lines.append(f'fate = "{fate}"')
    elif fate == "hangs_up":
        lines.append("hangs_up_after_s = 9")
    elif keys := _keys(fate, someone):
        rows = ",\n".join(f'    {{ hears = "{hears}", presses = "{presses}" }}' for hears, presses in keys)
        lines.append(f"keys = [\n{rows},\n]")
    if fate == "partial":
        lines.append("hangs_up_after_s = 64")
    return "\n".join(lines)


def _keys(fate: str, someone: Someone) -> list[tuple[str, str]]:
    first = {"not_here": "2", "wrong_number": "3", "opts_out_early": "8", "silent": ""}.get(fate, "1")
    if fate in ("not_here", "wrong_number", "opts_out_early"):
        return [(_WHO, first)]
    if fate == "silent":
        return []
    if fate == "fails_security":
        return [(_WHO, "1"), (_BORN, "9999"), (_DOCUMENT, "0001" if someone.last4 != "0001" else "0002")]
    passed = [(_WHO, "1"), (_BORN, someone.ddmm), (_DOCUMENT, someone.last4)]
    after = {"collects": [(_AFTER, "1"), (_COLLECT, "1")], "opts_out": [(_AFTER, "8")]}
    return passed + after.get(fate, [])


#: What becomes of the calls to whoever else is dialled: how many of a hundred, and how they answer.
_STRANGERS = (
    (
        45,
        f'keys = [{{ hears = "{_WHO}", presses = "1" }}, {{ hears = "{_AFTER}|para si, marque uno", presses = "1" }}]',
    ),
    (15, f'keys = [{{ hears = "{_WHO}", presses = "1" }}]'),
    (20, 'fate = "no_answer"'),
    (8, 'fate = "busy"'),
    (7, 'fate = "machine"'),
    (3, f'keys = [{{ hears = "{_WHO}", presses = "3" }}]'),
    (2, "hangs_up_after_s = 9"),
)


def strangers(beginnings: Iterable[str]) -> str:
    """Whoever has a number that begins so and is nobody in particular: a list of one's own finds people too. They do
    not know its security answers."""
    blocks = [
        f'[[person]]\nnumber = "{beginning}*"\nweight = {weight}\n{told}'
        for beginning in beginnings
        for weight, told in _STRANGERS
    ]
    return "\n\n".join(blocks) + "\n"


def _attentive(number: str) -> str:
    keys = '{ hears = "marque uno", presses = "1", says = "Aquí estoy, le escucho." }'
    return f'[[person]]\nnumber = "{number}"\nring_s = 4\nkeys = [{keys}]'
