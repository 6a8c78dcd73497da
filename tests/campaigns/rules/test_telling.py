"""The limits and waits as the screen tells them: those by which calls are decided."""

from pathlib import Path

import pytest

from campaigns.rules import policy
from campaigns.rules.telling import limits_told


@pytest.fixture
def changed(tmp_path: Path):
    """The institution's own numbers, for as long as a test lasts."""
    own = tmp_path / "reglas.toml"
    own.write_text(
        "[SV.contacto]\nllamadas_por_dia = 1\nhoras_entre_llamadas = 1\n[SV.intentos]\n"
        "fallos_de_seguridad = 1\nbuzon = { dias = 2, maximo = 6 }\nno_contesta = { minutos = 90, maximo = 6 }\n"
    )
    policy.use(own)
    yield
    policy.use(None)


def test_a_supervisor_reads_what_holds():
    told = dict(limits_told("SV"))
    assert told["A una persona, entre todas las campañas"] == "2 llamadas al día, con 3 horas de distancia"
    assert told["Si ya se habló con ella"] == "1 contacto al día y 3 a la semana"
    assert told["No contesta"] == "se repite en 3 horas, en otra parte del día"
    assert told["Contesta un buzón"] == "se repite el siguiente día hábil"
    failures = "se repite el siguiente día hábil; si pasa 3 veces en 30 días, no se repite más"
    assert told["No supera las preguntas de seguridad"] == failures


def test_it_is_what_the_institution_changed(changed):
    told = dict(limits_told("SV"))
    assert told["A una persona, entre todas las campañas"] == "1 llamada al día, con 1 hora de distancia"
    assert told["No contesta"] == "se repite en 90 minutos, en otra parte del día"
    assert told["Contesta un buzón"] == "se repite a los 2 días hábiles"
    assert told["No supera las preguntas de seguridad"] == "no se repite"
