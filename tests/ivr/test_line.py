"""Lines as data: whose a number is, what a file says of its people, and each fault told with its line."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from desk.lines import CRISIS, Rejoins
from ivr.flows import all_flows
from ivr.line import SHIPPED, FaultyLine, Line, Target, line_of, load_lines

_DGS = (SHIPPED / "dgs.toml").read_text("utf-8")
SMALL = """\
id = "agua"
entidad = "Autoridad del Agua"
pais = "SV"
numeros = ["2250-0001"]
operador = "2250-0009"
inicio = "root"
cierre = "Gracias."
aviso_privacidad = "Sus datos."

[menus.root]
pregunta = "root.menu"
teclas = { 1 = "persona", 9 = "repetir" }
"""


def written(folder: Path, text: str) -> dict[str, Line]:
    (folder / "agua.toml").write_text(text, "utf-8")
    lines = load_lines(folder)
    all_flows(lines)
    return lines


def _other(numbers: str, shown: str) -> str:
    """A second line, as a file says it."""
    first, _, menus = _DGS.partition("[menus")
    own = {"id": '"otra"', "numeros": f"[{numbers}]", "numeros_salientes": f"[{shown}]"}
    kept = [line for line in first.splitlines() if line.partition("=")[0].strip() not in own]
    return "\n".join([*(f"{name} = {value}" for name, value in own.items()), *kept, "[menus" + menus])


def test_the_shipped_lines_stay_as_they_are_beside_an_institutions_own(tmp_path: Path) -> None:
    """They are read once a process, and everybody has the same."""
    before = load_lines()
    (tmp_path / "dgs.toml").write_text(re.sub("(?m)^entidad = .*", 'entidad = "Otra entidad"', _DGS), "utf-8")

    own = load_lines(tmp_path)
    del own["linea131"]

    assert own["dgs"].entidad == "Otra entidad"
    assert load_lines() == before and before["dgs"].entidad != "Otra entidad" and "linea131" in before


def test_who_rings_back_the_number_a_campaign_shows_reaches_its_line(tmp_path: Path) -> None:
    (tmp_path / "otra.toml").write_text(_other('"2250-0001"', '"2250-0002"'), "utf-8")
    lines = load_lines(tmp_path)

    found = {number: line_of(lines, number) for number in ("+50322373333", "+50322500001", "+50322500002", "+50379")}

    assert [line.id if line else None for line in found.values()] == ["dgs", "otra", "otra", None]


@pytest.mark.parametrize(("numbers", "shown"), [('"2237-3333"', ""), ('"2250-0001"', '"2237-3333"')])
def test_a_number_belongs_to_one_line(tmp_path: Path, numbers: str, shown: str) -> None:
    (tmp_path / "otra.toml").write_text(_other(numbers, shown), "utf-8")

    with pytest.raises(FaultyLine, match=r"\+50322373333 está en dos líneas"):
        load_lines(tmp_path)


def test_a_file_that_says_nothing_of_its_people_has_one_queue_that_is_always_open(tmp_path: Path) -> None:
    desk = written(tmp_path, SMALL)["agua"].desk

    assert (list(desk.queues), desk.default_queue, desk.opening.spans) == (["general"], "general", ())
    assert desk.queue(None).offers_callback and not desk.is_helpline


def test_the_principal_line_comes_first_and_an_institutions_own_before_those_that_ship(tmp_path: Path) -> None:
    assert next(iter(load_lines())) == "dgs"

    assert next(iter(written(tmp_path, "principal = true\n" + SMALL))) == "agua"


@pytest.mark.parametrize(
    ("line", "moment", "is_open"),
    [
        ("issemym", "2026-11-23T09:00-06:00", True),
        ("issemym", "2026-11-23T18:00-06:00", False),
        ("issemym", "2026-11-21T12:00-06:00", False),  # a Saturday
        ("linea131", "2026-11-23T07:30-06:00", True),
        ("linea131", "2026-11-23T15:30-06:00", False),
        ("linea131", "2026-12-24T10:00-06:00", False),  # decreed
        ("uariv", "2026-11-28T11:59-05:00", True),
        ("uariv", "2026-11-28T12:00-05:00", False),
        ("uariv", "2026-12-08T10:00-05:00", False),  # a holiday
        ("ciudadana", "2026-12-25T20:59-06:00", True),
        ("ciudadana", "2026-11-22T21:00-06:00", False),
        ("dgs", "2026-11-22T03:00-06:00", True),
    ],
)
def test_when_each_line_that_ships_is_open(line: str, moment: str, is_open: bool) -> None:
    assert load_lines()[line].desk.opening.is_open(datetime.fromisoformat(moment)) is is_open


def test_what_the_switchboards_file_says() -> None:
    line = load_lines()["issemym"]

    assert line.contacts["catgem"] == "+528006969696"
    assert line.contacts["portal"] == "www.issemym.gob.mx"
    assert line.groups["linea_atencion"] == (
        Target("+525550000002", "ww1415050"),
        Target("+525550000002", "ww1415051"),
    )


def test_what_the_helplines_file_says() -> None:
    desk = load_lines()["linea131"].desk

    assert (desk.is_helpline, desk.is_sensitive, len(desk.zones), len(desk.duty_telephones)) == (True, True, 14, 2)
    assert desk.queue("crisis").priority == CRISIS
    assert not any(queue.offers_callback or queue.offers_message for queue in desk.queues.values())
    assert [service.kind for service in desk.services_for("Usulután")] == ["911", "control_pnc", "control_pnc"]
    assert len(desk.services_for("San Salvador")) == 4


MENU = "teclas = { 1"
FAULTS = [
    ('id = "agua"\n', "", r"agua.toml, línea 1: falta «id»"),
    ('"SV"', '"PE"', r"línea 3: pais debe ser uno de"),
    ('"2250-0001"', '"131"', r"línea 4: «131» no es un teléfono de SV"),
    ('["2250-0001"]', "[]", r"línea 4: numeros necesita"),
    ('["2250-0001"]', '"2250-0001"', r"línea 4: numeros debe ser una lista"),
    ('inicio = "root"', 'inicio = "puerta"', r"línea 6: inicio nombra un menú que no existe"),
    ("cierre =", "sorpresa = 1\ncierre =", r"línea 7: no se conoce «sorpresa»"),
    ('"Gracias."', '"Gracias.', r"línea 7: no es TOML válido"),
    ('1 = "persona"', '1 = "cola nadie"', r"línea 12: en el menú root, la tecla 1 no lleva a nada: «cola nadie»"),
    ('1 = "persona"', '1 = "otro_menu"', r"línea 12: .*«otro_menu»"),
    ('1 = "persona"', '1 = "marcar alguien"', r"línea 12: .*«marcar alguien»"),
    ('1 = "persona"', '1 = "grupo nadie"', r"línea 12: .*«grupo nadie»"),
    ('1 = "persona"', '1 = "mensaje root.menu"', r"línea 12: .*«mensaje root.menu»"),
    ('1 = "persona"', '1 = "pin.nada"', r"línea 12: .*«pin.nada»"),
    ('1 = "persona"', 'a = "persona"', r"línea 12: teclas: «a» no es una tecla"),
    ('1 = "persona"', "1 = 1", r"línea 12: 1 debe ser un texto"),
    ('pregunta = "root.menu"\n', "", r"línea 10: falta «pregunta»"),
    ("[menus.root]", '[menus.root]\nsilencio = "nada"', r"línea 11: en el menú root, el silencio no lleva a nada"),
    ("[menus.root]", "[menus.root]\nespera = 99", r"línea 11: espera va de 2 a 30"),
    ("[menus.root]", '[menus.root]\ntipos = { 1 = "Queja" }', r"línea 11: «Queja»: un tipo se escribe en mayúsculas"),
    ("[menus.root]", '[menus.root]\nnombres = { 5 = "X" }', r"línea 11: nombres: «5» no es una tecla de este menú"),
    ("[menus.root]", '[horario]\nlunes = "8-18"\n[menus.root]', r"línea 11: lunes: las horas se escriben"),
    ("[menus.root]", '[horario]\nlunes = "18:00-08:00"\n[menus.root]', r"línea 11: lunes: las horas"),
    ("[menus.root]", '[horario]\nfines = "08:00-18:00"\n[menus.root]', r"línea 11: «fines» no son días"),
    ("[menus.root]", '[horario]\ncerrado = ["mañana"]\n[menus.root]', r"línea 11: «mañana» no es un día"),
    ("[menus.root]", "[colas.uno]\n[menus.root]", r"línea 10: falta «nombre»"),
    ("[menus.root]", '[colas.uno]\nnombre = "x"\nhabilidades = ["legal"]\n[menus.root]', r"línea 12: «legal»"),
    ("[menus.root]", '[habilidades]\nPIN = "De PIN"\n[menus.root]', r"línea 11: «PIN» no es una habilidad que pida"),
    ("[menus.root]", '[colas.uno]\nnombre = "x"\ndesborde = ["cola dos"]\n[menus.root]', r"línea 12: la cola uno no"),
    ("[menus.root]", '[colas.uno]\nnombre = "x"\ndesborde = ["fuera"]\n[menus.root]', r"línea 12: «fuera»: escriba"),
    ("[menus.root]", '[contactos]\nweb = "911"\n[menus.root]', None),
    ("[menus.root]", '[contactos]\nweb = "12345678901"\n[menus.root]', r"línea 11: «12345678901» no es"),
    ("[menus.root]", "[extensiones]\nlargo = 4\n[menus.root]", r"línea 10: extensiones necesita «numero» o «sip»"),
    ("[menus.root]", '[extensiones]\nsip = "central"\nlargo = 4\n[menus.root]', r"línea 11: sip se escribe como"),
    ("[menus.root]", '[extensiones]\nnumero = "2250-0003"\nlargo = 9\n[menus.root]', r"línea 12: largo va de 2 a 8"),
    ("[menus.root]", '[grupos]\nuno = ["911"]\n[menus.root]', r"línea 11: «911» es un número corto"),
    ("cierre =", 'sensible = "sí"\ncierre =', r"línea 7: sensible debe ser true o false"),
    ("cierre =", 'vuelve_a_su_emergencia = "no"\ncierre =', r"línea 7: vuelve_a_su_emergencia debe ser uno de siempre"),
    ("cierre =", 'cola = "nada"\ncierre =', r"línea 7: no hay ninguna cola «nada»"),
    ("cierre =", 'roles = ["JEFE"]\ncierre =', r"línea 7: «JEFE» no es un rol"),
    ("cierre =", 'guardia = ["131"]\ncierre =', r"línea 7: «131» es un número corto"),
    ("cierre =", 'guardia = [{ pide_tecla = true }]\ncierre =', r"línea 7: falta «numero»"),
    ("cierre =", 'guardia = [{ numero = "2250-0003", tecla = 1 }]\ncierre =', r"línea 7: no se conoce «tecla»"),
    ("cierre =", 'guardia = [{ numero = "2250-0003", pide_tecla = "sí" }]\ncierre =', r"línea 7: pide_tecla debe ser"),
    ("cierre =", "guardia = [1]\ncierre =", r"línea 7: guardia es una lista de textos entre comillas, o de tablas"),
    ("[menus.root]", '[grupos]\na = [{ numero = "2250-0003", pide_tecla = true }]\n'
     'b = [{ numero = "2250-0003", pide_tecla = false }]\n[menus.root]', r"línea 12: b: ese número pide tecla en un"),
    ("[menus.root]", '[[servicios]]\nclase = "911"\nnombre = "x"\nnumero = "911"\nzonas = ["Z"]\n[menus.root]',
     r"línea 14: «Z» no está en las zonas"),
    ("[menus.root]", "[menus.cola]\npregunta = \"root.menu\"\nteclas = { 1 = \"root\" }\n[menus.root]",
     r"agua.toml: «cola» es una palabra del sistema"),
    ('"agua"', '"pin"', r"«pin» es una palabra del sistema"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "told"), FAULTS)
def test_a_fault_is_told_with_its_file_and_its_line(tmp_path: Path, right: str, wrong: str, told: str | None) -> None:
    assert right in SMALL
    text = SMALL.replace(right, wrong, 1)
    if told is None:
        written(tmp_path, text)
        return
    with pytest.raises(FaultyLine, match=told):
        written(tmp_path, text)


@pytest.mark.parametrize(
    ("written_so", "means"),
    [
        ("", Rejoins.AT_ONCE),
        ('"siempre"', Rejoins.AT_ONCE),
        ('"tras_menu"', Rejoins.AFTER_MENU),
        ('"nunca"', Rejoins.NEVER),
        ("true", Rejoins.AT_ONCE),  # as it was written before
        ("false", Rejoins.AFTER_MENU),
    ],
)
def test_when_whoever_rings_back_is_in_their_emergency_again(tmp_path: Path, written_so: str, means: Rejoins) -> None:
    said = f"vuelve_a_su_emergencia = {written_so}\n" if written_so else ""
    assert written(tmp_path, SMALL.replace("cierre =", f"{said}cierre ="))["agua"].desk.rejoins_emergency is means


def test_for_how_long_a_line_keeps_what_was_written_down(tmp_path: Path) -> None:
    desk = written(tmp_path, SMALL)["agua"].desk
    assert (desk.keeps_cases_days, desk.keeps_registers_days) == (0, 0), "for good"

    desk = written(tmp_path, f"{SMALL}\n[conservacion]\ndias_casos = 3650\n")["agua"].desk
    assert (desk.keeps_cases_days, desk.keeps_registers_days) == (3650, 0)

    with pytest.raises(FaultyLine, match="dias_registros"):
        written(tmp_path, f"{SMALL}\n[conservacion]\ndias_registros = 30\n")


def test_the_second_of_two_services_is_the_one_that_is_wrong(tmp_path: Path) -> None:
    one = '[[servicios]]\nclase = "911"\nnombre = "x"\nnumero = "{}"\n'
    text = SMALL + one.format("2250-0004") + one.format("nada")

    with pytest.raises(FaultyLine, match="línea 20: «nada» no es un teléfono que se pueda marcar"):
        written(tmp_path, text)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "agua.toml").write_bytes(SMALL.encode("latin-1").replace(b"Gracias", b"\xf3"))

    with pytest.raises(FaultyLine, match="línea 7: guarde el archivo como UTF-8"):
        load_lines(tmp_path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FaultyLine, match="no existe la carpeta"):
        load_lines(tmp_path / "nada")


def test_words_of_before_still_mean_the_same(tmp_path: Path) -> None:
    keys = '1 = "operator.connect", 9 = "repeat", "*" = "back", 2 = "say root.info_pin"'

    assert written(tmp_path, SMALL.replace('1 = "persona", 9 = "repetir"', keys))["agua"].menus["root"].keys["9"]


ASKED = """
[colas.uno]
nombre = "Uno"
desborde = ["telefono 2250-0010", { numero = "2250-0011", pide_tecla = false }]

[contactos]
central = { numero = "2250-0012", pide_tecla = false }
gratis = "800 2345"
gratis_de_alguien = { numero = "800 6789", pide_tecla = true }

[grupos]
oficinas = ["2250-0013", { numero = "2250-0014", pide_tecla = false }]

[extensiones]
numero = "2250-0015"
largo = 4

[[servicios]]
clase = "911"
nombre = "Emergencias"
numero = "2250-0016"
"""


@pytest.mark.parametrize(
    ("number", "tones", "asks"),
    [
        ("+50322500010", "", True),
        ("+50322500011", "", False),  # the overflow of which the file says so
        ("+50322500012", "", False),
        ("+50322500013", "", True),
        ("+50322500014", "", False),
        ("+50322500015", "ww1234", False),  # an extension: the exchange answers
        ("+50322500015", "", True),
        ("+50322500016", "", False),  # an emergency service, never
        ("+50322500099", "", True),  # whom an operator dials, and no file names
        ("+50371000000", "", True),
        ("+5038002345", "", False),
        ("+5038006789", "", True),
        ("sip:ana@pbx.example", "", False),
        ("+50322500020", "", True),
        ("+50322500021", "", False),
    ],
)
def test_who_is_asked_for_a_key(tmp_path: Path, number: str, tones: str, asks: bool) -> None:
    duty = 'guardia = ["2250-0020", { numero = "2250-0021", pide_tecla = false }]\ncierre ='
    line = written(tmp_path, SMALL.replace("cierre =", duty) + ASKED)["agua"]

    assert line.desk.asks_for_a_key(number, tones) is asks
    assert line.desk.duty_telephones == ("+50322500020", "+50322500021")
    assert line.desk.queue("uno").overflow == ("telefono:+50322500010", "telefono:+50322500011")
    assert line.contacts["central"] == "+50322500012"
    assert line.groups["oficinas"] == (Target("+50322500013"), Target("+50322500014"))


def test_no_file_can_ask_an_emergency_service_for_a_key(tmp_path: Path) -> None:
    contact = '[contactos]\nemergencias = { numero = "2250-0016", pide_tecla = true }\n'
    service = '[[servicios]]\nclase = "911"\nnombre = "x"\nnumero = "2250-0016"\n'
    assert not written(tmp_path, SMALL + contact + service)["agua"].desk.asks_for_a_key("+50322500016")


def test_extensions_that_answer_by_themselves_may_be_asked(tmp_path: Path) -> None:
    extensions = '[extensiones]\nsip = "sip:{ext}@pbx.example"\nlargo = 4\npide_tecla = true\n'
    assert written(tmp_path, SMALL + extensions)["agua"].desk.asks_for_a_key("sip:1234@pbx.example")
