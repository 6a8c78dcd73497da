"""The limits and waits of a country as a person reads them on a screen."""

from datetime import timedelta

from campaigns.rules.policy import After, policy_of

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


def limits_told(country: str) -> list[tuple[str, str]]:
    """(what it is about, what holds) of what calls are decided by (policy.py), in the order of a conversation."""
    policy = policy_of(country)
    limits, delays = policy.limits, policy.delays
    between = f", con {_span(limits.between_calls)} de distancia" if limits.between_calls else ""
    return [
        ("A una persona, entre todas las campañas", f"{_count(limits.calls_a_day, 'llamada')} al día{between}"),
        (
            "Si ya se habló con ella",
            f"{_count(limits.contacts_a_day, 'contacto')} al día y {limits.contacts_a_week} a la semana",
        ),
        ("Un mensaje de texto", "cuenta como una llamada y, si llega, como un contacto"),
        ("A un mismo teléfono, en una campaña", _count(delays.calls_a_phone, "llamada")),
        ("Ocupado", f"se repite {_after(delays.busy)}; después, como cuando nadie contesta"),
        ("No contesta", f"se repite {_after(delays.no_answer)}, en otra parte del día"),
        ("Contesta un buzón", f"se repite {_after(delays.machine)}"),
        ("Cuelga", f"se repite {_after(delays.hung_up)}"),
        ("La llamada falla", f"se repite {_after(delays.failed)}, en su siguiente teléfono"),
        ("No supera las preguntas de seguridad", _after_failures(delays.security_failures)),
    ]


def _after_failures(most: int) -> str:
    """``most``: in 30 days, the last of which is final (formato-v1 §7)."""
    if most == 1:
        return "no se repite"
    return f"se repite el siguiente día hábil; si pasa {most} veces en 30 días, no se repite más"


def _after(after: After) -> str:
    if after.days:
        return "el siguiente día hábil" if after.days == 1 else f"a los {after.days} días hábiles"
    return f"en {_span(after.wait)}"


def _span(wait: timedelta) -> str:
    if wait % _HOUR:
        return _count(wait // _MINUTE, "minuto")
    return _count(wait // _HOUR, "hora")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
