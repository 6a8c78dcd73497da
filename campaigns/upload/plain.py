"""Rows about which there is nothing to say, read and packed a column at a time: in a good list, nearly all of them.

It only ever calls a row plain of which ``RowReader`` would say nothing either and make the same person; where it is not
sure, the row is left to that one, which is the authority (tests/campaigns/upload/test_plain.py compares the two).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import compress
from json.encoder import encode_basestring as quoted

from campaigns.rules.preference import preferred_hours
from campaigns.rules.zones import OTHER_ZONES, zone_for
from campaigns.upload import packing
from campaigns.upload.column_checks import Days, Memo, dui_numbers, places_of, text_column
from campaigns.upload.packed_people import EXCLUDED, PHONES, TO_BE_DIALLED, Keys, packed_person
from campaigns.upload.questions import Question, answer_in
from campaigns.upload.row_layout import MAY_BEGIN_WITH_A_SIGN
from campaigns.upload.row_rules import Columns, RowRules
from campaigns.upload.row_shape import NAMES
from campaigns.upload.row_values import ADULT, kind_told
from campaigns.upload.seen import person_key
from campaigns.upload.values import parse_yes_no
from campaigns.upload.vocabulary import PHONE_COLUMNS, REQUIRED_COLUMNS, VARIABLE_COLUMNS
from campaigns.verification import answer_prints
from core.documents import DocumentProblem, DocumentType, check_document
from core.phones import plain_phones
from core.privacy import Vault

_LONGEST_NAME = 60  # characters, as in ``rows``
_LONGEST = 160  # of any other: composing its accents can make a text three times as long, and up to 500 may be
_READ_ALREADY = frozenset({"tipo_documento", "numero_documento", *PHONE_COLUMNS, "no_llamar"})
_LAST = 4  # digits of a document are all that a question may ask for (formato-v1.md §4)


@dataclass
class _Read:
    """The rows of a piece, a list for each thing that is known of them, all in their order."""

    numbers: Sequence[int]
    cells: Sequence[list[str]]
    text: dict[str, Sequence[str]]  #: cleaned, by column
    kinds: Sequence[DocumentType | None]
    documents: Sequence[str]  #: their numbers in normal form
    phones: list[Sequence[str]]  #: three of each, E.164; "" for none
    avoid: Sequence[bool | None]
    answers: list[Sequence[str | None]]  #: of each question
    are_plain: bool = True  #: all cells need nothing but quotes in JSON

    def without(self, unsure: set[int]) -> "_Read":
        """Those of whom all is known."""
        sure = [place not in unsure for place in range(len(self.numbers))]

        def kept(column: Sequence) -> list:
            return list(compress(column, sure))

        return _Read(
            kept(self.numbers),
            kept(self.cells),
            {name: kept(column) for name, column in self.text.items()},
            kept(self.kinds),
            kept(self.documents),
            [kept(column) for column in self.phones],
            kept(self.avoid),
            [kept(column) for column in self.answers],
            self.are_plain,
        )


class PlainRows:
    """The plain rows of one upload."""

    def __init__(self, columns: Columns, rules: RowRules, campaign_id: int, vault: Vault, *, asks: bool) -> None:
        self._columns, self._rules, self._campaign_id, self._vault = columns, rules, campaign_id, vault
        self._asks, self._country = asks, rules.country or ""
        index = columns.index
        self._width = len(columns.headings)
        self._named = {position: name for name, position in index.items()}
        self._required = rules.needed.union(REQUIRED_COLUMNS)
        self._variables = [(name, n) for n, name in enumerate(VARIABLE_COLUMNS, start=1) if name in index]
        answered = all(question.column in index for question in rules.questions)
        #: Whether there can be plain rows at all: an upload that lacks a column goes back, and need not be quick.
        self.is_able = bool(rules.country) and answered and self._required <= set(index)
        self._days = {
            "fecha_nacimiento": Days(rules.adult_on, ADULT),
            "fecha_expedicion": Days(rules.adult_on),
        }
        self._kinds, self._yes_no = Memo(kind_told), Memo(_yes_no)
        self._bands = Memo(_packed_band)
        self._answers = {question: Memo(partial(answer_in, question)) for question in rules.questions}
        self._has_zones = bool(OTHER_ZONES.get(self._country))

    def pack(self, rows: list[tuple[int, list[str]]], keys: Keys) -> dict[int, bytes]:
        """The plain ones of these rows, packed for ``recipient``, by their number; ``keys`` takes in theirs."""
        fit = [row for row in rows if len(row[1]) == self._width]
        if not fit or not self.is_able:
            return {}
        unsure: set[int] = set()
        read = self._read(fit, unsure)
        if len(unsure) == len(fit):
            return {}
        if unsure:
            read = read.without(unsure)
        _take_keys(read, keys)
        return dict(zip(read.numbers, self._people(read), strict=True))

    def _read(self, fit: list[tuple[int, list[str]]], unsure: set[int]) -> _Read:
        numbers, cells = zip(*fit, strict=True)
        text, are_plain = self._texts(cells, unsure)
        dates: dict[str, Sequence[date | None]] = {}
        for name, days in self._days.items():
            if name in text:
                dates[name], wrong = days.of(text[name])
                unsure.update(wrong)
        avoid = self._yes_no.of(text["no_llamar"]) if "no_llamar" in text else [False] * len(fit)
        unsure.update(places_of(None, avoid))
        kinds = self._kinds.of(text["tipo_documento"])
        documents = self._documents(kinds, text["numero_documento"], unsure)
        phones = self._phones(text, len(fit), unsure)
        answers: list[Sequence[str | None]] = [
            self._answers_to(question, text, dates, documents, unsure) for question in self._rules.questions
        ]
        used = {name: column for name, column in text.items() if name not in _READ_ALREADY}
        return _Read(numbers, cells, used, kinds, documents, phones, avoid, answers, are_plain)

    def _texts(self, cells: Sequence[list[str]], unsure: set[int]) -> tuple[dict[str, Sequence[str]], bool]:
        text, are_plain = {}, True
        for position, written in enumerate(zip(*cells, strict=True)):
            name = self._named.get(position, "")
            longest = None if not name else _LONGEST_NAME if name in NAMES else _LONGEST
            found = text_column(
                written,
                longest,
                is_required=name in self._required,
                may_begin_with_a_sign=name in MAY_BEGIN_WITH_A_SIGN,
            )
            unsure.update(found.unsure)
            are_plain = are_plain and found.is_plain
            if name:
                text[name] = found.cleaned
        return text, are_plain

    def _documents(
        self, kinds: Sequence[DocumentType | None], written: Sequence[str], unsure: set[int]
    ) -> Sequence[str]:
        found = dui_numbers(written) if set(kinds) == {DocumentType.DUI} else [""] * len(written)
        for place in places_of("", found):
            kind = kinds[place]
            one = check_document(kind, written[place], self._country) if kind and written[place] else None
            if one is None or isinstance(one, DocumentProblem) or one.note:
                unsure.add(place)
            else:
                found[place] = one.number
        return found

    def _phones(self, text: dict[str, Sequence[str]], count: int, unsure: set[int]) -> list[Sequence[str]]:
        columns: list[Sequence[str]] = []
        own = self._rules.own_numbers
        for name in PHONE_COLUMNS:
            written = text.get(name, ())
            found = plain_phones(written, self._country) if any(written) else [""] * count
            if found.count("") != (written.count("") if written else count):
                unsure.update(place for place in places_of("", found) if written[place])
            if not own.isdisjoint(found):
                unsure.update(place for place, e164 in enumerate(found) if e164 in own)
            columns.append(found)
        first, second, third = columns
        if any(third):
            second, third = zip(*((b, c) if b else (c, "") for b, c in zip(second, third, strict=True)), strict=True)
        if any(second):
            told = enumerate(zip(first, second, third, strict=True))
            unsure.update(place for place, (a, b, c) in told if b and (a in (b, c) or b == c))
        return [first, second, third]

    def _answers_to(
        self,
        question: Question,
        text: dict[str, Sequence[str]],
        dates: dict[str, Sequence[date | None]],
        documents: Sequence[str],
        unsure: set[int],
    ) -> list[str | None]:
        memo = self._answers[question]
        if question.column in dates:
            found = memo.of(dates[question.column])
        elif question.column == "numero_documento":
            found = memo.of([number[-_LAST:] for number in documents])
        else:
            found = memo.of(text[question.column])
        unsure.update(places_of(None, found))
        return found

    def _people(self, read: _Read) -> list[bytes]:
        vault, campaign_id = self._vault, self._campaign_id
        prints = vault.fingerprint_each("document", read.documents)
        first, second, third = read.phones
        counts = [PHONES[1 + bool(b) + bool(c)] for b, c in zip(second, third, strict=True)]
        ended = [EXCLUDED if avoid else TO_BE_DIALLED for avoid in read.avoid]
        packed = zip(
            *(read.numbers, prints, vault.seal_each(self._told(read)), counts, self._packed_answers(read), ended),
            *(self._zones(read), self._preferred(read)),
            strict=True,
        )
        return [packed_person(campaign_id, *each) for each in packed]

    def _told(self, read: _Read) -> list[str]:
        """Each row as JSON, as ``pieces.sealed`` writes it."""
        text = read.text
        written = (
            ['"' + '","'.join(cells) + '"' for cells in read.cells]
            if read.are_plain
            else [",".join(map(quoted, cells)) for cells in read.cells]
        )
        phones = [
            f'"{a}","{b}","{c}"' if c else f'"{a}","{b}"' if b else f'"{a}"'
            for a, b, c in zip(*read.phones, strict=True)
        ]
        names = [text[name] for name in NAMES if name in text]
        whole = [" ".join(filter(None, parts)) for parts in zip(*names, strict=True)]
        towns = map(quoted, text["municipio"]) if "municipio" in text else ['""'] * len(phones)
        columns = (written, phones, map(quoted, text["primer_nombre"]), map(quoted, whole), towns, self._more(read))
        return [
            f'{{"cells":[{cells}],"contact":{{"phones":[{numbers}],"values":'
            f'{{"primer_nombre":{name},"nombre_completo":{all_names},"municipio":{town}{more}}}}}}}'
            for cells, numbers, name, all_names, town, more in zip(*columns, strict=True)
        ]

    def _more(self, read: _Read) -> list[str]:
        """The variables of each that say something."""
        columns = [(n, read.text[name]) for name, n in self._variables if any(read.text[name])]
        if not columns:
            return [""] * len(read.numbers)
        told = [[f',"var_{n}":{quoted(value)}' if value else "" for value in column] for n, column in columns]
        return list(map("".join, zip(*told, strict=True)))

    def _packed_answers(self, read: _Read) -> list[bytes]:
        if not self._asks or not read.answers:
            nothing = packing.bytea_array([] if self._asks else None)
            return [nothing] * len(read.numbers)
        prints = [
            answer_prints(self._vault, self._campaign_id, n, read.numbers, [told or "" for told in answers])
            for n, answers in enumerate(read.answers)
        ]
        return packing.print_arrays(prints)

    def _zones(self, read: _Read) -> list[bytes]:
        count = len(read.numbers)
        if not self._has_zones:
            return [packing.NULL] * count
        nothing = [""] * count
        places = (read.text.get("departamento", nothing), read.phones[0], read.text.get("municipio", nothing))
        return [packing.text(zone_for(self._country, *place)) for place in zip(*places, strict=True)]

    def _preferred(self, read: _Read) -> list[bytes]:
        bands = read.text.get("franja_preferida")
        return [packing.NULL] * len(read.numbers) if bands is None else self._bands.of(bands)


def _yes_no(text: str) -> bool | None:
    return parse_yes_no(text) if text else False


def _packed_band(text: str) -> bytes:
    return packing.text(preferred_hours(text) if text else None)


def _take_keys(read: _Read, keys: Keys) -> None:
    people = [hash(person_key(kind, number)) for kind, number in zip(read.kinds, read.documents, strict=True) if kind]
    ids = list(map(hash, read.text["id_registro"]))
    keys.take(read.numbers, ids, people, *(list(map(hash, column)) for column in read.phones))
