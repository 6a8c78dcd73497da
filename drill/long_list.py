"""A long invented list, and the two ways in which it is read: as fast as can be, and as most would."""

import csv
from collections.abc import Iterator
from pathlib import Path

from demo.invent import REQUEST, citizen

_COLUMNS = (
    *("id_registro", "tipo_documento", "numero_documento", "primer_nombre", "primer_apellido"),
    *("fecha_nacimiento", "telefono_1", "telefono_2"),
)


def write(path: Path, rows: int, kind: str) -> None:
    """An invented list: of each hundred rows one with a telephone that cannot be, of each five hundred one person named
    a second time."""
    if kind == "csv":
        with path.open("w", encoding="utf-8", newline="") as out:
            out.writelines(f"#{name};{value}\r\n" for name, value in _request(rows).items())
            out.write("\r\n" + ";".join(_COLUMNS) + "\r\n")
            out.writelines(";".join(cells) + "\r\n" for cells in _people(rows))
        return
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False})
    request, people = book.add_worksheet("Solicitud"), book.add_worksheet("Contactos")
    request.write_row(0, 0, ["Campo", "Valor"])
    for number, pair in enumerate(_request(rows).items(), start=1):
        request.write_row(number, 0, pair)
    people.write_row(0, 0, _COLUMNS)
    for number, cells in enumerate(_people(rows), start=1):
        for column, cell in enumerate(cells):
            people.write_string(number, column, cell)
    book.close()


def _request(rows: int) -> dict[str, str]:
    return {**REQUEST, "cantidad_registros": str(rows)}


def _people(rows: int) -> Iterator[list[str]]:
    for number in range(rows):
        each = citizen(number - 1 if number % 500 == 499 else number)
        first = each.phones[0][:-1] if number % 100 == 50 else each.phones[0]
        second = each.phones[1] if len(each.phones) > 1 else ""
        born = f"{each.born:%d/%m/%Y}"
        yield [f"R-{number:07}", "DUI", each.document, each.name, each.surname, born, first, second]


def rows_of(path: Path) -> Iterator[list[str]]:
    """The people of the list, as fast as they can be read."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, delimiter=";")
            next(row for row in rows if row and row[0] == _COLUMNS[0])
            yield from rows
        return
    from python_calamine import CalamineWorkbook

    people = CalamineWorkbook.from_path(path).get_sheet_by_name("Contactos").iter_rows()
    next(people)
    yield from ([str(cell) for cell in cells] for cells in people)


def rows_plainly(path: Path) -> Iterator[list[str]]:
    """The same people, as a plain script reads them."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            lines = (line for line in file if not line.startswith("#") and line.strip())
            for row in csv.DictReader(lines, delimiter=";"):
                yield [row[name] for name in _COLUMNS]
        return
    import openpyxl

    sheet = openpyxl.load_workbook(path, read_only=True)["Contactos"]
    for cells in sheet.iter_rows(min_row=2, values_only=True):
        yield [str(cell or "") for cell in cells]
