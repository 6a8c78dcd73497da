"""Invented citizens: documents whose check digit holds, telephones that pass for real, nobody's own."""

from dataclasses import dataclass
from datetime import date, timedelta

_NAMES = ("Ana", "María", "José", "Rosa", "Luis", "Carmen", "Óscar", "Delmy", "Mario", "Sonia", "Víctor", "Irma")
_SURNAMES = ("López", "Rivas", "Tobar", "Ayala", "Deras", "Orellana", "Mejía", "Argueta", "Barahona", "Portillo")


@dataclass(frozen=True)
class Citizen:
    """One invented person; ``document`` with its hyphen, ``phones`` E.164."""

    number: int
    document: str
    name: str
    surname: str
    born: date
    phones: tuple[str, ...]

    @property
    def ddmm(self) -> str:
        return f"{self.born:%d%m}"

    @property
    def last4(self) -> str:
        return self.document.replace("-", "")[-4:]


def citizen(number: int) -> Citizen:
    """The invented person of this number (from 0); the same one each time."""
    digits = f"{10_000_000 + number * 37:08}"
    check = (10 - sum(int(d) * w for d, w in zip(digits, range(9, 1, -1), strict=True)) % 10) % 10
    phones = (f"+5037{1_000_000 + number:07}", f"+5037{5_000_000 + number:07}")
    return Citizen(
        number=number,
        document=f"{digits}-{check}",
        name=_NAMES[number % len(_NAMES)],
        surname=_SURNAMES[number // len(_NAMES) % len(_SURNAMES)],
        born=date(1950, 1, 1) + timedelta(days=number * 7919 % 18_000),
        phones=phones[: 1 + (number % 3 == 0)],
    )


REQUEST = {
    "formato_version": "V1",
    "entidad": "Dirección General de Subsidios",
    "area_misional": "Departamento de Operaciones",
    "nombre_solicitante": "Jefatura de Operaciones",
    "correo_solicitante": "operaciones@subsidios.example",
    "nombre_campana": "Aviso a nuevos beneficiarios",
    "linea": "dgs",
    "tipo_campana": "NUEVOS_BENEFICIARIOS",
    "finalidad": "NOTIFICACION",
    "canal": "VOZ",
    "modo": "AUTOMATICA",
    "pais": "SV",
    "fecha_solicitud": "23/11/2026",
    "fecha_inicio": "30/11/2026",
    "fecha_fin": "18/12/2026",
    "max_intentos": "4",
    "mensaje_guion": "{primer_nombre}, desde este mes de {mes} su hogar tiene el subsidio al gas. Para usarlo, "
    "active su PIN. Cuando termine esta llamada, llame al {numero_devolucion_llamada}. Cuando le contesten, marque dos "
    "y después uno.",
    "mensaje_buzon": "Le llamamos de {entidad}. Por favor, llámenos al {numero_devolucion_llamada}.",
    "requiere_preguntas_seguridad": "SI",
    "pregunta_1": "NACIMIENTO_DDMM",
    "pregunta_2": "DOCUMENTO_ULTIMOS4",
    "recolectar_1": "¿Desea que le llamemos para explicarle cómo activar su PIN?",
    "recolectar_1_opciones": "1=Sí|2=No",
    "numero_devolucion_llamada": "2237-3333",
    "base_legal_tratamiento": "Decreto Legislativo 539",
    "contiene_datos_sensibles": "NO",
    "aviso_privacidad": "Guardamos lo que responda y lo usamos solo para su solicitud.",
}

_COLUMNS = (
    "id_registro;tipo_documento;numero_documento;primer_nombre;primer_apellido;fecha_nacimiento;telefono_1;telefono_2"
)


def formato(citizens: list[Citizen], **fields: str) -> bytes:
    """A *Formato Campañas OutBound V1* in CSV with these people; ``fields`` change or add to the request's."""
    request = {**REQUEST, "cantidad_registros": str(len(citizens)), **fields}
    lines = [f"#{name};{value}" for name, value in request.items()]
    lines += ["", _COLUMNS]
    for each in citizens:
        second = each.phones[1] if len(each.phones) > 1 else ""
        who = f"{each.document};{each.name};{each.surname};{each.born:%d/%m/%Y}"
        lines.append(f"R-{each.number:06};DUI;{who};{each.phones[0]};{second}")
    return "\r\n".join(lines).encode()
