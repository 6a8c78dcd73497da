"""Whether something listens at an address of this machine: for whoever starts a service beside itself."""

import socket

import requests

from settings import SettingsError


def answers(url: str) -> bool:
    """Whether a page can be had there, asked as from here and through no proxy."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(url, timeout=2).status_code == 200
        except requests.RequestException:
            return False


def refuse_taken(bind: str) -> None:
    """Raises SettingsError where something listens already: two services on one port would answer in turn."""
    host, _, port = bind.rpartition(":")
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((host, int(port))) == 0:
            raise SettingsError(f"Ya hay algo en {bind}. Termínelo, o elija otro puerto con --port.")
