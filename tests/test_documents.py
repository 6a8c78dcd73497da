"""What the documents point at is there."""

import re
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*HOME.glob("*.md"), *(HOME / "docs").rglob("*.md")])
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_FILE = re.compile(r"`([a-z_]+/[\w/.]+\.(?:py|toml|md))`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_link_of_a_document_leads_nowhere(document: Path) -> None:
    links = [each for each in _LINK.findall(document.read_text("utf-8")) if "://" not in each]
    assert [each for each in links if not (document.parent / each).exists()] == []


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "README.md"])
def test_every_file_that_a_newcomer_is_sent_to_is_there(name: str) -> None:
    """What a decision of long ago names may have moved since; what somebody is to edit today may not."""
    files = set(_FILE.findall((HOME / name).read_text("utf-8")))
    assert {each for each in files if not (HOME / each).exists()} == set()
