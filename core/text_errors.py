"""Why a text did not arrive, by the carrier's codes, for people to read."""

_WHY = {
    21211: "El número no es un teléfono.",
    21408: "La cuenta no puede enviar mensajes a ese país.",
    21610: "La persona pidió no recibir mensajes.",
    21612: "No hay cómo llevar mensajes a ese número.",
    21614: "El número no es de un celular.",
    30001: "La red telefónica tenía demasiados mensajes en espera.",
    30002: "La cuenta de la red telefónica está suspendida.",
    30003: "El teléfono está apagado o sin señal.",
    30004: "El teléfono o su compañía no acepta estos mensajes.",
    30005: "El número no existe o ya no está en uso.",
    30006: "Es un teléfono fijo, o su compañía no recibe mensajes.",
    30007: "La compañía telefónica lo tomó por no deseado.",
    30008: "La compañía telefónica no dijo por qué.",
    63003: "Ese número no tiene WhatsApp.",
    63016: "Pasaron más de 24 horas desde el último mensaje de la persona.",
}


def why_not_delivered(code: int | None) -> str:
    """A sentence about the person's telephone or our account; of a code that is not known, the code itself."""
    if code is None:
        return "La red telefónica no dijo por qué."
    return _WHY.get(code, f"La red telefónica dio el código {code}.")
