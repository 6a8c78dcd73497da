"""Every setting is explained where people look for it."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from settings import Settings

EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"


class Asked(Mapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values_, self.names = values, set[str]()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return self.values_[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)


def test_the_example_names_exactly_the_settings_that_are_read(tmp_path: Path) -> None:
    asked = Asked({"DATA_DIR": str(tmp_path), "REGISTRY_URL": "https://padron.example", "REGISTRY_TOKEN": "x"})
    Settings.from_environment(asked)
    assert set(re.findall(r"^(\w+)=", EXAMPLE.read_text(), re.MULTILINE)) == asked.names


def test_the_example_as_it_is_starts_the_service_as_if_nothing_was_given(tmp_path: Path) -> None:
    given = dict(re.findall(r"^(\w+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE)) | {"DATA_DIR": str(tmp_path)}
    assert Settings.from_environment(given) == Settings.from_environment({"DATA_DIR": str(tmp_path)})
