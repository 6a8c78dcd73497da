"""A real headless Chromium in front of a real server, both on this machine alone."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.console.builders import PASSWORD, is_in
from tests.serving import listening

expect.set_options(timeout=15_000)  # a busy machine is no fault; what must be seen at once says so itself

_SERVED: dict[str, Flask] = {}  # by the address at which they are served
#: What Playwright turns off too, and its list is not read where there is ours. The last two are what every window opens
#: beside its page, for suggestions of addresses: it took ten times what the page does.
_WITHOUT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
)
_ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    f"--disable-features={','.join(_WITHOUT)}",
]


def chromium() -> str | None:
    return next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Skips the test where there is no Chromium."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: `make chromium` installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def served(app: Flask, port: int = 0) -> Iterator[str]:
    """The app on a port of its own; yields its address."""
    server = listening(app, port)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.port}"
    _SERVED[address] = app
    yield address
    del _SERVED[address]
    server.shutdown()
    thread.join()


def hear_errors(page: Page, said: list[str]) -> None:
    """From now on what fails in it is added to ``said``. That the network changed is no fault of the page: tests beside
    this one give the machine addresses more, of the hosts that they play.
    """

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "ERR_NETWORK_CHANGED" not in message.text:
            said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))


def sign_in(page: Page, address: str, email: str) -> None:
    """As a person does it, with the keyboard."""
    page.goto(f"{address}/entrar")
    page.get_by_label("Correo").fill(email)
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/entrar" not in url)


def already_in(page: Page, address: str, email: str) -> None:
    """Signed in at an app that is ``served`` here, by a cookie and on no page yet: the door is two pages more."""
    app = _SERVED[address]
    client = app.test_client()
    is_in(client, app.extensions["office"].db, email)
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address, "httpOnly": True}])
