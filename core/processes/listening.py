"""Whether something listens at an address of this machine: for whoever starts a service beside itself."""

import socket

import requests


def answers(url: str) -> bool:
    """Whether a page can be had there, asked as from here and through no proxy."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(url, timeout=2).status_code == 200
        except requests.RequestException:
            return False


def is_taken(bind: str) -> bool:
    """Whether something listens at ``bind`` (``host:port``) already: two services on one port would answer in turn."""
    host, _, port = bind.rpartition(":")
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, int(port))) == 0
