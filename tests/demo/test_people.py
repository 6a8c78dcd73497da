"""Who answers in the demo: the people of its lists, who know their answers, and whoever else is dialled."""

from collections import Counter

from carrier.local.personas import Personas
from demo.people import Someone, personas, strangers


def test_a_list_of_ones_own_finds_people_too(tmp_path):
    path = tmp_path / "personas.toml"
    known = personas([Someone(("+50370000001",), "0503", "2975")], others=["+50370000002"])
    path.write_text(f"{known}\n{strangers(('+503', '+52'))}", "utf-8")
    people = Personas.load(path)

    found = [people.find(f"+5037{number:07}") for number in range(1000, 1400)]
    fates = Counter(str(each.fate) for each in found if each)
    assert sum(fates.values()) == 400
    assert all(fates[fate] > 10 for fate in ("answer", "no_answer", "busy", "machine"))
    assert people.find("+525512345678") is not None
    assert people.find("+14155550100") is None
    someone = people.find("+50370000001")
    assert someone is not None and "0503" in [key.presses for key in someone.keys]
