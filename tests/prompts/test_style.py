"""The manner of our sentences, rule by rule."""

import pytest

from prompts import style


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Para activar su PIN, marque uno. Para volver, marque asterisco.", ["1", "*"]),
        ("Para salir, presione la tecla numeral.", ["#"]),
        ("Para salir, oprima el número 9.", ["9"]),
        ("Marque los nueve números de su DUI.", []),
        ("Marque unos números.", []),
    ],
)
def test_the_keys_that_a_text_asks_for(text: str, keys: list[str]) -> None:
    assert style.keys_pressed(text) == keys


@pytest.mark.parametrize(
    "text",
    [
        "Marque uno para activar su PIN.",
        "Si gusta, marque uno para activar su PIN.",
        "Presione la tecla dos si quiere volver.",
        "Gracias. Marque cero.",
        "O marque nueve.",
        "Digite 1, para seguir.",
    ],
)
def test_the_key_before_the_action_is_a_fault(text: str) -> None:
    assert len(style.keys_before_action(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Para activar su PIN, marque uno.",
        "Si el número es equivocado, marque tres.",
        "Marque su fecha de nacimiento.",
        "Para oírlo otra vez, marque nueve. Si ya lo anotó, marque uno.",
    ],
)
def test_the_action_before_the_key_is_right(text: str) -> None:
    assert style.keys_before_action(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Espere un momentito.", ["momentito"]),
        ("Ahorita le ayudo con sus papelitos.", ["Ahorita", "papelitos"]),
        ("Su cafecito está listo, manito.", ["cafecito", "manito"]),
        ("Necesito los requisitos del crédito gratuito.", []),
        ("Repito: visite la ventanilla; si lo solicita, es sencillo.", []),
        ("El depósito de crédito y la tarjeta.", []),
        ("La respuesta escrita es gratuita y las filas amarillas, bonitas.", []),
    ],
)
def test_diminutives(text: str, found: list[str]) -> None:
    assert style.diminutives(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Llame al tel. de siempre.", ["tel."]),
        ("El Sr. José y el núm. de la Dra. Luz.", ["Sr.", "núm.", "Dra."]),
        ("Cuesta $ y sube un tanto %.", ["$", "%"]),
        ("El subsidio al GLP de la DGS.", ["GLP", "DGS"]),
        ("Su DUI, su PIN y su CURP en ISSEMYM.", []),
        ("El doctor le llama. No se preocupe.", []),
        ("Si no. Hablamos del número.", []),
    ],
)
def test_abbreviations(text: str, found: list[str]) -> None:
    assert style.abbreviations(text) == found


@pytest.mark.parametrize(("text", "found"), [("Marque 1 o 22.", ["1", "22"]), ("Marque uno.", [])])
def test_figures(text: str, found: list[str]) -> None:
    assert style.figures(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ten tu documento a mano.", ["tu"]),
        ("Si quieres seguir, marca uno.", ["quieres", "marca uno"]),
        ("Espera un momento.", ["Espera"]),
        ("Gracias, llama otra vez.", ["llama"]),
        ("¿Tenés tu número? Marcá cero.", ["Tenés", "tu", "Marcá"]),
        ("Ya llamaste y pediste un PIN.", ["llamaste", "pediste"]),
        ("Le llama una institución pública y le espera. Esto consiste en su PIN.", []),
        ("Usted tiene una marca. Marque uno. Si lo olvidó, espere.", []),
    ],
)
def test_tu_and_vos_are_not_our_manner(text: str, found: list[str]) -> None:
    assert style.familiar_forms(text) == found
