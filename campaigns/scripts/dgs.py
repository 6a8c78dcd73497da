"""The campaigns of the Dirección General de Subsidios: what is said and asked in each (PRO DGS 7.5, R43–R46)."""

from collections.abc import Iterable

from campaigns.scripts.script import Script

_COMMON = {
    "linea": "dgs",
    "pais": "SV",
    "canal": "VOZ",
    "dias": "L-V",
    "max_intentos": "4",
    "requiere_preguntas_seguridad": "SI",
    "pregunta_1": "NACIMIENTO_DDMM",
    "pregunta_2": "DOCUMENTO_ULTIMOS4",
    "base_legal_tratamiento": "Decreto Legislativo 539 y Ley de Procedimientos Administrativos",
    "urgente": "NO",
    "periodicidad_reporte": "FINAL",
}
_VOICEMAIL = (
    "Le llamamos de {entidad}. Por favor, llámenos al {numero_devolucion_llamada}, de lunes a viernes. La llamada "
    "es para darle una información. Gracias."
)

NEW_BENEFICIARIES = Script(
    id="nuevos-beneficiarios",
    line="dgs",
    title="Nuevos beneficiarios",
    told="Avisa que desde el mes en curso tienen el subsidio y cómo activar su PIN. Llama el sistema.",
    fields=_COMMON
    | {
        "nombre_campana": "Aviso a nuevos beneficiarios del subsidio de gas",
        "objetivo": "Avisar que ya tienen el subsidio y cómo activar su PIN",
        "tipo_campana": "NUEVOS_BENEFICIARIOS",
        "finalidad": "NOTIFICACION",
        "modo": "AUTOMATICA",
        # R45. {mes} is said as the month of the day on which each person is called.
        "mensaje_guion": (
            "{primer_nombre}, le llamamos para darle una buena noticia. Desde este mes de {mes}, su hogar tiene el "
            "subsidio al gas licuado. Para usarlo, active su PIN. Cuando termine esta llamada, llame al "
            "{numero_devolucion_llamada}. Cuando le contesten, marque dos y después uno. Tenga a mano su documento. "
            "El trámite es gratuito."
        ),
        "mensaje_buzon": _VOICEMAIL,
        "recolectar_1": "¿Desea que le llamemos para explicarle cómo activar su PIN?",
        "recolectar_1_opciones": "1=Sí|2=No",
        "requiere_validacion": "NO",
        "contiene_datos_sensibles": "NO",
        "aviso_privacidad": (
            "Usamos los datos de su solicitud de subsidio para darle este aviso. Guardamos su respuesta para llamarle "
            "si lo desea."
        ),
        "prioridad": "5",
    },
)

_REDEMPTION = _COMMON | {
    "nombre_campana": "Verificación de cobro del subsidio de gas",
    "objetivo": "Saber si cobraron el subsidio, y tomar el reclamo de quien no lo cobró",
    "tipo_campana": "VERIFICACION_COBRO",
    "finalidad": "INVESTIGACION",
    "mensaje_buzon": _VOICEMAIL,
    "contiene_datos_sensibles": "NO",
    "aviso_privacidad": "Usamos los datos del registro del subsidio solo para esta verificación.",
    "prioridad": "4",
}

REDEMPTION_BY_OPERATOR = Script(
    id="verificacion-cobro",
    line="dgs",
    title="Verificación de cobro",
    told="Una persona pregunta si cobraron el subsidio: a quien cobró le recuerda que puede cambiar su PIN, y a quien "
    "no, le ofrece abrir el reclamo.",
    fields=_REDEMPTION
    | {
        "modo": "OPERADOR",
        # R46: the card asks whether they redeemed it, and opens the order (R29) of whoever claims.
        "mensaje_guion": (
            "{primer_nombre}, le llamamos para verificar el cobro de su subsidio al gas licuado de este mes de {mes}. "
            "Si ya lo cobró, recuerde que puede cambiar su PIN si lo olvidó, si lo perdió o si alguien lo cambió sin "
            "su permiso: llame al {numero_devolucion_llamada}. Si no lo cobró, podemos tomar su reclamo ahora mismo."
        ),
        "requiere_validacion": "NO",
    },
)

REDEMPTION_BY_SYSTEM = Script(
    id="verificacion-cobro-automatica",
    line="dgs",
    title="Verificación de cobro, automática",
    told="Lo mismo, preguntado por el sistema. Quien reclama pasa con una persona, o se le promete la llamada.",
    warning="El sistema no abre ninguna orden: cada reclamo espera en Casos › Órdenes a que una persona lo confirme.",
    fields=_REDEMPTION
    | {
        "modo": "AUTOMATICA",
        "mensaje_guion": (
            "{primer_nombre}, le llamamos para verificar el cobro de su subsidio al gas licuado de este mes de {mes}. "
            "Son una o dos preguntas. El trámite es gratuito."
        ),
        # Which answer is yes leads the call (campaigns/redemption.py): the reminder, or whoever takes the claim.
        "recolectar_1": "¿Usted, o alguien de su familia, ya cobró el subsidio de este mes?",
        "recolectar_1_opciones": "1=Sí|2=No",
        "recolectar_2": "¿Quiere hacer un reclamo?",
        "recolectar_2_opciones": "1=Sí|2=No",
        "requiere_validacion": "NO",
    },
)

UNUSUAL_TRANSACTIONS = Script(
    id="transacciones-inusuales",
    line="dgs",
    title="Transacciones inusuales",
    told="Una persona pregunta por cobros que piden una revisión. Lo que responden se valida antes de terminar.",
    warning="Es reservada: solo la ve quien la sube y las personas que nombre después de subirla.",
    fields=_COMMON
    | {
        "nombre_campana": "Revisión de transacciones",
        "objetivo": "Revisar con la persona cobros que se salen de lo común",
        "tipo_campana": "TRANSACCIONES_INUSUALES",
        "finalidad": "INVESTIGACION",
        "modo": "OPERADOR",
        "presentacion": "una institución pública",
        "mensaje_guion": (
            "{primer_nombre}, le llamamos de {entidad} para revisar con usted algunos cobros de su subsidio. No le "
            "pediremos su PIN ni ninguna tarjeta. Si prefiere, puede colgar y llamarnos al {numero_devolucion_llamada}."
        ),
        "mensaje_buzon": "",  # nothing is ever left: not even that there is something to review
        "recolectar_1": "¿Reconoce los cobros que se hicieron con su subsidio en los últimos meses?",
        "recolectar_1_opciones": "1=Sí|2=No|3=No recuerda",
        "recolectar_2": "¿Alguien más conoce o ha usado su PIN?",
        "recolectar_2_opciones": "1=Sí|2=No",
        "recolectar_3": "¿Quiere que revisemos su caso?",
        "recolectar_3_opciones": "1=Sí|2=No",
        "requiere_validacion": "SI",
        "contiene_datos_sensibles": "SI",
        "aviso_privacidad": "Usamos los datos del registro del subsidio solo para esta revisión.",
        "prioridad": "2",
    },
)

SCRIPTS = (NEW_BENEFICIARIES, REDEMPTION_BY_OPERATOR, REDEMPTION_BY_SYSTEM, UNUSUAL_TRANSACTIONS)


def scripts_of(lines: Iterable[str]) -> list[Script]:
    """Those of the lines (by id) that an installation has."""
    known = set(lines)
    return [script for script in SCRIPTS if script.line in known]
