"""``franja_preferida``: the hours at which a person would rather be called (formato-v1 §3)."""

import re
import unicodedata
from datetime import time

_NAMED = {
    **dict.fromkeys(("manana", "en la manana", "por la manana", "mananas", "am", "m"), "00:00-12:00"),
    **dict.fromkeys(("mediodia", "medio dia", "al mediodia", "a mediodia", "md"), "12:00-15:00"),
    **dict.fromkeys(("tarde", "en la tarde", "por la tarde", "tardes", "pm", "t"), "12:00-19:00"),
    **dict.fromkeys(("noche", "en la noche", "por la noche", "noches", "n"), "18:00-22:00"),
}
_SPAN = re.compile(r"(\d{1,2})(?::(\d\d))?(?:h|hs|hrs)?(?:a|-|y|hasta)(?:las)?(\d{1,2})(?::(\d\d))?(?:h|hs|hrs)?")


def preferred_hours(told: str) -> str | None:
    """``HH:MM-HH:MM`` local time for «mañana», «mediodía», «tarde», «noche», «14:00-16:30», «de 9 a 11»; else None."""
    plain = unicodedata.normalize("NFKD", told.strip().lower())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("–", "-")
    if plain in _NAMED:
        return _NAMED[plain]
    found = _SPAN.fullmatch(re.sub(r"^(de|entre)\s+(las\s+)?", "", plain).replace(" ", ""))
    if found is None:
        return None
    opens, closes = (_minutes(found[n], found[n + 1]) for n in (1, 3))
    if opens is None or closes is None or opens >= closes:
        return None
    return f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"


def span_of(kept: str | None) -> tuple[time, time] | None:
    """What ``preferred_hours`` gave, as two hours."""
    if kept is None:
        return None
    opens, _, closes = kept.partition("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)


def _minutes(hour: str, minute: str | None) -> int | None:
    found = int(hour) * 60 + int(minute or 0)
    return found if found < 24 * 60 and int(minute or 0) < 60 else None
