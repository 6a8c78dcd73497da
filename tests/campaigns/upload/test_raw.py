"""Rows handed on unread, piece by piece, are the rows of the file: none is cut in two, counted twice or lost."""

import csv
import io
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.upload.raw import rows_in
from campaigns.upload.reading import Upload, read_upload
from campaigns.upload.suspects import Suspects
from core.spreadsheets import Unreadable

HEADINGS = ["id_registro", "primer_nombre", "telefono_1"]
CELL = st.sampled_from(["", " ", "Ana", "x y", 'dice "hola"', "dos\r\nlíneas", "una\rotra", ";", "ñ\u2028o"])
ROWS = st.lists(st.lists(CELL, max_size=5), max_size=12)


def written(rows: list[list[str]], end: str) -> bytes:
    out = io.StringIO(newline="")
    out.write(f'#nombre_campana;"una;{end}otra"{end}{end}{";".join(HEADINGS)}{end}')
    csv.writer(out, delimiter=";", lineterminator=end).writerows(rows)
    return out.getvalue().encode()


def in_pieces(upload: Upload, rows_each: int) -> list[tuple[int, list[str]]]:
    pieces = upload.pieces(rows_each)
    return [row for piece in pieces for row in rows_in(piece, upload.delimiter, len(upload.headings))]


@settings(max_examples=300, deadline=None)
@given(rows=ROWS, end=st.sampled_from(["\r\n", "\n", "\r"]), rows_each=st.integers(1, 5))
def test_a_csv_in_pieces_is_the_same_csv(rows, end, rows_each):
    upload = read_upload(written(rows, end), "f.csv")
    assert in_pieces(upload, rows_each) == list(upload.rows())


@settings(max_examples=300, deadline=None)
@given(
    rows=ROWS,
    spoilt=st.sampled_from(['"', '"x"y', 'a"b', '"never closed', "x" * 140_000, ";" * 1001 + "x"]),
    at=st.integers(0, 200),
    rows_each=st.integers(1, 5),
)
def test_what_is_wrong_with_a_csv_is_told_with_the_same_sentence(rows, spoilt, at, rows_each):
    lines = written([["1", "Ana", "7"]] * 10 + rows, "\n").decode().split("\n")  # ten are looked at beforehand
    lines.insert(14 + at % (len(lines) - 13), spoilt)
    upload = read_upload("\n".join(lines).encode(), "f.csv")
    assert outcome(lambda: in_pieces(upload, rows_each)) == outcome(lambda: list(upload.rows()))


def outcome(work) -> object:
    try:
        return work()
    except Unreadable as problem:
        return str(problem)


def test_a_workbook_in_pieces_is_the_same_workbook(xlsx_of, person, other):
    upload = read_upload(xlsx_of({}, [person, other, {}, person]), "f.xlsx")
    told = in_pieces(upload, 2)
    assert [number for number, _ in told] == [2, 3, 5]
    assert told == list(upload.rows())


def test_a_workbook_that_was_looked_at_can_be_read_again_and_again(xlsx_of, person, other):
    upload = read_upload(xlsx_of({}, [person, other] * 12), "f.xlsx")
    first = list(upload.rows())
    assert len(first) == 24
    assert list(upload.rows()) == first
    assert in_pieces(upload, 5) == first


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=40), st.lists(st.integers(0, 39), max_size=20))
def test_every_key_that_comes_twice_is_suspected(keys, again):
    given_ = keys + [keys[place % len(keys)] for place in again if keys]
    suspects = Suspects()
    for at in range(0, len(given_), 7):
        suspects.look_at(array("q", given_[at : at + 7]).tobytes())
    assert {key for key in given_ if given_.count(key) > 1} <= suspects.keys


def test_few_others_are_suspected():
    suspects = Suspects()
    suspects.look_at(array("q", [hash(str(n)) for n in range(50_000)]).tobytes())
    assert len(suspects.keys) < 100


@pytest.mark.parametrize("rows_each", [1, 3])
def test_a_blank_row_is_nobody_and_still_counts(rows_each):
    upload = read_upload(written([["1", "Ana", "7"], [], ["", " ", ""], ["2", "Luz", "8"]], "\r\n"), "f.csv")
    assert [number for number, _ in in_pieces(upload, rows_each)] == [4, 7]
