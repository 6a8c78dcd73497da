"""``[whatsapp]`` in a line's file: what is taken, and what is refused with its line."""

from pathlib import Path

import pytest

from ivr.line import FaultyLine, _line, load_lines
from ivr.line_file import LineSheet

BASE = """
id = "agua"
entidad = "Autoridad del Agua"
pais = "SV"
numeros = ["+50322500001"]
operador = "+50322500009"
inicio = "root"
cierre = "Gracias."
aviso_privacidad = "Usamos sus datos para esto."
[menus.root]
pregunta = "root.menu"
teclas = { 0 = "persona" }
[whatsapp]
saludo = "{entidad}. ¿En qué le ayudamos? Teléfono {numero:figures}."
[[whatsapp.opciones]]
nombre = "Cortes"
palabras = ["corte"]
texto = "Los cortes de hoy están en el portal."
"""


def read(tmp_path: Path, text: str):
    path = tmp_path / "agua.toml"
    path.write_text(text)
    return _line(LineSheet.read(path)).desk.chat


def test_what_is_not_said_is_as_usual(tmp_path: Path) -> None:
    chat = read(tmp_path, BASE)
    assert chat is not None
    assert chat.number == "+50322500001"
    assert chat.greeting == "Autoridad del Agua. ¿En qué le ayudamos? Teléfono 2250-0001."
    assert chat.menu.splitlines()[:2] == ["1. Cortes", "2. Hablar con una persona"]
    assert (chat.queue, chat.canned, chat.approved) == ("general", (), ())


def test_without_it_nobody_writes(tmp_path: Path) -> None:
    assert read(tmp_path, BASE.partition("[whatsapp]")[0]) is None


@pytest.mark.parametrize(
    ("change", "to", "told"),
    [
        ('nombre = "Cortes"', "", "falta «nombre»"),
        ("[[whatsapp.opciones]]", "[[whatsapp.otras]]", "no se conoce «otras»"),
        ('saludo = "{entidad}', 'saludo = "{nadie}', "nadie"),
        ('texto = "Los', 'texto = "Su PIN es 4819. Los', "Un PIN nunca se escribe por mensaje"),
        ('texto = "Los', f'texto = "{"x" * 1500}Los', "1400 como mucho"),
        ("[whatsapp]\n", '[whatsapp]\ncola = "nadie"\n', "no hay ninguna cola «nadie»"),
        ("[whatsapp]\n", '[whatsapp]\nnumero = "12"\n', "no es un teléfono"),
        (
            "[[whatsapp.opciones]]",
            '[[whatsapp.plantillas]]\nnombre = "X"\ncontent_sid = "HX1"\ntexto = "y"\n[[whatsapp.opciones]]',
            "content_sid",
        ),
    ],
)
def test_a_fault_is_told_with_its_file_and_line(tmp_path: Path, change: str, to: str, told: str) -> None:
    with pytest.raises(FaultyLine, match="agua.toml, línea [0-9]+:") as fault:
        read(tmp_path, BASE.replace(change, to, 1))
    assert told in str(fault.value)


def test_two_lines_cannot_have_one_number(tmp_path: Path) -> None:
    (tmp_path / "agua.toml").write_text(BASE.replace("[whatsapp]\n", '[whatsapp]\nnumero = "2237-3333"\n'))
    with pytest.raises(FaultyLine, match="mismo número de WhatsApp"):
        load_lines(tmp_path)
