"""Bitácora diaria: each person's log of their day (R86)."""

from types import MappingProxyType

from cases.registers.books import Book, Field, Register

BOOK = Book(
    register=Register.DIARIA,
    title="Bitácora diaria",
    about="Lo que usted hizo en el día, hora por hora: llamadas, seguimientos, trámites, incidencias.",
    kind_label="Qué fue",
    at_label="Hora",
    kinds=MappingProxyType(
        {
            "LLAMADA": "Llamada atendida",
            "SEGUIMIENTO": "Llamada de seguimiento",
            "CASO": "Trabajo en un caso",
            "OFICIO": "Elaboración o entrega de oficio",
            "REUNION": "Reunión",
            "INCIDENCIA": "Incidencia del servicio",
            "RELEVO": "Entrega de turno",
            "OTRA": "Otra actividad",
        }
    ),
    fields=(Field("what", "Qué se hizo"),),
    is_personal=True,
)
