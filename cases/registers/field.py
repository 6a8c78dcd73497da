"""Registro de actividades en campo: whom somebody accompanied or visited, where, and what came of it (R84, R86)."""

from types import MappingProxyType

from cases.registers.books import Book, Field, Register

BOOK = Book(
    register=Register.CAMPO,
    title="Actividades en campo",
    about="Acompañamientos, visitas y diligencias fuera de la oficina: dónde, con quién y qué resultó.",
    kind_label="Qué fue",
    at_label="Empezó",
    kinds=MappingProxyType(
        {
            "ACOMPANAMIENTO": "Acompañamiento",
            "VISITA": "Visita",
            "ATENCION": "Atención de un caso en campo",
            "DILIGENCIA": "Diligencia ante una autoridad",
            "OTRA": "Otra actividad",
        }
    ),
    fields=(
        Field("place", "Dónde", 300),
        Field("companions", "Con quién", 300, help="A quién se acompañó o visitó, y quién más estuvo."),
        Field("result", "Qué resultó"),
    ),
    ends=True,
    is_personal=True,
)
