"""A CSV comes in as offices write it."""

import codecs
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spreadsheets import Unreadable, look_at_csv, open_csv

ROWS = [["documento", "nombre"], ["000162975", "Íñigo Peña"]]


def read(data: bytes) -> tuple[str, list[list[str]]]:
    delimiter, rows = open_csv(data)
    return delimiter, list(rows)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_delimiters_and_line_ends_are_found_by_themselves(encoding, delimiter, end):
    text = "".join(delimiter.join(row) + end for row in ROWS)
    assert read(text.encode(encoding)) == (delimiter, ROWS)


def test_utf_16_of_the_other_end():
    assert read(codecs.BOM_UTF16_BE + "a;b\n1;ñ\n".encode("utf-16-be")) == (";", [["a", "b"], ["1", "ñ"]])


@pytest.mark.parametrize(
    ("text", "delimiter", "rows"),
    [
        ('a;b\n"uno; dos";"dijo ""no"""\n', ";", [["a", "b"], ["uno; dos", 'dijo "no"']]),
        ('a,b\n"dos\nlíneas",x\n', ",", [["a", "b"], ["dos\nlíneas", "x"]]),
        (
            "#campo;una, dos, tres, y más\n#otro;x\n\nc;d\n",
            ";",
            [["#campo", "una, dos, tres, y más"], ["#otro", "x"], [], ["c", "d"]],
        ),
        ('a,b\n"x;y;z;w",1\n', ",", [["a", "b"], ["x;y;z;w", "1"]]),
        ("solo\nuna\n", ";", [["solo"], ["una"]]),
        ("sep=,\na,b;c\n", ",", [[], ["a", "b;c"]]),
        ("a;b", ";", [["a", "b"]]),
    ],
)
def test_rows_are_read_as_rfc_4180_says(text, delimiter, rows):
    assert read(text.encode()) == (delimiter, rows)


def test_windows_file_that_ends_in_an_accent_is_not_taken_for_a_cut_one():
    assert read("a;b\n1;mañ".encode("cp1252"))[1][1] == ["1", "mañ"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "vacío"),
        (b" \r\n\r\n", "vacío"),
        (codecs.BOM_UTF8, "vacío"),
        (b"PK\x03\x04\x14\x00\x00\x00", "no es un CSV"),
        ("a;b\n".encode("utf-16-le"), "no es un CSV"),
        (b"a;b\n1;\x81\x8d\n", "no es un CSV"),
        (codecs.BOM_UTF8 + b"a;\xff\n", "no es un CSV"),
        ("a;é\n1;é\n2;é".encode()[:-1], "cortado"),
        ("a;b\n".encode("utf-16")[:-1], "cortado"),
        (b'a;b\n1;"sin cerrar\n', "comillas"),
        (b'a;b\n1;"x"y\n', "fila 2"),
        (b'a;b\n"' + b"x" * 200_000 + b'";1\n', "fila 2"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(data, sentence):
    with pytest.raises(Unreadable, match=sentence):
        read(data)


@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_it_fall(data):
    try:
        read(data)
    except Unreadable as told:
        assert str(told).endswith(".")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_that_is_opened_anew_reads_like_its_bytes(encoding):
    data = "".join(f"{n};Peña\r\n" for n in range(200_000)).encode(encoding)
    opened = []

    def open_it():
        opened.append(io.BytesIO(data))
        return opened[-1]

    found = look_at_csv(open_it)
    assert (found.delimiter, found.lines) == (";", 200_000)
    assert list(found.rows())[-1] == ["199999", "Peña"]
    assert all(file.closed for file in opened)
