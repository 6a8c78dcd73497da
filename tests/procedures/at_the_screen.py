"""What people of the institution do at their screens: ``ROSA presses «Guardar caso»`` is ``presses``."""

import re
from typing import TYPE_CHECKING

from tests.console.builders import import_now
from tests.procedures.visitor import Visitor

if TYPE_CHECKING:
    from tests.procedures.playing import Procedure

_QUOTED = re.compile(r"«(.+?)»(?:: (.*))?$")
_ANSWERED_NO = ("¿Tiene usted conflicto de interés con la persona?", "¿Le ofrecieron algún regalo?")


class AtTheScreen:
    """One method a verb."""

    def __init__(self, play: "Procedure") -> None:
        self._play = play

    def opens(self, who: Visitor, path: str) -> None:
        """``opens «Casos › Órdenes»``: from link to link."""
        who.opens(path.strip("«»"))

    def writes(self, who: Visitor, rest: str) -> None:
        """``writes «Detalle»: lo que sea``; of a choice, its words. Sent with the next button."""
        who.writes(*quoted(rest))

    answers = chooses = writes

    def ticks(self, who: Visitor, rest: str) -> None:
        who.writes(quoted(rest)[0], "Sí")

    def unticks(self, who: Visitor, rest: str) -> None:
        who.writes(quoted(rest)[0], "No")

    def presses(self, who: Visitor, rest: str) -> None:
        who.presses(quoted(rest)[0])

    def sees(self, who: Visitor, rest: str) -> None:
        words = quoted(rest)[0]
        assert who.sees(words), f"«{words}» is not on the page: {who.page.text[:1500] if who.page else ''}"

    def does(self, who: Visitor, rest: str) -> None:
        """``does not see «…»``."""
        words = quoted(rest.removeprefix("not see "))[0]
        assert not who.sees(words), f"«{words}» is on the page"

    def awaits(self, who: Visitor, rest: str) -> None:
        """``awaits «…»``: looks at the page again and again until it says so."""
        words = quoted(rest)[0]

        def is_there() -> bool:
            who.looks_again()
            return who.sees(words)

        self._play.stage.until(is_there, f"«{words}» is on the page")

    def saves(self, who: Visitor, rest: str) -> None:
        """``saves «Cobro de subsidios»: Solicitante; lo que pregunta; Cerrado``: the case form, both answers no."""
        subject, words = quoted(rest)
        caller, detail, outcome = words.split("; ")
        is_chat = who.sees("Detalle de la conversación")
        held, by = ("conversación", "Quién escribe") if is_chat else ("llamada", "Quién llama")
        told = {f"Motivo de la {held}": subject, by: caller, f"Detalle de la {held}": detail, "El caso queda": outcome}
        for label, said in {**told, **dict.fromkeys(_ANSWERED_NO, "No")}.items():
            who.writes(label, said)
        who.presses("Guardar caso")

    def gets(self, who: Visitor, _rest: str) -> None:
        """``gets a contact``: the next of a campaign, as soon as there is one, and has them called."""

        def is_given() -> bool:
            who.opens("Llamadas › Puesto")
            return who.sees("Siguiente contacto")

        self._play.stage.until(is_given, "there is a contact to call")
        who.presses("Siguiente contacto")
        who.presses("Llamar")

    def verifies(self, who: Visitor, rest: str) -> None:
        """``verifies 0503 2975``: what the person said to each question, one after the other."""
        for said in rest.split():
            assert who.page is not None
            who.writes(who.page.field("Lo que respondió:"), said)
            who.presses("Comprobar")

    def uploads(self, who: Visitor, rest: str) -> None:
        """``uploads tipo_campana=OTRA; modo=AUTOMATICA``: the Formato of a campaign of one; then its review."""
        who.opens("Campañas › Subir formato")
        data = self._play.found.formato(dict(each.split("=", 1) for each in rest.split("; ")))
        where = who.uploads("formato.csv", data, "Subir y revisar")
        campaign_id = int(where.split("/")[2])
        import_now(self._play.stage.house.app.extensions["office"], campaign_id)
        who.goes_to(f"/campanas/{campaign_id}")


def quoted(text: str) -> tuple[str, str]:
    """What is in «», and what is said of it after a colon."""
    found = _QUOTED.search(text)
    assert found, f"what is in «» is missing: {text}"
    return found[1], found[2] or ""
