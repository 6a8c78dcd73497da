"""The judge of sentences: it finds what is wrong, and finds nothing wrong in what we ship."""

from pathlib import Path

import pytest

from prompts import lint
from prompts.catalog import Catalog
from prompts.lint import Rule

ACTIVATION = [
    *("root.welcome", "root.menu", "pin.menu", "pin.document", "pin.birth_date"),
    *("pin.prepare", "pin.read", "pin.confirm", "pin.active", "common.closing"),
]


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    return Catalog.load("dgs")


def findings(folder: Path, text: str, key: str = "own.sentence", options: str = "") -> list[Rule]:
    (folder / "prueba.toml").write_text(f'[{key}]\ntext = "{text}"\n{options}', encoding="utf-8")
    return [finding.rule for finding in lint.lint(Catalog.load("prueba", [folder])) if finding.key == key]


def test_every_sentence_that_we_ship_is_fit_to_be_heard(shipped: Catalog) -> None:
    assert lint.lint(shipped) == []


def test_a_pin_within_75_seconds_of_speech(shipped: Catalog) -> None:
    assert lint.seconds(shipped, ACTIVATION) <= 75


def test_whoever_answers_knows_within_half_a_minute_who_calls_and_for_whom(shipped: Catalog) -> None:
    assert lint.seconds(shipped, ["campaign.greeting", "campaign.who"]) <= 30


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Gracias por llamar.", []),
        ("Su PIN ya está listo. " * 14, [Rule.LENGTH]),
        ("Su PIN ya está listo. " * 13, []),
        ("Para volver, marque uno.", [Rule.OPTIONS]),
        ("Su clave es {clave}, y ya está.", [Rule.PLACEHOLDER]),
        ("Su clave es {clave:digits}, y ya está.", [Rule.PLACEHOLDER]),
        ("Comuníquese telefónicamente inmediatamente.", [Rule.EASE]),
        ("Espere un momentito y ya.", [Rule.DIMINUTIVE]),
        ("Llame al tel. de la casa.", [Rule.ABBREVIATION]),
        ("Son 5 pasos.", [Rule.FIGURES]),
        ("Ya tienes un PIN.", [Rule.FAMILIAR]),
        ("Si hay peligro, marque nueve, uno, uno.", []),
    ],
)
def test_each_fault_is_found(tmp_path: Path, text: str, rules: list[Rule]) -> None:
    assert findings(tmp_path, text) == rules


@pytest.mark.parametrize(
    ("text", "options", "rules"),
    [
        ("Si ya lo vio, marque uno. Para volver, marque asterisco.", '["1", "*"]', []),
        ("Si ya lo vio, marque uno. Para volver, marque asterisco.", '["1", "2"]', [Rule.OPTIONS]),
        ("Para seguir, marque uno. Para salir, marque dos.", '["2", "1"]', [Rule.OPTIONS]),
        ("Marque uno para seguir.", '["1"]', [Rule.KEY_FIRST]),
        (" ".join(f"Para ir, marque {word}." for word in ("uno", "dos", "tres", "cuatro", "cinco", "seis")),
         '["1", "2", "3", "4", "5", "6"]', [Rule.OPTIONS]),
    ],
)  # fmt: skip
def test_menus(tmp_path: Path, text: str, options: str, rules: list[Rule]) -> None:
    assert findings(tmp_path, text, options=f"options = {options}") == rules


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Su PIN fue cambiado. Llame al {operador:figures} o al 131.", []),
        ("Su PIN cambió.", [Rule.ALPHABET]),
        ("{entidad}: su PIN fue cambiado.", [Rule.ALPHABET]),
        ("Su PIN fue cambiado. " * 8, [Rule.LENGTH]),
        ("Tu PIN fue cambiado.", [Rule.FAMILIAR]),
    ],
)
def test_what_is_read_has_rules_of_its_own(tmp_path: Path, text: str, rules: list[Rule]) -> None:
    assert findings(tmp_path, text, key="sms.own") == rules


def test_the_very_words_of_a_protocol_are_not_judged_by_their_ease(tmp_path: Path) -> None:
    hard, cited = "Comuníquese telefónicamente inmediatamente.", 'source = "Protocolo"'

    assert findings(tmp_path, hard) == [Rule.EASE]
    assert findings(tmp_path, hard, options=cited) == []
    assert findings(tmp_path, hard.replace(".", " con el tel. de la casa."), options=cited) == [Rule.ABBREVIATION]


def test_what_a_lines_file_gives_is_known(tmp_path: Path) -> None:
    (tmp_path / "prueba.toml").write_text('[x.y]\ntext = "Llame al {contacto_sam:phone}."', encoding="utf-8")
    catalog = Catalog.load("prueba", [tmp_path])
    of_the_line = lint.Typical.of_line({"contacto_sam": "+528004663786"}, "MX")

    assert [finding.key for finding in lint.lint(catalog)] == ["x.y"]
    assert lint.lint(catalog, of_the_line) == []


def test_a_row_of_the_table(shipped: Catalog) -> None:
    rows = {row.key: row for row in lint.table(shipped)}
    assert tuple(rows) == shipped.keys()
    menu, read, message = rows["root.menu"], rows["pin.read"], rows["campaign.message"]
    assert menu.options == ("1", "2", "3", "0", "9")
    assert menu.seconds == pytest.approx(len(shipped.say("root.menu", {}).text) / 15)
    assert read.placeholders == ("pin",)
    assert message.ease is None
    assert menu.ease is not None and menu.ease >= 65


def test_one_key_means_one_thing_in_every_menu(shipped: Catalog) -> None:
    """Cero is a person, nueve repeats, asterisco goes back, wherever they are offered (requirements §8)."""
    meanings = {"0": "hablar con una persona", "9": "repetir|oírlo otra vez|escuchar de nuevo", "*": "volver"}
    keys = shipped.keys()
    for key in keys:
        for option in set(shipped.options(key)) & meanings.keys():
            assert any(words in shipped.own_words(key) for words in meanings[option].split("|")), (key, option)


def test_nobody_is_told_which_of_their_data_did_not_match(shipped: Catalog) -> None:
    text = shipped.say("pin.not_verified", {}).text.lower()
    assert not any(word in text for word in ("dui", "fecha", "nacimiento", "documento", "bloque", "encontr"))
