"""The carrier as the process it is: started, killed and started again by its id."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from carrier.local.account import LOCAL_ACCOUNT, LOCAL_TOKEN
from tests.carrier.local.stage import LINE

SCRIPT = """
import json, sys
from pathlib import Path
from carrier.local.config import CarrierConfig
from carrier.local.server import run_carrier
given = json.loads(sys.argv[1])
for name in ("ledger_path", "personas_path"):
    given[name] = Path(given[name]) if given.get(name) else None
given["numbers"] = [tuple(number) for number in given["numbers"]]
run_carrier(CarrierConfig(**given))
"""
ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Running:
    url: str
    process: "subprocess.Popen[bytes]"

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, auth=(LOCAL_ACCOUNT, LOCAL_TOKEN), timeout=10)

    def post(self, path: str, data: object) -> requests.Response:
        return requests.post(self.url + path, data=data, auth=(LOCAL_ACCOUNT, LOCAL_TOKEN), timeout=10)  # type: ignore[arg-type]


@contextmanager
def carrier_process(port: int, voice_url: str = "http://127.0.0.1:1/", **config: object) -> Iterator[Running]:
    """A carrier in a process of its own, ready to answer; ended at the end."""
    url = f"http://127.0.0.1:{port}"
    given = {"bind": f"127.0.0.1:{port}", "numbers": [(LINE, voice_url, None)]} | config
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, json.dumps(given, default=str)], cwd=ROOT)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                requests.get(url, timeout=1)
                break
            except requests.ConnectionError:
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.05)
        yield Running(url, process)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(10)
