"""Every file that an office may bring: what can be read, and what is refused with one clear sentence."""

import io
import struct
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.upload import kinds, reading
from campaigns.upload.reading import read_upload
from core.spreadsheets import Unreadable


def names(checked) -> list[str]:
    return [row.contact.primer_nombre for row in checked.rows() if row.contact]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_csv_of_any_usual_encoding_and_delimiter(run, csv_of, person, delimiter, encoding):
    text = csv_of({"objetivo": "señas; comas, y más"}, [person | {"primer_nombre": "Íñigo"}], delimiter).decode()
    checked = run(text.encode(encoding))
    assert not checked.returned
    assert names(checked) == ["Íñigo"]
    assert checked.request.objetivo == "señas; comas, y más"
    assert checked.upload.delimiter == delimiter


def test_headings_match_whatever_their_case_accents_and_blanks(run, csv_of):
    text = csv_of().decode()
    for plain, written in (("telefono_1", "TELÉFONO 1"), ("id_registro", "Id Registro*"), ("#entidad", "#Entidad*")):
        text = text.replace(plain, written)
    assert list(run(text.encode()).observations()) == []


def test_a_csv_that_excel_filled_with_delimiters_and_blank_rows(run, csv_of):
    lines = csv_of().decode().splitlines()
    text = "\r\n".join(line + ";;;" if line.startswith("#") else line for line in lines) + "\r\n;;;\r\n;;;;;;;\r\n"
    checked = run(text.encode())
    assert list(checked.observations()) == []
    assert checked.recipients == 2


def test_a_workbook_with_real_dates_numbers_and_hours(run, xlsx_of):
    typed = {
        (0, "fecha_nacimiento"): date(1985, 3, 5),
        (0, "telefono_1"): 71234567,
        (0, "numero_documento"): 162975,
    }
    checked = run(xlsx_of(typed=typed), "formato.xlsx")
    contact = next(checked.rows()).contact
    assert contact.fecha_nacimiento == date(1985, 3, 5)
    assert contact.telefonos == ("+50371234567",)
    assert contact.numero_documento == "000162975"
    assert not checked.returned


def test_a_workbook_is_known_by_its_content_and_not_by_its_name(run, xlsx_of):
    assert names(run(xlsx_of(), "formato.csv")) == ["Ana", "Ana"]


def test_sheets_are_found_whatever_their_spelling(run, xlsx_of):
    assert names(run(xlsx_of(sheets=("SOLICITUD", "Instrucciones", "contactos ")), "f.xlsx")) == ["Ana", "Ana"]


def test_a_title_above_the_headings_and_a_blank_column_before_them(run):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("Contactos")
    sheet.write_string(0, 1, "Lista de noviembre")
    sheet.write_row(2, 1, ["id_registro", "primer_nombre", "telefono_1"])
    sheet.write_row(4, 1, ["1", "Ana", "7123-4567"])
    sheet.write_datetime(4, 4, datetime(2026, 1, 2))
    book.close()
    upload = read_upload(out.getvalue(), "f.xlsx")
    assert upload.heading_row == 3
    assert upload.headings == ("", "id_registro", "primer_nombre", "telefono_1")
    assert [(number, cells[:4]) for number, cells in upload.rows()] == [(5, ["", "1", "Ana", "7123-4567"])]
    checked = run(out.getvalue(), "f.xlsx")
    assert checked.request_observations[0].code == "E02"
    assert checked.returned


def as_ods(rows: list[list[str]], extra: str = "") -> bytes:
    def sheet(name: str, table: list[list[str]]) -> str:
        cells = "".join(
            "<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
                for cell in row
            )
            + "</table:table-row>"
            for row in table
        )
        return f'<table:table table:name="{name}">{cells}{extra}</table:table>'

    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = f"<office:document-content {spaces}><office:body><office:spreadsheet>{sheet('Contactos', rows)}"
    content += "</office:spreadsheet></office:body></office:document-content>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


def test_an_xls_of_the_nineties_with_a_real_date_and_a_number(run):
    """formato.xls: the good Formato, as xlwt 1.3.0 writes it."""
    checked = run(Path(__file__).with_name("formato.xls").read_bytes(), "formato.xls")
    assert (checked.upload.kind, checked.returned) == ("xls", False)
    assert checked.request.fecha_inicio == date(2026, 11, 30)
    first, second = (row.contact for row in checked.rows())
    assert (first.fecha_nacimiento, first.telefonos) == (date(1985, 3, 5), ("+50371234567",))
    assert second.primer_nombre == "Íñigo"


def test_an_ods_is_read():
    upload = read_upload(as_ods([["id_registro", "primer_nombre"], ["1", "Ana"]]), "f.ods")
    assert upload.kind == "ods"
    assert [cells for _, cells in upload.rows()] == [["1", "Ana"]]


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def swollen() -> bytes:
    """20 KB that become 20 MB."""
    return zipped({"xl/workbook.xml": b"0" * 20_000_000})


def of_many_parts() -> bytes:
    return zipped({f"xl/{n}": b"" for n in range(2_001)} | {"xl/workbook.xml": b""})


def far_apart() -> bytes:
    """5 KB that ask for a rectangle of 17 thousand million cells."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("Contactos")
    sheet.write(0, 0, "id_registro")
    sheet.write(1_048_575, 900, "z")
    book.close()
    return out.getvalue()


def wide() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet("Contactos").write_row(0, 0, ["id_registro", *(f"c{n}" for n in range(1000))])
    book.close()
    return out.getvalue()


def with_a_repeated_cell() -> bytes:
    cell = '<table:table-cell office:value-type="string" table:number-columns-repeated="900000000"><text:p>x</text:p>'
    return as_ods([["id_registro"]], f"<table:table-row>{cell}</table:table-cell></table:table-row>")


OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("data", "filename", "said"),
    [
        (b"", "f.csv", "vacío"),
        (b"\xef\xbb\xbf\r\n", "f.csv", "vacío"),
        (b"hola mundo\nadios\n", "f.csv", "no parece un Formato"),
        (b"\x00\x01\x02\x03" * 50, "f.csv", "no es un CSV"),
        (b"id_registro;primer_nombre\n1;\x81\x8d\x8f\n", "f.csv", "no es un CSV"),
        (b'id_registro;primer_nombre\n1;"Ana\n', "f.csv", "cortado"),
        (b"%PDF-1.7 ...", "f.pdf", "no es una hoja de cálculo"),
        (b"\x89PNG\r\n\x1a\n", "f.xlsx", "no es una hoja de cálculo"),
        (b"<html><table><tr><td>id_registro</td></tr></table></html>", "f.xls", "no es una hoja de cálculo"),
        (b"texto cualquiera", "f.xlsx", "dañado"),
        (OLE + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"), "f.xlsx", "contraseña"),
        (OLE + b"\x00" * 600 + "Workbook".encode("utf-16-le"), "f.xls", "dañado"),
        (OLE + b"\x00" * 600 + "WordDocument".encode("utf-16-le"), "f.doc", "no es una hoja de cálculo"),
        (zipped({"word/document.xml": b"<w/>"}), "f.docx", "no es una hoja de cálculo"),
        (zipped({"xl/workbook.xml": b"<not-closed"}), "f.xlsx", "dañado"),
        (swollen, "f.xlsx", "desmedido"),
        (of_many_parts, "f.xlsx", "desmedido"),
        (wide, "f.xlsx", "1,000 columnas"),
        ((";".join(["id_registro", *(f"c{n}" for n in range(1000))]) + "\n").encode(), "f.csv", "1,000 columnas"),
        (far_apart, "f.xlsx", "demasiadas"),
        (with_a_repeated_cell, "f.ods", "."),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(run, data, filename, said):
    """Those that take long to make are made here: what stands in the list is made by each process that collects it."""
    with pytest.raises(Unreadable) as refused:
        run(data() if callable(data) else data, filename)
    sentence = str(refused.value)
    assert said in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_workbook_without_contacts_is_refused(run, xlsx_of):
    with pytest.raises(Unreadable, match="Contactos"):
        run(xlsx_of(sheets=("Solicitud",)), "f.xlsx")


def test_a_truncated_workbook_is_refused_wherever_it_was_cut(run, xlsx_of):
    data = xlsx_of()
    for length in (10, len(data) // 2, len(data) - 5):
        with pytest.raises(Unreadable, match="dañado"):
            run(data[:length], "f.xlsx")


def test_a_workbook_locked_by_its_zip_is_refused(run, xlsx_of):
    data = bytearray(xlsx_of())
    at = data.index(b"PK\x01\x02")  # the first entry of the central directory: its flags are 8 bytes on
    struct.pack_into("<H", data, at + 8, 1)
    with pytest.raises(Unreadable, match="contraseña"):
        run(bytes(data), "f.xlsx")


def test_a_bomb_that_tells_its_size_is_refused_before_it_is_inflated(run, xlsx_of, monkeypatch):
    monkeypatch.setattr(kinds, "MAX_INFLATED", 1000)
    with pytest.raises(Unreadable, match="desmedido"):
        run(xlsx_of(), "f.xlsx")


def test_too_many_rows_are_refused(run, csv_of, xlsx_of, monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 1)
    with pytest.raises(Unreadable, match="filas"):
        run(csv_of())


def test_too_large_a_file_is_refused(run, csv_of, monkeypatch):
    monkeypatch.setattr(reading, "MAX_BYTES", 100)
    with pytest.raises(Unreadable, match="200 MB"):
        run(csv_of())


QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(st.binary(max_size=400))
def test_no_bytes_make_a_check_fail(run, data):
    try:
        run(data, "f.csv")
    except Unreadable as refused:
        assert str(refused).endswith(".")


@QUICK
@given(st.data())
def test_no_spoilt_csv_makes_a_check_fail(run, csv_of, data):
    good = bytearray(csv_of())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(good) - 1))
        good[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
    try:
        checked = run(bytes(good), "f.csv")
    except Unreadable as refused:
        assert str(refused).endswith(".")
    else:
        assert checked.recipients == sum(1 for _ in checked.rows())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_spoilt_workbook_makes_a_check_fail(run, xlsx_of, data):
    good = bytearray(xlsx_of())
    at = data.draw(st.integers(4, len(good) - 1))
    good[at : at + 4] = data.draw(st.binary(min_size=4, max_size=4))
    try:
        run(bytes(good), "f.xlsx")
    except Unreadable as refused:
        assert str(refused).endswith(".")


def test_the_child_tells_cells_as_a_person_would_type_them():
    from campaigns.upload.workbook_child import as_text

    told = {True: "SI", 12.0: "12", 1.5: "1.5", date(1985, 3, 5): "1985-03-05", time(8, 30): "08:30", None: ""}
    assert {cell: as_text(cell) for cell in told} == told
