"""The numbers behind the rules: the defaults, and what an institution changes."""

from datetime import timedelta

import pytest

from campaigns.rules.limits import Limits
from campaigns.rules.policy import After, Delays, FaultyRules, Policy, read_policies


def test_the_defaults_are_those_of_the_contract():
    assert read_policies() == dict.fromkeys(("SV", "CO", "MX"), Policy(Delays(), Limits()))


def test_only_what_is_told_changes(tmp_path):
    path = tmp_path / "reglas.toml"
    path.write_text("[SV.contacto]\nllamadas_por_dia = 1\n[SV.intentos]\nbuzon = { dias = 2 }\nfranjas = [13]\n")
    found = read_policies(path)
    assert found["CO"] == Policy()
    assert found["SV"].limits == Limits(calls_a_day=1)
    assert found["SV"].delays == Delays(machine=After(days=2), attempts_a_day=1, bands=(13,))
    assert found["SV"].delays.busy == After(timedelta(minutes=20))


@pytest.mark.parametrize(
    ("told", "about"),
    [
        ("[SV.contacto]\nllamadas_al_dia = 1\n", "llamadas_al_dia"),  # a misspelt limit would be no limit
        ("[GT.contacto]\nllamadas_por_dia = 1\n", "GT"),
        ("[SV.contacto]\nllamadas_por_dia = 0\n", "llamadas_por_dia"),
        ("[SV.contacto]\nllamadas_por_dia = 50\n", "llamadas_por_dia"),
        ('[SV.contacto]\nllamadas_por_dia = "2"\n', "llamadas_por_dia"),
        ("[SV.contacto]\nllamadas_por_dia = true\n", "llamadas_por_dia"),
        ("SV = 3\n", "SV"),
        ("[SV.intentos]\nfranjas = [25]\n", "franjas"),
        ("[SV.intentos]\nocupado = 20\n", "ocupado"),
        ("esto no es toml", "TOML"),
    ],
)
def test_what_is_wrong_stops_the_start_with_one_sentence(tmp_path, told, about):
    path = tmp_path / "reglas.toml"
    path.write_text(told)
    with pytest.raises(FaultyRules, match=about):
        read_policies(path)


def test_a_file_that_is_not_there_stops_it_too(tmp_path):
    with pytest.raises(FaultyRules, match=r"reglas\.toml"):
        read_policies(tmp_path / "reglas.toml")
