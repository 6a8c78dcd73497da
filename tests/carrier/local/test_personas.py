"""Who answers, and a file that cannot be used names its line."""

import asyncio

import pytest

from carrier.local.line import HungUp
from carrier.local.persona_line import PersonaLine
from carrier.local.personas import Fate, FaultyPersonas, Person, Personas, read_personas
from carrier.local.stopwatch import Stopwatch

FILE = """speed = 0.5
[[person]]
number = "*"
fate = "busy"
[[person]]
number = "+503*"
ring_s = 7
[[person]]
number = "+5037*"
fate = "machine"
[[person]]
number = "+50370000001"
keys = [
  { hears = "número de su DUI", presses = "000162975#" },
  { hears = "hablo con (maría|josé)", presses = "w1" },
]
hangs_up_after_s = 40
"""


@pytest.mark.parametrize(
    ("number", "fate"),
    [
        pytest.param("+50370000001", Fate.ANSWER, id="exact beats every prefix"),
        pytest.param("+50370000002", Fate.MACHINE, id="the longest prefix"),
        pytest.param("+50322220000", Fate.ANSWER, id="a shorter prefix"),
        pytest.param("+5212345678", Fate.BUSY, id="any number"),
    ],
)
def test_who_answers(number: str, fate: Fate) -> None:
    person = read_personas(FILE).find(number)
    assert person is not None
    assert person.fate is fate


def test_nobody_matches() -> None:
    assert read_personas("").find("+50370000001") is None


def test_defaults() -> None:
    personas = read_personas('[[person]]\nnumber = "+1"\n')
    assert personas.speed == 1
    assert personas.find("+1") == Person(Fate.ANSWER, 3.0, (), None)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("speed = \n", 1, "TOML"),
        ('speed = 1\n[[person]\nnumber = "+1"', 2, "TOML"),
        ("speed = -1", 1, "speed"),
        ('\nspeed = "fast"', 2, "speed"),
        ("\n\nvelocity = 1", 3, "velocity"),
        ('[[person]]\nfate = "busy"', 1, "number"),
        ('[[person]]\nnumber = "abc"', 2, "number"),
        ('[[person]]\nnumber = "+1"\n[[person]]\nnumber = "+1"', 4, "dos veces"),
        ('[[person]]\nnumber = "+1"\n[[person]]\nnumber = "+2"\nfate = "sleeps"', 5, "fate"),
        ('[[person]]\nnumber = "+1"\nring_s = true', 3, "ring_s"),
        ('[[person]]\nnumber = "+1"\nname = "Ana"', 3, "name"),
        (
            '[[person]]\nnumber = "+1"\nkeys = [\n{ hears = "a", presses = "1" },\n{ hears = "(", presses = "1" }]',
            5,
            "hears",
        ),
        (
            '[[person]]\nnumber = "+1"\nkeys = [\n{ hears = "a", presses = "1" },\n{ hears = "b", presses = "x" }]',
            5,
            "presses",
        ),
        ('[[person]]\nnumber = "+1"\nkeys = [{ hears = "a" }]', 3, "keys"),
        ("person = 3", 1, "person"),
    ],
)
def test_a_faulty_file_names_the_line(text: str, line: int, says: str) -> None:
    with pytest.raises(FaultyPersonas) as fault:
        read_personas(text)
    assert f"línea {line}:" in str(fault.value)
    assert says in str(fault.value)


def test_a_file_that_is_not_there(tmp_path: object) -> None:
    from pathlib import Path

    with pytest.raises(FaultyPersonas):
        Personas.load(Path(str(tmp_path)) / "nobody.toml")


def line_of(person: Person) -> PersonaLine:
    line = PersonaLine(person, Stopwatch())
    line.pick_up()
    return line


def marias_line() -> PersonaLine:
    person = read_personas(FILE).find("+50370000001")
    assert person is not None
    return line_of(person)


async def keys_at_a_gather(line: PersonaLine, text: str, timeout: float = 5) -> str:
    keys = ""
    await line.hear(text, len(text) / 15, listening=True)
    while (key := await line.press(timeout)) is not None:
        keys += key
    return keys


def test_reactions_ignore_case_and_accents_and_may_fire_again() -> None:
    async def scene() -> list[str]:
        line = marias_line()
        return [
            await keys_at_a_gather(line, "Diga el NUMERO de su dui"),
            await keys_at_a_gather(line, "Buenas tardes"),
            await keys_at_a_gather(line, "¿Hablo con Maria?"),
            await keys_at_a_gather(line, "El número de su DUI, otra vez"),
        ]

    assert asyncio.run(scene()) == ["000162975#", "", "1", "000162975#"]


def test_what_was_said_since_the_last_key_counts_even_outside_the_gather() -> None:
    async def scene() -> str:
        line = marias_line()
        await line.hear("Hablo con", 1)
        await line.hear("José", 1)
        return await keys_at_a_gather(line, "Responda.")

    assert asyncio.run(scene()) == "1"


def test_w_waits_half_a_second() -> None:
    async def scene() -> tuple[str | None, float]:
        line = marias_line()
        await line.hear("¿Hablo con José?", 1.0, listening=True)
        return await line.press(5), line.watch.elapsed

    assert asyncio.run(scene()) == ("1", 1.5)


def test_hangs_up_so_many_simulated_seconds_after_the_answer() -> None:
    async def scene() -> float:
        line = line_of(Person(hangs_up_after_s=12))
        with pytest.raises(HungUp):
            await line.hear("a" * 600, 40)
        return line.watch.elapsed

    assert asyncio.run(scene()) == 12


def test_a_machine_presses_nothing() -> None:
    async def scene() -> str:
        text = '[[person]]\nnumber = "*"\nfate = "machine"\nkeys = [{ hears = "uno", presses = "1" }]'
        person = read_personas(text).find("+1")
        assert person is not None
        return await keys_at_a_gather(line_of(person), "marque uno")

    assert asyncio.run(scene()) == ""


def test_somebody_may_speak_and_press_at_once_and_a_client_is_only_who_is_named() -> None:
    text = """
    [[person]]
    number = "*"
    keys = [{ hears = "marque uno", presses = "1", says = "Voy." }, { hears = "hola", says = "Buenas." }]
    [[person]]
    number = "client:ana"
    fate = "busy"
    """
    people = read_personas(text)
    anybody = people.find("+50370000001")
    assert anybody is not None
    assert [(r.presses, r.says) for r in anybody.keys] == [("1", "Voy."), ("", "Buenas.")]
    assert people.find("client:luis") is None
    assert (person := people.find("client:ana")) is not None and person.fate is Fate.BUSY


@pytest.mark.parametrize(
    "reaction", ['{ hears = "a" }', '{ says = "a" }', '{ hears = "a", says = 1 }', '{ hears = "a", shouts = "b" }']
)
def test_a_reaction_that_is_none(reaction: str) -> None:
    with pytest.raises(FaultyPersonas, match="línea 3"):
        read_personas(f'[[person]]\nnumber = "+1"\nkeys = [{reaction}]')


SEVERAL = """
seed = 3
[[person]]
number = "*"
weight = 3
fate = "busy"
[[person]]
number = "*"
weight = 1
"""


def test_several_at_one_number_answer_as_often_as_their_weights_say() -> None:
    people = read_personas(SEVERAL)
    found = [fate_of(people, f"+5037{number:07}") for number in range(4_000)]
    assert found.count(Fate.BUSY) / len(found) == pytest.approx(0.75, abs=0.03)


def test_the_same_calls_find_the_same_people_and_another_call_another_one() -> None:
    one, other = read_personas(SEVERAL), read_personas(SEVERAL)
    calls = [fate_of(one, "+50370000001") for _ in range(40)]
    assert calls == [fate_of(other, "+50370000001") for _ in range(40)]
    assert set(calls) == {Fate.BUSY, Fate.ANSWER}
    seeded = read_personas(SEVERAL.replace("seed = 3", "seed = 4"))
    assert calls != [fate_of(seeded, "+50370000001") for _ in range(40)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[person]]\nnumber = "*"\nweight = 0\n', "mayor que 0"),
        ('[[person]]\nnumber = "*"\nweight = 1\n[[person]]\nnumber = "*"\n', "dos veces"),
        ('[[person]]\nnumber = "*"\n[[person]]\nnumber = "*"\nweight = 1\n', "dos veces"),
        ('seed = "x"\n', "entero"),
    ],
)
def test_a_faulty_household(text: str, says: str) -> None:
    with pytest.raises(FaultyPersonas, match=says):
        read_personas(text)


def fate_of(people: Personas, number: str) -> Fate:
    found = people.find(number)
    assert found is not None
    return found.fate
