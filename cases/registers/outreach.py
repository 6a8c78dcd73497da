"""Registro de eventos: talks, workshops, meetings, trainings, and making the line known (R86, R89)."""

from types import MappingProxyType

from cases.registers.books import Book, Field, Register

BOOK = Book(
    register=Register.EVENTOS,
    title="Eventos",
    about="Pláticas, talleres, reuniones, capacitaciones y difusión: dónde, para quiénes y cuántas personas llegaron.",
    kind_label="Clase de evento",
    at_label="Empezó",
    kinds=MappingProxyType(
        {
            "PLATICA": "Plática",
            "TALLER": "Taller",
            "REUNION": "Reunión",
            "CAPACITACION": "Capacitación",
            "DIFUSION": "Difusión de la línea",
            "EVENTO": "Evento institucional",
        }
    ),
    fields=(
        Field("subject", "Tema", 200, is_sealed=False),
        Field("place", "Lugar", 200, is_sealed=False, help="La escuela, el centro de trabajo, la colonia o el medio."),
        Field("audience", "Para quiénes", 200, is_sealed=False, help="Un grupo: «alumnado de secundaria»."),
        Field("reached", "Personas alcanzadas", 7, is_sealed=False, is_number=True),
        Field("notes", "Notas", is_required=False, help="Acuerdos, pendientes, quién dio el evento."),
    ),
    ends=True,
    follow_up_label="Dar seguimiento",
)
