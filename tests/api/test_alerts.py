"""deploy/alerts.yml: every figure it goes by exists, and every alert is in the runbook."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client import Histogram

from api.figures import Figures
from api.measured import written
from assembly import Parts
from core import metrics

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy" / "alerts.yml"
RUNBOOK = ROOT / "docs" / "runbook.md"


def named(pattern: str) -> set[str]:
    return set(re.findall(pattern, RULES.read_text(), re.MULTILINE))


def told(parts: Parts) -> set[str]:
    """Every name that a page of figures may hold. Those of the processes are there where several measure together."""
    page = written(Figures(parts.db, parts.clock, parts.trunks, parts.settings.data_dir)).decode()
    families = {line.split()[2] for line in page.splitlines() if line.startswith("# TYPE ")}
    histograms = {f"{each._name}_bucket" for each in vars(metrics).values() if isinstance(each, Histogram)}
    return families | histograms | {"pregonero_processes", "pregonero_process_memory_bytes"}


def test_every_figure_that_an_alert_goes_by_exists(parts: Parts):
    asked_for = named(r"\bpregonero_\w+")
    assert len(asked_for) > 15
    assert asked_for - told(parts) == set()


def test_every_recorded_name_is_made_before_it_is_used():
    assert named(r"\bpregonero:[\w:]+") == named(r"record: (\S+)")


def test_the_runbook_has_a_part_for_each_alert_and_for_no_other():
    parts_of_it = set(re.findall(r"^### (\w+)$", RUNBOOK.read_text(), re.MULTILINE))
    assert parts_of_it == named(r"alert: (\w+)")


def test_each_alert_leads_to_its_own_part():
    for alert, address in re.findall(r"alert: (\w+).*?runbook: \"([^\"]+)\"", RULES.read_text(), re.DOTALL):
        assert address == f"docs/runbook.md#{alert.lower()}"


def test_promtool_takes_the_rules():
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not here: apt-get install prometheus")
    done = subprocess.run([promtool, "check", "rules", str(RULES)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
