"""The catalogues of consultations: the shipped ones, an institution's own, and what is told of a fault."""

import re
from pathlib import Path

import pytest

from cases.catalogue import catalogue
from cases.catalogue.catalogue import FaultyCatalogue, callers_for, read, subject_named, subjects_for, use
from core.roles import Role

OWN = """
linea = "dgs"

[quien_llama]
VECINO = "Vecina o vecino"

[consultas.X01]
nombre = "Alumbrado público"
bandejas = ["SUPERVISOR"]
guion = "alumbrado"

[guiones.alumbrado]
version = "3"
autor = "Obras"
aprobado_por = "Alcaldía"
aprobado_el = 2026-11-02
pasos = ["Pregunte la calle y entre qué calles está."]
"""


@pytest.fixture
def folder(tmp_path: Path):
    """An institution's own folder; afterwards the process goes by the shipped ones again."""
    yield tmp_path
    use(read())


def test_an_institutions_own_replaces_that_of_its_line(folder: Path) -> None:
    (folder / "dgs.toml").write_text(OWN)
    use(read(folder))
    assert [each.code for each in subjects_for("dgs")] == ["X01", "SIN_COMUNICACION"]
    assert [each.name for each in callers_for("dgs")] == ["Vecina o vecino"]
    assert "D01" in [each.code for each in subjects_for("linea131")]
    (lights, _) = subjects_for("dgs")
    assert lights.roles == (Role.SUPERVISOR,)
    assert lights.script and lights.script.label == "alumbrado v3"


def test_a_script_says_the_code_of_its_document(folder: Path) -> None:
    """R2."""
    (folder / "dgs.toml").write_text(OWN.replace('version = "3"', 'codigo = "IDT-1"\nversion = "3"'))
    use(read(folder))
    script = subjects_for("dgs")[0].script
    assert script and (script.code, script.label) == ("IDT-1", "alumbrado v3")


def test_what_was_taken_out_stays_readable_and_cannot_be_opened(folder: Path) -> None:
    (folder / "dgs.toml").write_text(OWN)
    use(read(folder))
    assert subject_named("C01").name == "C01 (ya no está en el catálogo)"
    with pytest.raises(catalogue.UnknownSubject):
        catalogue.subject_of("C01")


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ('guion = "alumbrado"', 'guion = "otro"', "dgs.toml, línea 10: guion debe ser uno de alumbrado."),
        ('["SUPERVISOR"]', '["JEFA"]', "dgs.toml, línea 9: bandejas es una lista de"),
        ('nombre = "Alumbrado público"', 'nombres = "Alumbrado"', "dgs.toml, línea 8: no se conoce «nombres»"),
        ("aprobado_el = 2026-11-02", "", "dgs.toml, línea 15: quién aprobó un guion y qué día van juntos."),
        ("2026-11-02", '"ayer"', "dgs.toml, línea 16: aprobado_el es un día"),
        (
            'pasos = ["Pregunte la calle y entre qué calles está."]',
            "pasos = []",
            "línea 17: un guion tiene algún paso.",
        ),
        ("[consultas.X01]", "[consultas.D01]", "la consulta D01 está en dos catálogos: dgs y linea131."),
        ("[quien_llama]", "[quien_llama", "dgs.toml, línea 4: no es TOML válido"),
    ],
)
def test_a_fault_is_told_with_its_line(folder: Path, wrong: str, right: str, told: str) -> None:
    (folder / "dgs.toml").write_text(OWN.replace(wrong, right))
    with pytest.raises(FaultyCatalogue, match=re.escape(told)):
        read(folder)


class TestChannels:
    """R1: only authorised means, as the catalogue lists them."""

    OF_ITS_OWN = OWN.replace("[quien_llama]", '[canales]\nVOZ = "Teléfono"\nCAMPO = "Visita"\n\n[quien_llama]')

    def test_a_line_has_those_of_every_line_or_its_own(self, folder: Path) -> None:
        catalogue.check_channel("dgs", "WHATSAPP")
        (folder / "dgs.toml").write_text(self.OF_ITS_OWN)
        use(read(folder))
        catalogue.check_channel("dgs", "CAMPO")
        catalogue.check_channel("uariv", "WHATSAPP")
        with pytest.raises(catalogue.UnknownChannel):
            catalogue.check_channel("dgs", "WHATSAPP")
        with pytest.raises(FaultyCatalogue, match="dgs: tiene WhatsApp, y sus canales no"):
            catalogue.check_written(["uariv", "dgs"])

    def test_calls_are_always_among_them(self, folder: Path) -> None:
        (folder / "dgs.toml").write_text(self.OF_ITS_OWN.replace("VOZ", "RADIO"))
        with pytest.raises(FaultyCatalogue, match="falta VOZ, el de las llamadas"):
            read(folder)

    def test_an_institutions_own_of_before_they_were_said(self, folder: Path) -> None:
        (folder / "todas.toml").write_text('linea = "todas"\n[consultas.T01]\nnombre = "Cualquiera"\n')
        use(read(folder))
        catalogue.check_channel("dgs", "VOZ")
