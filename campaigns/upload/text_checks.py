"""What the texts of a request may say: E09, E10, E13, and how long they may be."""

from collections.abc import Mapping
from typing import Any

from campaigns.texting.wording import with_closing
from campaigns.upload.fields import Fields
from campaigns.upload.observations import Level
from campaigns.upload.texts import (
    ALLOWED_IN,
    BEYOND_A_NAME,
    CONTACT_VARIABLES,
    SPOKEN_AFTER_VERIFICATION,
    fill,
    personal_variables,
    unknown_variables,
    variables_of,
)
from core.segments import GSM7, segments
from prompts.speech import MONTHS, phone_figures

MAX_TEXT = 2_000  # characters: more than two minutes at 15 a second; nobody listens that long
MAX_SEGMENTS = 4
_USUAL_NAME = "n" * 10  # letters of what a person puts into a text, before anybody knows who they are


def check_texts(fields: Fields, values: Mapping[str, Any], closing: str) -> None:
    """Notes what is wrong with each text of the request, whose ``values`` are read. ``closing``: with which its texts
    end."""
    for name, allowed in ALLOWED_IN.items():
        text = fields.text(name)
        unknown = unknown_variables(text, allowed)
        if unknown:
            told = ", ".join(dict.fromkeys(found[:20] if found in "{}" else f"{{{found[:20]}}}" for found in unknown))
            offered = allowed - BEYOND_A_NAME if name == "texto_sms" else allowed  # E10 refuses those in any text
            may = " ".join(f"{{{variable}}}" for variable in sorted(offered) if not variable.startswith("var_"))
            ranged = " {var_1} … {var_12}" if "var_1" in offered else ""
            suggestion = f"aquí valen {may}{ranged}" if allowed else "aquí no valen variables"
            fields.note("E09", name, f"El texto usa algo que no es una variable de este campo: {told}.", suggestion)
        if len(text) > MAX_TEXT:
            fields.note("E17", name, f"El texto es demasiado largo ({len(text)} letras).", f"hasta {MAX_TEXT} letras")
    _check_disclosure(fields, has_questions=bool(values["requiere_preguntas_seguridad"]))
    _check_sms(fields, values, closing)


def variables_used(fields: Fields) -> set[str]:
    """The variables that a person's row must be able to fill in."""
    return {
        variable for name in (*SPOKEN_AFTER_VERIFICATION, "texto_sms") for variable in variables_of(fields.text(name))
    }


def _check_disclosure(fields: Fields, *, has_questions: bool) -> None:
    """E10: nothing personal before the person is verified; an SMS verifies nobody."""
    exposed = ("texto_sms",) if has_questions else ("texto_sms", *SPOKEN_AFTER_VERIFICATION)
    for name in exposed:
        personal = personal_variables(fields.text(name))
        if personal:
            told = ", ".join(f"{{{variable}}}" for variable in dict.fromkeys(personal))
            message = f"El texto dice datos de la persona ({told}) sin preguntas de seguridad."
            suggestion = "pida preguntas de seguridad, o deje solo {primer_nombre}"
            if name == "texto_sms":
                suggestion = "deje solo {primer_nombre}: un SMS lo puede leer cualquiera"
            fields.note("E10", name, message, suggestion)


def _check_sms(fields: Fields, values: Mapping[str, Any], closing: str) -> None:
    """E13, of the text with everything that is not a person's, and its closing words."""
    if not fields.text("texto_sms"):
        return
    number, country = values["numero_devolucion_llamada"], values["pais"]
    known = {
        **dict.fromkeys(CONTACT_VARIABLES, _USUAL_NAME),
        "entidad": values["presentacion"] or "",
        "mes": max(MONTHS, key=len),
        "numero_devolucion_llamada": phone_figures(number, country) if number and country else "",
    }
    found = segments(with_closing(fill(fields.text("texto_sms"), known), fill(closing, known)))
    is_gsm7 = found.encoding == GSM7
    and_closing = ", con lo que se añade al final para no recibir más" if closing else ""
    if found.count > MAX_SEGMENTS:
        fields.note("E13", "texto_sms", f"El mensaje ocupa {found.count} SMS{and_closing}.", f"hasta {MAX_SEGMENTS}")
    elif found.count > 1 or not is_gsm7:
        why = "" if is_gsm7 else ": con tildes (á, í, ó, ú) u otros signos caben 70 letras en cada uno, y no 160"
        counted = "1 SMS" if found.count == 1 else f"{found.count} SMS"
        told = "acórtelo" if is_gsm7 else "quite las tildes"
        fields.note("E13", "texto_sms", f"El mensaje ocupa {counted}{why}.", told, Level.AVISO)
