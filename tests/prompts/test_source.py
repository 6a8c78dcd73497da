"""A faulty file of sentences is told with its name and its key."""

from pathlib import Path

import pytest

from prompts.catalog import Catalog, CatalogFault

FAULTS = [
    ('[pin.active\ntext = "x"', "", "no se puede leer"),
    ('[pin.active]\ntext = ""', "pin.active", "vacío"),
    ("[pin.active]\ntext = 5", "pin.active", "no es texto"),
    ('[pin.active]\ntexto = "Listo."', "pin.active", "«texto» no es un campo"),
    ('[own.new]\noptions = ["1"]', "own.new", "le falta el texto"),
    ("[own]\n[own.empty]", "own", "«empty»"),
    ('loose = "x"', "", "«loose»"),
    ('[pin.active]\ntext = "Su PIN {"', "pin.active", "suelta"),
    ('[own.new]\ntext = "Su {PIN}."', "own.new", "no es un nombre"),
    ('[own.new]\ntext = "Su {pin.__class__}."', "own.new", "no es un nombre"),
    ('[own.new]\ntext = "Su {pin!r}."', "own.new", "no es un nombre"),
    ('[own.new]\ntext = "Su {}."', "own.new", "no es un nombre"),
    ('[own.new]\ntext = "Su {pin:d}."', "own.new", "no es un formato"),
    ('[pin.active]\ntext = "Su PIN es {pin:digits}."', "pin.active", "no recibe el valor «pin»"),
    ("[root.menu]\noptions = [1]", "root.menu", "entre comillas"),
    ('[root.menu]\noptions = ["12"]', "root.menu", "entre comillas"),
    ('[root.menu]\noptions = ["1", "1"]', "root.menu", "repetida"),
    ('[pin.active]\naudio = "../../secret.mp3"', "pin.active", "es una ruta como"),
    ('[pin.active]\naudio = "/etc/x.wav"', "pin.active", "es una ruta como"),
    ('[pin.active]\naudio = "pin/active.exe"', "pin.active", "es una ruta como"),
    ('[pin.active]\naudio = "pin/none.mp3"', "pin.active", "no existe"),
    ('[pin.read]\naudio = "pin/read.mp3"', "pin.read", "no puede decir «pin»"),
    ('[catalog]\nvoz = "Mia"', "catalog", "language y voice"),
    ("[catalog]\nvoice = 3", "catalog", "textos"),
]


@pytest.mark.parametrize(("toml", "key", "problem"), FAULTS)
def test_a_fault_names_file_and_key(tmp_path: Path, toml: str, key: str, problem: str) -> None:
    (tmp_path / "prueba.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(CatalogFault) as caught:
        Catalog.load("prueba", [tmp_path])
    assert (caught.value.file, caught.value.key) == ("prueba.toml", key)
    assert problem in caught.value.problem
    assert str(caught.value).startswith("prueba.toml")


def test_a_file_in_another_encoding_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "prueba.toml").write_bytes('[pin.active]\ntext = "Adiós"'.encode("cp1252"))
    with pytest.raises(CatalogFault):
        Catalog.load("prueba", [tmp_path])


@pytest.mark.parametrize("line_id", ["es", "../x", "", "A", "a/b"])
def test_a_line_cannot_take_the_name_of_another_file(line_id: str) -> None:
    with pytest.raises(CatalogFault):
        Catalog.load(line_id)


def test_an_override_may_use_what_the_sentence_gets_and_what_is_always_given(tmp_path: Path) -> None:
    (tmp_path / "prueba.toml").write_text(
        '[pin.read]\ntext = "{entidad}. Su PIN: {pin:digits}. {farewell}."', encoding="utf-8"
    )
    said = Catalog.load("prueba", [tmp_path]).say("pin.read", {"entidad": "X", "pin": "12", "farewell": "buen día"})
    assert said.text == "X. Su PIN: uno, dos. Buen día."
