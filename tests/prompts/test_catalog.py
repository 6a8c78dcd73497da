"""The catalogue: what a line says, in whose words, and what it refuses to say."""

from datetime import date
from pathlib import Path

import pytest

from prompts.catalog import BadValue, Catalog, MissingValue, Spoken, UnknownKey

VALUES = {
    "entidad": "Dirección General de Subsidios",
    "operador": "+50322373333",
    "numero": "+50322373333",
    "greeting": "buenos días",
    "farewell": "buen día",
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load("dgs")


def line_with(folder: Path, text: str) -> Catalog:
    (folder / "prueba.toml").write_text(text, encoding="utf-8")
    return Catalog.load("prueba", [folder])


@pytest.mark.parametrize(
    ("key", "values", "text"),
    [
        ("pin.read", {"pin": "4819"}, "Su PIN es: cuatro, ocho, uno, nueve. Se lo repito: cuatro, ocho, uno, nueve."),
        ("root.welcome", {}, "Dirección General de Subsidios. Buenos días, le damos la bienvenida."),
        ("common.closing", {"farewell": "buena noche"}, "Gracias por su atención. Le recordamos que este servicio es "
         "gratuito. Que tenga buena noche."),
        ("common.operator_number", {}, "Para hablar con una persona, llame al dos, dos, tres, siete… tres, tres, tres, "
         "tres. Se lo repito: dos, dos, tres, siete… tres, tres, tres, tres."),
        ("sms.pin_changed", {}, "Direccion General de Subsidios: su PIN fue cambiado. Si no fue usted, llame al "
         "2237-3333."),
    ],
)  # fmt: skip
def test_a_sentence_is_said_with_its_values_as_words(
    catalog: Catalog, key: str, values: dict[str, object], text: str
) -> None:
    assert catalog.say(key, VALUES | values).text == text


def test_a_sentence_without_values_is_made_once(catalog: Catalog) -> None:
    assert catalog.say("root.menu", VALUES) is catalog.say("root.menu", {})


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        (
            "{x:web}.",
            "https://portal.secogem.gob.mx/sam/",
            "Portal, punto, secogem, punto, gob, punto, eme equis, diagonal, sam.",
        ),
        ("Es {x:web}.", "www.issemym.gob.mx", "Es triple doble u, punto, issemym, punto, gob, punto, eme equis."),
        ("Hola {x:capital}.", "buenos días", "Hola Buenos días."),
        ("{x:date}.", date(2026, 5, 1), "Primero de mayo de dos mil veintiséis."),
        ("Hoy es {x:date}.", "2026-05-01", "Hoy es primero de mayo de dos mil veintiséis."),
        ("Abrimos a {x:time}.", "07:30", "Abrimos a las siete y media de la mañana."),
        ("Son {x:money}.", "8.04", "Son ocho dólares con cuatro centavos."),
        ("Antes hay {x:number} personas.", 24, "Antes hay veinticuatro personas."),
        ("¿Hablo con {x:name}?", "JOSÉ", "¿Hablo con José?"),
        ("En {x} empieza.", "noviembre", "En noviembre empieza."),
        ("Una {{llave}} y {x}.", "otra", "Una {llave} y otra."),
        ("Listo. ¿{x} está bien?", "así", "Listo. ¿Así está bien?"),
    ],
)
def test_each_format(tmp_path: Path, text: str, value: object, said: str) -> None:
    line = line_with(tmp_path, f'[own.sentence]\ntext = "{text}"')
    assert line.say("own.sentence", {"x": value}).text == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("{pin}", "{pin}"),
        ("%s {0} {{", "%s {0} {{"),
        ("uno\n\x07dos", "uno dos"),
        ("a\u202eb\u200b", "a b "),
        ("<Hangup/>", "<Hangup/>"),  # the carrier escapes
        ("\ud800", " "),
        ("", ""),
    ],
)
def test_a_value_is_data(catalog: Catalog, value: str, said: str) -> None:
    assert catalog.say("campaign.message", {"mensaje": value, "pin": "4819"}).text == said


@pytest.mark.parametrize(
    ("values", "error"), [({}, MissingValue), ({"pin": None}, MissingValue), ({"pin": "48x9"}, BadValue)]
)
def test_what_cannot_be_said_names_the_key_and_never_the_value(
    catalog: Catalog, values: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        catalog.say("pin.read", {"other": "secreto", **values})
    told = f"{caught.value} {caught.value!r} {caught.value.__context__!r}"
    assert "pin.read" in told and "«pin»" in told
    assert "48x9" not in told and "secreto" not in told


def test_a_date_that_cannot_be_said_is_not_quoted_by_its_cause(tmp_path: Path) -> None:
    line = line_with(tmp_path, '[own.day]\ntext = "Nació el {x:date}."')
    with pytest.raises(BadValue) as caught:
        line.say("own.day", {"x": "31/02/1960"})
    assert caught.value.__context__ is None


def test_a_key_that_nobody_wrote(catalog: Catalog) -> None:
    with pytest.raises(UnknownKey):
        catalog.say("pin.nada", VALUES)


def test_the_country_decides_how_a_telephone_is_said(catalog: Catalog) -> None:
    said = catalog.say("common.operator_number", VALUES | {"operador": "+527222261950"}, country="MX").text
    assert "siete, dos, dos… dos, dos, seis… uno, nueve, cinco, cero" in said


def test_a_line_speaks_in_its_own_words_and_voice_and_keeps_the_rest(tmp_path: Path) -> None:
    line = line_with(
        tmp_path,
        """
        [catalog]
        voice = "Polly.Lupe-Neural"
        [root.menu]
        text = "Para hablar con una persona, marque cero."
        options = ["0"]
        """,
    )
    shipped = Catalog.load("dgs")
    assert line.say("root.menu", {}) == Spoken(
        "Para hablar con una persona, marque cero.", "es-MX", "Polly.Lupe-Neural", None
    )
    assert line.options("root.menu") == ("0",)
    assert line.say("pin.document", {}).text == shipped.say("pin.document", {}).text
    assert line.keys() == shipped.keys()


def test_the_last_folder_has_the_last_word(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
        (folder / "prueba.toml").write_text(f'[common.goodbye]\ntext = "Adiós desde {folder.name}."', encoding="utf-8")
    assert Catalog.load("prueba", [first, second]).say("common.goodbye", {}).text == "Adiós desde b."


class TestRecordings:
    def recorded(self, folder: Path, toml: str) -> Catalog:
        (folder / "audio" / "pin").mkdir(parents=True)
        (folder / "audio" / "pin" / "active.mp3").write_bytes(b"ID3")
        return line_with(folder, toml)

    def test_a_recording_takes_the_place_of_a_sentence(self, tmp_path: Path) -> None:
        line = self.recorded(tmp_path, '[pin.active]\naudio = "pin/active.mp3"')
        said = line.say("pin.active", {})
        assert said.audio_url == "/audio/prueba/pin/active.mp3"
        assert said.text == Catalog.load("dgs").say("pin.active", {}).text

    def test_a_recording_may_hold_what_never_changes_on_a_line(self, tmp_path: Path) -> None:
        line = self.recorded(tmp_path, '[own.hello]\ntext = "Le atiende {entidad}."\naudio = "pin/active.mp3"')
        assert line.say("own.hello", VALUES) == Spoken(
            "Le atiende Dirección General de Subsidios.", "es-MX", "Polly.Mia-Neural", "/audio/prueba/pin/active.mp3"
        )

    def test_only_a_named_recording_is_given_out(self, tmp_path: Path) -> None:
        line = self.recorded(tmp_path, '[pin.active]\naudio = "pin/active.mp3"')
        assert line.audio_file("pin/active.mp3") == tmp_path / "audio" / "pin" / "active.mp3"
        assert line.audio_file("../prueba.toml") is None
        assert line.audio_file("pin/other.mp3") is None

    def test_a_new_text_leaves_the_old_recording_behind(self, tmp_path: Path) -> None:
        self.recorded(tmp_path, '[pin.active]\naudio = "pin/active.mp3"')
        later = tmp_path / "later"
        later.mkdir()
        (later / "prueba.toml").write_text('[pin.active]\ntext = "Ya está."', encoding="utf-8")
        assert Catalog.load("prueba", [tmp_path, later]).say("pin.active", {}).audio_url is None
