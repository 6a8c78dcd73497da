"""Makes the example files, always the same. Every person, document and telephone in them is invented.

python examples/make_examples.py
"""

import csv
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from invention import Invention, Person  # noqa: E402

from beneficiaries import padron  # noqa: E402
from campaigns.scripts.dgs import NEW_BENEFICIARIES, SCRIPTS  # noqa: E402
from campaigns.scripts.script import Script  # noqa: E402
from campaigns.template import write_formato  # noqa: E402

PEOPLE, CALLED, SHORT = 2_000, 500, 10
SHOPS = ("Tienda La Ceiba", "Tienda El Conacaste", "Tienda El Maquilishuat")

COLUMNS = (
    *("id_registro", "tipo_documento", "numero_documento", "primer_nombre", "segundo_nombre", "primer_apellido"),
    *("segundo_apellido", "fecha_nacimiento", "telefono_1", "telefono_2", "telefono_3", "departamento", "municipio"),
    *("no_llamar", "distribuidora"),  # the last is the requesting area's own: it comes back in the results
)
REQUEST = {
    "formato_version": "V1",
    "entidad": "Dirección General de Subsidios",
    "presentacion": "la Dirección General de Subsidios",
    "area_misional": "Departamento de Operaciones",
    "nombre_solicitante": "Jefatura de Operaciones",
    "cargo": "Jefatura de departamento",
    "correo_solicitante": "operaciones@subsidios.example",
    "nombre_campana": "Aviso a nuevos beneficiarios del subsidio de gas",
    "objetivo": "Avisar que ya tienen el subsidio y cómo activar su PIN",
    "linea": "dgs",
    "tipo_campana": "NUEVOS_BENEFICIARIOS",
    "finalidad": "NOTIFICACION",
    "canal": "VOZ",
    "modo": "AUTOMATICA",
    "pais": "SV",
    "fecha_solicitud": "23/11/2026",
    "fecha_inicio": "30/11/2026",
    "fecha_fin": "18/12/2026",
    "horario_inicio": "08:00",
    "horario_fin": "19:00",  # an hour past the legal window: it is trimmed, and said
    "dias": "L-V",
    "cantidad_registros": str(CALLED),
    "max_intentos": "4",
    "mensaje_guion": NEW_BENEFICIARIES.fields["mensaje_guion"],
    "mensaje_buzon": NEW_BENEFICIARIES.fields["mensaje_buzon"],
    "requiere_preguntas_seguridad": "SI",
    "pregunta_1": "NACIMIENTO_DDMM",
    "pregunta_2": "DOCUMENTO_ULTIMOS4",
    "recolectar_1": "¿Desea que le llamemos para explicarle cómo activar su PIN?",
    "recolectar_1_opciones": "1=Sí|2=No",
    "requiere_validacion": "NO",
    "numero_devolucion_llamada": "2237-3333",
    "base_legal_tratamiento": "Decreto Legislativo 539 y Ley de Procedimientos Administrativos",
    "contiene_datos_sensibles": "NO",
    "aviso_privacidad": NEW_BENEFICIARIES.fields["aviso_privacidad"],
    "urgente": "NO",
    "prioridad": "5",
    "correo_reporte": "operaciones@subsidios.example",
    "periodicidad_reporte": "FINAL",
    "poblacion_objetivo": "Hogares incorporados al subsidio este mes",
}

#: Far enough ahead for the notice to be kept on whatever day of a rehearsal it is handed in.
FAR_AHEAD = {"fecha_inicio": "01/02/2027", "fecha_fin": "26/02/2027"}
#: Of a ready request, what whoever asks adds.
_ASKED = (
    *("entidad", "area_misional", "nombre_solicitante", "cargo", "correo_solicitante", "fecha_solicitud"),
    *("horario_inicio", "numero_devolucion_llamada", "correo_reporte"),
)


def main() -> None:
    """Writes the files beside this one."""
    invention = Invention(seed=22373333)
    people = [invention.person() for _ in range(PEOPLE)]
    write_padron(HERE / "beneficiarios.csv", people)
    rows = [row_of(number, person) for number, person in enumerate(people[:CALLED], start=1)]
    spoil(rows)
    write_formato(
        HERE / "formato_campanas_outbound_v1.xlsx", list(REQUEST.items()), COLUMNS, [list(row.values()) for row in rows]
    )
    write_short_csv(HERE / "formato_campanas_outbound_v1.csv", people[CALLED : CALLED + SHORT])
    for n, script in enumerate(SCRIPTS, start=1):
        first = CALLED + n * SHORT
        write_script(HERE / f"dgs_{script.id.replace('-', '_')}.xlsx", script, people[first : first + SHORT])


def write_script(path: Path, script: Script, people: list[Person]) -> None:
    """One of the DGS's campaigns, ready to be handed in, with a few people."""
    given = {name: REQUEST[name] for name in _ASKED} | FAR_AHEAD | {"cantidad_registros": str(len(people))}
    rows = [row_of(number, person) for number, person in enumerate(people, start=1)]
    cells = [[row[column] for column in script.columns] for row in rows]
    write_formato(path, list(script.request(given).items()), script.columns, cells)


def write_padron(path: Path, people: list[Person]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", lineterminator="\n")
        writer.writerow((*padron.COLUMNS, *padron.OPTIONAL))
        for number, person in enumerate(people):
            phone = person.phones[0] if number % 3 else "+503" + person.phones[0]
            document = f"{person.document[:8]}-{person.document[8]}"
            who = (document, person.full_name, f"{person.born:%d/%m/%Y}", person.standing, phone)
            writer.writerow((*who, *subsidy_of(number, person)))


def subsidy_of(number: int, person: Person) -> tuple[str, str, str]:
    """Bill, last redemption and shop, as of 23/11/2026: three of four are linked on a bill; who never had the subsidy
    never redeemed it."""
    bill = f"NIC{2_000_000 + number * 37}" if number % 4 else ""
    months = {"ACTIVO": ("", "09/2026", "10/2026", "10/2026", "11/2026"), "NO_ACTIVO": ("", "04/2026")}
    known = months.get(person.standing, ("",))
    month = known[number % len(known)]
    return bill, month, f"{SHOPS[number % len(SHOPS)]}, {person.place[1]}" if month else ""


def write_short_csv(path: Path, people: list[Person]) -> None:
    request = REQUEST | {"cantidad_registros": str(len(people)), "horario_fin": "18:00"} | FAR_AHEAD
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        writer.writerows(("#" + name, value) for name, value in request.items())
        writer.writerow(())
        writer.writerow(COLUMNS)
        writer.writerows(row_of(number, person).values() for number, person in enumerate(people, start=1))


def row_of(number: int, person: Person) -> dict[str, str]:
    """The person as a row of Contactos, in the spellings that offices use."""
    phones = [*person.phones, "", ""]
    return {
        "id_registro": f"NB-{number:04}",
        "tipo_documento": "DUI",
        "numero_documento": f"{person.document[:8]}-{person.document[8]}" if number % 2 else person.document,
        "primer_nombre": person.names[0],
        "segundo_nombre": person.names[1],
        "primer_apellido": person.surnames[0],
        "segundo_apellido": person.surnames[1],
        "fecha_nacimiento": f"{person.born:%d/%m/%Y}",
        "telefono_1": f"{phones[0][:4]}-{phones[0][4:]}",
        "telefono_2": phones[1],
        "telefono_3": phones[2],
        "departamento": person.place[0],
        "municipio": person.place[1],
        "no_llamar": "",
        "distribuidora": "Zona Central" if number % 4 else "Zona Oriental",
    }


def spoil(rows: list[dict[str, str]]) -> None:
    """What goes wrong on the way from an office to an upload: thirteen rows not to be called, ten to look at."""
    for number in (10, 141, 267, 388):  # a digit was lost, and there is no second telephone
        rows[number] |= {"telefono_1": rows[number]["telefono_1"][:-1], "telefono_2": "", "telefono_3": ""}
    for number in (57, 203, 344):  # a wrong digit in the document
        rows[number]["numero_documento"] = _with_another_last_digit(rows[number]["numero_documento"])
    for number, earlier in ((99, 20), (412, 33)):  # the same person, copied again
        rows[number] |= {name: rows[earlier][name] for name in list(rows[number])[1:-1]}
    rows[175]["fecha_nacimiento"] = "14/08/2011"  # a daughter instead of her mother
    rows[230]["fecha_nacimiento"] = ""  # no answer to the first question
    rows[301]["fecha_nacimiento"] = "31/02/1987"
    rows[455]["primer_apellido"] = ""

    for number in (38, 190, 322):  # Excel took the document for a number
        rows[number]["numero_documento"] = rows[number]["numero_documento"].replace("-", "").lstrip("0")
    for number, other in ((71, 70), (256, 255)):  # one telephone in the house
        rows[number]["telefono_1"] = rows[other]["telefono_1"]
    for number in (118, 287, 430):  # the second telephone is of no use
        rows[number]["telefono_2"] = ("2222", "N/A", "7712-345")[number % 3]
    rows[365]["telefono_3"] = rows[365]["telefono_1"].replace("-", "")
    rows[478]["segundo_apellido"] = "-" + rows[478]["segundo_apellido"]


def _with_another_last_digit(document: str) -> str:
    return document[:-1] + str((int(document[-1]) + 3) % 10)


if __name__ == "__main__":
    main()
