"""The service under rehearsal: its network, its web and its dialer, started from one process and ended with it.

No worker and no desk: so no letter, no text and no report can leave a rehearsal, whatever its calls leave behind.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core.processes.listening import answers
from core.processes.supervisor import Process, Supervisor
from serve import supervisor
from settings import Settings, SettingsError

_ROLES = ("web", "dialer")
_READY_SECONDS = 120


@contextmanager
def serving(settings: Settings, env: Mapping[str, str], log: Path) -> Iterator[Supervisor]:
    """The service, ready; stopped however the block ends. Call ``tick`` again and again, from the main thread."""
    network = Process("carrier", [sys.executable, "-m", "rehearsal.exchange"], env)
    made = Supervisor([network, *supervisor(settings, env, _ROLES).processes])
    with log.open("w", encoding="utf-8") as target:
        made.log = target
        try:
            _wait_until_ready(made, settings)
            yield made
        finally:
            made.stop()
            time.sleep(0.2)  # its threads copy the last lines


def _wait_until_ready(made: Supervisor, settings: Settings) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        made.tick()
        if answers(f"{settings.public_url}/readyz") and answers(f"{settings.trunks.first.api_url}/local/calls"):
            return
        time.sleep(0.1)
    raise SettingsError("El servicio del ensayo no arrancó.")
