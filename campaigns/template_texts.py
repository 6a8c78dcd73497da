"""What the blank Formato says to whoever fills it in: help for each field, instructions, an invented example."""

from campaigns.upload.questions import BankQuestion

#: What to put in each field of Solicitud.
HELP = {
    "formato_version": "V1",
    "entidad": "La institución, como se dirá en la llamada",
    "presentacion": "Cómo nos presentamos antes de confirmar con quién hablamos",
    "linea": "El nombre de la línea, por ejemplo dgs; vacío si hay una sola",
    "fecha_solicitud": "DD/MM/AAAA",
    "fecha_inicio": "DD/MM/AAAA, 7 días después de la solicitud o más",
    "fecha_fin": "DD/MM/AAAA",
    "horario_inicio": "HH:MM; solo puede acortar el horario legal",
    "horario_fin": "HH:MM; solo puede acortar el horario legal",
    "dias": "Por ejemplo L-V o L,MI,V",
    "cantidad_registros": "Cuántas personas hay en la hoja Contactos",
    "max_intentos": "De 1 a 6; 4 si se deja vacío",
    "mensaje_guion": "Puede usar {primer_nombre} {nombre_completo} {entidad} {mes} {numero_devolucion_llamada} "
    "{municipio} {var_1} … {var_12}",
    "mensaje_buzon": "Para un contestador: solo {entidad} {mes} {numero_devolucion_llamada}; vacío: no se deja nada",
    "pregunta_1": "Una de: " + ", ".join(BankQuestion) + "; o una frase libre",
    "pregunta_1_digitos": "Solo para una frase libre: cuántos dígitos lleva la respuesta (1 a 12)",
    "aciertos_minimos": "Cuántas preguntas hay que acertar",
    "recolectar_1": "Una pregunta que se hace después del mensaje",
    "recolectar_1_opciones": "1=Sí|2=No",
    "recolectar_1_digitos": "Cuántos dígitos, si no hay opciones",
    "numero_devolucion_llamada": "El número al que la persona puede llamar, como 2237-3333",
    "base_legal_tratamiento": "La ley o norma que permite usar estos datos",
    "aviso_privacidad": "Una frase: para qué se usan los datos y de dónde vienen. Vacío: la de la línea; si la campaña "
    "pregunta algo, que lo respondido se guarda",
    "prioridad": "De 1 (primero) a 9; 5 si se deja vacío",
    "justificacion_urgencia": "Obligatoria si es urgente",
    "objetivo": "Para qué se llama, en una frase",
    "area_misional": "El área que pide la campaña",
    "nombre_solicitante": "Quién la pide",
    "correo_solicitante": "A esta dirección se escribe el radicado y lo que haya que corregir",
    "nombre_campana": "Cómo se la va a llamar en los informes",
    "tipo_campana": "Elija de la lista",
    "finalidad": "Elija de la lista",
    "canal": "Elija de la lista",
    "modo": "AUTOMATICA: llama el sistema; OPERADOR: llama una persona",
    "pais": "SV, CO o MX: de él dependen el horario legal y los documentos",
    "guion_cierre": "Con qué se despide la llamada; vacío: como siempre",
    "requiere_preguntas_seguridad": "SI cuando el mensaje dice algo de la persona",
    "requiere_validacion": "SI: lo que se recoja se revisa antes de terminar",
    "numero_saliente": "El número que ve quien recibe la llamada; vacío: el de la línea",
    "contiene_datos_sensibles": "SI: la aprueba un supervisor y no se dice qué institución llama",
    "urgente": "SI: con menos de 7 días; la aprueba un supervisor",
    "texto_sms": "El mensaje de texto, si el canal es VOZ_Y_SMS; solo {primer_nombre} {entidad} {mes} "
    "{numero_devolucion_llamada}",
    "momento_sms": "ANTES: el mensaje, y después la llamada. SIN_RESPUESTA: cuando no se logra hablar. En Colombia "
    "siempre después de la última llamada",
    "correo_reporte": "A dónde se avisa que el informe está listo",
    "periodicidad_reporte": "Cada cuánto se quiere el informe",
}

#: The same of the Formato de solicitud mensajes de texto.
TEXT_HELP = {
    **HELP,
    "entidad": "La institución, como se leerá en el mensaje",
    "presentacion": "Cómo se nombra a la institución en el mensaje; vacío: su nombre",
    "canal": "SMS",
    "fecha_hora_envio": "DD/MM/AAAA HH:MM, en hora legal; 7 días después de la solicitud o más",
    "fecha_fin": "DD/MM/AAAA: el último día en que puede salir un mensaje",
    "texto_sms": "Puede usar {primer_nombre} {entidad} {mes} {numero_devolucion_llamada}. Al final se añade cómo no "
    "recibir más. Sin tildes (á í ó ú) caben 160 letras; con ellas, 70",
    "remitente": "El número que ve quien lo recibe, uno de la línea; vacío: el de la línea",
    "objetivo": "Para qué se escribe, en una frase",
    "contiene_datos_sensibles": "SI: la aprueba un supervisor y no se dice qué institución escribe",
    "pais": "SV, CO o MX: de él dependen el horario legal, los documentos y si se puede responder",
}

INSTRUCTIONS = (
    "Formato Campañas OutBound V1",
    "",
    "Cómo se llena",
    "1. Llene la hoja Solicitud: una respuesta en cada fila, en la columna Valor. Los campos con * son obligatorios.",
    "2. Donde la celda tiene una lista, elija de ella. La columna «Qué poner» lo explica.",
    "3. Pegue en la hoja Contactos una persona por fila. Las columnas con * son obligatorias; las otras pueden quedar "
    "vacías o borrarse.",
    "4. Los documentos y los teléfonos van como texto, para que no se pierdan los ceros del inicio. Si los pega de "
    "otro archivo, use «Pegado especial: valores».",
    "5. Las fechas van como DD/MM/AAAA y las horas como HH:MM.",
    "6. En cantidad_registros escriba cuántas personas hay en la hoja Contactos.",
    "7. Puede agregar columnas propias: se le devuelven en los resultados.",
    "",
    "El mensaje",
    "8. En mensaje_guion puede usar, entre llaves, datos de cada persona: {primer_nombre}, {municipio}, {var_1} …",
    "9. Si el mensaje dice algo más que el primer nombre, hacen falta preguntas de seguridad: así nadie más lo oye.",
    "10. Las respuestas que no están en otra columna van en resp_1 … resp_5. No salen en ningún resultado.",
    "",
    "Lo que no va en este archivo",
    "11. Nunca escriba un PIN, una contraseña ni un número de tarjeta.",
    "",
    "Qué pasa después",
    "12. Al subirlo se revisa entero y usted recibe un número de radicado. No se llama a nadie hasta que se apruebe.",
    "13. Si hay algo que corregir se le devuelve, fila por fila, y tiene unos días para subir el archivo corregido.",
    "14. La hoja Ejemplos muestra una solicitud y dos personas inventadas. Esa hoja y esta no se leen.",
)

TEXT_INSTRUCTIONS = (
    "Formato de solicitud mensajes de texto",
    "",
    *INSTRUCTIONS[2:10],
    "",
    "El mensaje",
    "8. En texto_sms puede usar, entre llaves, {primer_nombre}, {entidad}, {mes} y {numero_devolucion_llamada}.",
    "9. Un mensaje de texto lo puede leer cualquiera: no se dice nada más de la persona.",
    "10. Al final de cada mensaje se añade cómo no recibir más: a qué número llamar o qué responder.",
    "11. Las tildes á í ó ú hacen que quepan 70 letras en lugar de 160: antes de aprobar se ve cuánto cuesta con ellas "
    "y sin ellas.",
    "",
    "Lo que no va en este archivo",
    "12. Nunca escriba un PIN, una contraseña ni un número de tarjeta.",
    "",
    "Qué pasa después",
    "13. Al subirlo se revisa entero y usted recibe un número de radicado. No se envía nada hasta que se apruebe.",
    "14. Si hay algo que corregir se le devuelve, fila por fila, y tiene unos días para subir el archivo corregido.",
    "15. La hoja Ejemplos muestra una solicitud y dos personas inventadas. Esa hoja y esta no se leen.",
)

#: A request that would be accepted, of people who do not exist, on telephones of nobody.
EXAMPLE_FIELDS = {
    "formato_version": "V1",
    "entidad": "Dirección General de Subsidios",
    "area_misional": "Registro de beneficiarios",
    "nombre_solicitante": "Persona de Ejemplo",
    "correo_solicitante": "registro@ejemplo.gob.sv",
    "nombre_campana": "Nuevos beneficiarios de diciembre",
    "tipo_campana": "NUEVOS_BENEFICIARIOS",
    "finalidad": "NOTIFICACION",
    "canal": "VOZ",
    "modo": "AUTOMATICA",
    "pais": "SV",
    "fecha_solicitud": "01/12/2026",
    "fecha_inicio": "09/12/2026",
    "fecha_fin": "18/12/2026",
    "cantidad_registros": "2",
    "mensaje_guion": "Hola {primer_nombre}. Desde {mes} su hogar recibe el subsidio. Para activar su PIN llame al "
    "{numero_devolucion_llamada}.",
    "requiere_preguntas_seguridad": "SI",
    "pregunta_1": BankQuestion.NACIMIENTO_DDMM.value,
    "numero_devolucion_llamada": "2237-3333",
    "base_legal_tratamiento": "La ley que permite tratar estos datos",
    "contiene_datos_sensibles": "NO",
}
EXAMPLE_TEXT_FIELDS = {
    **{
        name: EXAMPLE_FIELDS[name]
        for name in ("formato_version", "entidad", "area_misional", "nombre_solicitante", "correo_solicitante")
    },
    "nombre_campana": "Aviso del subsidio de diciembre",
    "tipo_campana": "INFORMATIVA",
    "finalidad": "NOTIFICACION",
    "canal": "SMS",
    "pais": "SV",
    "fecha_solicitud": "01/12/2026",
    "cantidad_registros": "2",
    "numero_devolucion_llamada": "2237-3333",
    "base_legal_tratamiento": "La ley que permite tratar estos datos",
    "contiene_datos_sensibles": "NO",
    "fecha_hora_envio": "09/12/2026 09:00",
    "fecha_fin": "10/12/2026",
    "texto_sms": "{primer_nombre}: el subsidio de {mes} ya fue acreditado. Dudas: {numero_devolucion_llamada}.",
}
EXAMPLE_PEOPLE = (
    {
        "id_registro": "1",
        "tipo_documento": "DUI",
        "numero_documento": "00016297-5",
        "primer_nombre": "María",
        "primer_apellido": "Ejemplo",
        "fecha_nacimiento": "05/03/1985",
        "telefono_1": "7000-0001",
        "telefono_2": "2200-0001",
        "municipio": "Santa Tecla",
        "franja_preferida": "tarde",
    },
    {
        "id_registro": "2",
        "tipo_documento": "DUI",
        "numero_documento": "04567890-3",
        "primer_nombre": "José",
        "segundo_nombre": "Inventado",
        "primer_apellido": "Muestra",
        "fecha_nacimiento": "21/11/1990",
        "telefono_1": "7000-0002",
        "municipio": "San Miguel",
        "no_llamar": "NO",
    },
)
