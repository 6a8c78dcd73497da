"""The people of the example files: all invented, and always the same ones."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from core.documents import dui_check_digit
from core.phones import Phone, parse_phone


def words(text: str) -> list[str]:
    return text.split()


_WOMEN = words(
    """
    María Ana Rosa Carmen Sonia Gloria Marta Silvia Blanca Claudia Karla Patricia Evelyn Roxana Yesenia Wendy
    Daysi Xiomara Reina Marina Dinora Iris Lorena Morena Norma Glenda Brenda Mirna Vilma Elsa Fátima Gabriela
    Ingrid Jacqueline Katherine Lidia Magdalena Nelly Ondina Rocío
    """
)
_MEN = words(
    """
    José Juan Carlos Luis Manuel Jorge Óscar Mauricio Roberto Salvador Edwin Walter Nelson Wilfredo Rigoberto
    Santos Miguel Rafael Ernesto Francisco Mario Julio Ricardo Douglas Elmer Geovanny Henry Israel Joel Kevin
    Lázaro Melvin Noé Orlando Pedro Ramón Saúl Tomás Ulises Víctor
    """
)
_SURNAMES = words(
    """
    Hernández Martínez López Rivas García Flores Pérez Ramírez Rodríguez Mejía Castro Orellana Guevara Alvarado
    Portillo Ayala Chávez Menjívar Escobar Henríquez Funes Quintanilla Zelaya Argueta Bonilla Cruz Díaz Estrada
    Gómez Guardado Iraheta Joya Landaverde Melgar Navarrete Orantes Palacios Peña Reyes Romero Sandoval Serrano
    Tobar Umaña Urrutia Vásquez Velasco Villalta Zepeda Zúñiga Núñez Amaya Cañas Deras Molina Campos Aguilar
    Vides Barahona Monge
    """
)
_PLACES = (
    ("San Salvador", ("Soyapango", "Mejicanos", "Apopa", "Ilopango", "San Salvador", "Ciudad Delgado")),
    ("La Libertad", ("Santa Tecla", "Colón", "Quezaltepeque", "San Juan Opico")),
    ("Santa Ana", ("Santa Ana", "Chalchuapa", "Metapán")),
    ("San Miguel", ("San Miguel", "Chinameca", "Ciudad Barrios")),
    ("Sonsonate", ("Sonsonate", "Izalco", "Nahuizalco")),
    ("Usulután", ("Usulután", "Jiquilisco", "Santiago de María")),
    ("La Paz", ("Zacatecoluca", "Olocuilta")),
    ("Chalatenango", ("Chalatenango", "Nueva Concepción")),
)


@dataclass
class Person:
    """An invented beneficiary. ``names`` and ``surnames`` are two each."""

    document: str
    names: tuple[str, str]
    surnames: tuple[str, str]
    born: date
    standing: str
    phones: list[str]
    place: tuple[str, str]

    @property
    def full_name(self) -> str:
        return " ".join((*self.names, *self.surnames))


class Invention:
    """People out of a seed: no document and no telephone comes twice."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._documents: set[str] = set()
        self._phones: set[str] = set()

    def person(self) -> Person:
        chance = self._chance
        names = chance.choice((_WOMEN, _MEN))
        first, second = chance.sample(names, 2)
        department, towns = chance.choice(_PLACES)
        telephones = chance.choices((1, 2, 3), weights=(60, 30, 10))[0]
        return Person(
            document=self._document(),
            names=(first, second),
            surnames=(chance.choice(_SURNAMES), chance.choice(_SURNAMES)),
            born=date(1945, 1, 1) + timedelta(days=chance.randrange(22_000)),
            standing=chance.choices(("ACTIVO", "NO_ACTIVO", "NO_GENERADO"), weights=(90, 6, 4))[0],
            phones=[self.phone() for _ in range(telephones)],
            place=(department, chance.choice(towns)),
        )

    def phone(self) -> str:
        """A new valid telephone of 8 digits, four of five a mobile."""
        while True:
            first = self._chance.choices("762", weights=(60, 20, 20))[0]
            digits = first + "".join(self._chance.choices("0123456789", k=7))
            if isinstance(parse_phone(digits, "SV"), Phone) and digits not in self._phones:
                self._phones.add(digits)
                return digits

    def _document(self) -> str:
        while True:
            first_eight = f"{self._chance.randrange(1_000_000, 6_800_000):08}"
            if first_eight not in self._documents:
                self._documents.add(first_eight)
                return first_eight + dui_check_digit(first_eight)
