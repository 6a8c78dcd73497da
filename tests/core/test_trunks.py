"""The trunks: which one carries a campaign, what is wrong with their file and where, and what a change of it does."""

import stat
from decimal import Decimal
from pathlib import Path

import pytest

from core.tariffs import TextTariff
from core.toml_file import FaultyFile
from core.trunks import OPERATED, Trunks
from core.trunks_file import TrunksInUse, read_or_kept, read_trunks
from tests.trunks import a_trunk

GOOD = """
[[troncal]]
nombre = "claro"
cuenta = "AC11111111111111111111111111111111"
clave = "a secret of theirs"
numeros = ["+50322001234", "+50322005678"]
paises = ["SV"]
llamadas_por_segundo = 2.5
llamadas_a_la_vez = 40
tarifa = "USD 0.085/60"

[[troncal]]
nombre = "tigo"
cuenta = "AC22222222222222222222222222222222"
clave = "another secret"
direccion = "http://127.0.0.1:8200/"
"""
SHOWN = ["+50322001234"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "troncales.toml"
    path.write_text(GOOD)
    return path


class TestTheFile:
    def test_says_all_of_each(self, file):
        claro, tigo = read_trunks(file, ring_seconds=25).each
        assert (claro.name, claro.calls_per_second, claro.max_live_calls, claro.ring_seconds) == ("claro", 2.5, 40, 25)
        assert ({*claro.countries}, len(claro.numbers), claro.api_url) == ({"SV"}, 2, "https://api.twilio.com")
        assert (tigo.calls_per_second, tigo.max_live_calls, tigo.is_active) == (1.0, 20, True)
        assert tigo.account == ("AC" + "2" * 32, "another secret", "http://127.0.0.1:8200")

    def test_says_what_a_call_costs_on_each(self, file):
        trunks = read_trunks(file, 30)
        assert [str(each.a_minute) for each in map(trunks.tariff_of, ("claro", OPERATED)) if each] == ["0.085"] * 2
        assert trunks.tariff_of("tigo") is None

    def test_says_how_fast_texts_go_and_what_they_cost(self, file):
        priced = 'tarifa = "USD 0.085/60"\nmensajes_por_segundo = 5\ntarifa_mensajes = "USD 0.05"'
        file.write_text(GOOD.replace('tarifa = "USD 0.085/60"', priced))
        trunks = read_trunks(file, 30)
        assert [each.texts_per_second for each in trunks.each] == [5.0, 1.0]
        assert trunks.text_tariff_of("claro") == TextTariff("USD", Decimal("0.05"))
        assert trunks.text_tariff_of("tigo") is None
        file.write_text(GOOD.replace('tarifa = "USD 0.085/60"', 'tarifa_mensajes = "barato"'))
        with pytest.raises(FaultyFile, match="tarifa_mensajes se escribe como «USD 0.05»"):
            read_trunks(file, 30)

    def test_a_secret_is_not_shown_with_the_rest(self, file):
        assert "secret" not in repr(read_trunks(file, 30))

    @pytest.mark.parametrize(
        ("was", "becomes", "told"),
        [
            ('nombre = "tigo"', 'nombre = "claro"', "línea 13: hay dos troncales «claro»."),
            ('nombre = "tigo"', 'nombre = "Tigo 2"', "línea 13: nombre son hasta 32 letras minúsculas"),
            ('nombre = "tigo"', 'nombre = "default"', "línea 13: «default» tiene otro uso"),
            ('clave = "another secret"', "", "línea 12: falta «clave»."),
            ("AC2222", "AB2222", "línea 14: cuenta es AC y 32 cifras"),
            ("http://127.0.0.1:8200/", "http://voz.example", "línea 16: direccion empieza por https"),
            ('paises = ["SV"]', 'paises = ["Salvador"]', "línea 7: paises es una lista de SV, CO, MX."),
            ("+50322005678", "2200-5678", "línea 6: cada número se escribe completo"),
            ("= 2.5", "= 0", "línea 8: llamadas_por_segundo va de 0.01 a 1000."),
            ("= 2.5", '= "rápido"', "línea 8: llamadas_por_segundo debe ser un número."),
            ("= 40", "= true", "línea 9: llamadas_a_la_vez va de 1 a 100000."),
            ("USD 0.085/60", "caro", "línea 10: tarifa se escribe como «USD 0.085/60»"),
            ("USD 0.085/60", "tigo: USD 0.085/60", "línea 10: tarifa se escribe como"),
            ("paises", "pais", "línea 7: no se conoce «pais»"),
            ("AC" + "2" * 32, "AC" + "1" * 32, "línea 15: esta cuenta tiene otra clave más arriba."),
            (
                'clave = "another secret"',
                'clave = "another secret"\nllave = "SK1"',
                "la llave y su secreto van juntos.",
            ),
            ("= 2.5", "= 2,5", "línea 8: no es TOML válido"),
            (GOOD, "", "hace falta"),
        ],
    )
    def test_a_fault_is_told_with_its_line_and_never_a_secret(self, file, was, becomes, told):
        assert was in GOOD
        file.write_text(GOOD.replace(was, becomes, 1) or "troncal = []\n")
        with pytest.raises(FaultyFile) as fault:
            read_trunks(file, 30)
        assert str(fault.value).startswith("troncales.toml") and told in str(fault.value)
        assert not {"of theirs", "another"} & {*str(fault.value).split()} and "a secret" not in str(fault.value)

    def test_the_sample_is_a_good_one(self):
        sample = Path(__file__).resolve().parents[2] / "deploy" / "troncales.ejemplo.toml"
        assert [trunk.name for trunk in read_trunks(sample, 30).each] == ["claro", "reserva"]

    def test_one_that_is_not_there_is_told(self, tmp_path):
        with pytest.raises(FaultyFile, match="no se puede leer"):
            read_trunks(tmp_path / "ninguno.toml", 30)


class TestWhichCarries:
    """A campaign from El Salvador that shows 2200-1234, unless it says otherwise."""

    own = a_trunk(name="claro", numbers=frozenset(SHOWN), countries=frozenset({"SV"}))
    other = a_trunk(name="tigo", countries=frozenset({"SV", "CO"}))
    abroad = a_trunk(name="bogota", countries=frozenset({"CO"}))

    @pytest.mark.parametrize(
        ("named", "country", "shown", "resting", "carries"),
        [
            ("claro", "SV", SHOWN, (), "claro"),
            ("tigo", "SV", SHOWN, (), "tigo"),
            ("claro", "SV", SHOWN, ("claro",), "tigo"),
            ("bogota", "CO", ["+576012345678"], ("bogota",), "tigo"),
            ("claro", "SV", SHOWN, ("claro", "tigo"), "claro"),  # with nobody to stand in, it waits for its own
            ("default", "SV", SHOWN, (), "claro"),  # it names none: its country's
            ("default", "CO", ["+576012345678"], (), "tigo"),
            ("default", "SV", ["+50322999999"], (), "tigo"),  # the first may not show that number
            ("claro", "SV", ["+50322999999"], (), "tigo"),  # the number is no longer its
            ("gone", "SV", SHOWN, (), "claro"),
            ("gone", "MX", ["+525512345678"], (), None),
        ],
    )
    def test_in_each_case(self, named, country, shown, resting, carries):
        found = Trunks((self.own, self.other, self.abroad)).carrying(named, country, shown, resting)
        assert (found.name if found else None) == carries

    def test_one_that_takes_no_more_calls_is_stood_in_for(self):
        trunks = Trunks((a_trunk(name="claro", is_active=False), self.other))
        assert trunks.carrying("claro", "SV", SHOWN) == self.other
        assert Trunks((a_trunk(name="claro", is_active=False),)).carrying("claro", "SV", SHOWN) is None, (
            "and it is said"
        )

    def test_who_signed_is_told_by_the_account(self):
        one, two = (a_trunk(name=name, account_sid=name, auth_token=f"of {name}") for name in ("ACa", "ACb"))
        trunks = Trunks((one, two))
        assert [trunks.token_of(each) for each in ("ACa", "ACb", "ACc", "")] == ["of ACa", "of ACb", None, None]
        assert Trunks((one,)).token_of("") == "of ACa"


class TestReadAgain:
    @pytest.fixture
    def in_use(self, file):
        watch = iter(range(1000))  # a second passes from look to look
        return TrunksInUse(
            read_trunks(file, 30), file, lambda path: read_trunks(path, 30), watch=lambda: float(next(watch))
        )

    def test_a_change_is_taken_over(self, file, in_use):
        before = in_use.now()
        assert in_use.now() is before
        file.write_text(GOOD.replace("2.5", "0.5"))
        assert in_use.now().first.calls_per_second == 0.5

    def test_a_fault_is_told_and_the_last_good_one_stands(self, file, in_use, caplog):
        before = in_use.now()
        file.write_text(GOOD.replace("= 2.5", "= 0"))
        assert in_use.now() is before
        assert in_use.fault == "troncales.toml, línea 8: llamadas_por_segundo va de 0.01 a 1000."
        assert [record.message for record in caplog.records] == [
            f"TRUNKS_FILE: {in_use.fault} The last good one stands."
        ]
        assert in_use.now() is before and len(caplog.records) == 1, "said once, and not each second"

    def test_mended_it_is_taken_over(self, file, in_use):
        file.write_text("[[troncal]]")
        in_use.now()
        file.write_text(GOOD.replace("2.5", "7"))
        assert (in_use.now().first.calls_per_second, in_use.fault) == (7, None)

    def test_removed_it_is_told_and_the_last_good_one_stands(self, file, in_use):
        before = in_use.now()
        file.unlink()
        assert in_use.now() is before
        assert in_use.fault == "troncales.toml: no se puede leer."

    def test_written_beside_and_moved_over_it_is_seen(self, file, in_use, tmp_path):
        """As an editor saves, or a configuration tool: even with the size and the time of before."""
        new = tmp_path / "new.toml"
        new.write_text(GOOD.replace("2.5", "3.5"))
        new.replace(file)
        assert in_use.now().first.calls_per_second == 3.5


class TestKept:
    """A process that starts again while somebody has the file wrong."""

    @pytest.fixture
    def kept(self, tmp_path) -> Path:
        return tmp_path / "var" / "kept.toml"

    def read(self, path: Path) -> Trunks:
        return read_trunks(path, 30)

    def test_goes_on_by_the_last_good_one_and_says_so(self, file, kept):
        good, fault = read_or_kept(file, kept, self.read)
        assert fault is None and stat.S_IMODE(kept.stat().st_mode) == 0o600
        file.write_text(GOOD.replace("= 2.5", "= 0"))
        found, fault = read_or_kept(file, kept, self.read)
        assert found == good
        assert fault == "troncales.toml, línea 8: llamadas_por_segundo va de 0.01 a 1000."

    def test_with_none_kept_it_does_not_start(self, file, kept):
        file.write_text("[[troncal]]")
        with pytest.raises(FaultyFile, match="troncales"):
            read_or_kept(file, kept, self.read)

    def test_a_change_while_it_runs_is_kept_too(self, file, kept):
        watch = iter(range(1000))
        in_use = TrunksInUse(self.read(file), file, self.read, kept=kept, watch=lambda: float(next(watch)))
        file.write_text(GOOD.replace("2.5", "7"))
        assert in_use.now().first.calls_per_second == 7
        assert self.read(kept).first.calls_per_second == 7

    def test_whatever_else_goes_wrong_the_last_good_one_stands(self, file):
        def read(path: Path) -> Trunks:
            raise RuntimeError("a reader with a bug, that says a secret")

        watch = iter(range(1000))
        in_use = TrunksInUse(self.read(file), file, read, watch=lambda: float(next(watch)))
        file.write_text(GOOD.replace("2.5", "7"))
        assert in_use.now().first.calls_per_second == 2.5
        assert in_use.fault == "El archivo de troncales no se pudo leer."
