"""Somebody of the institution at the real web application: what they open, write, press and read."""

import re
from io import BytesIO

from flask import Flask

from core.database import Database
from tests.console.builders import is_in
from tests.procedures.pages import Page, Sent


class Visitor:
    """``page``: what stands before them."""

    def __init__(self, app: Flask, db: Database, email: str) -> None:
        self.email = email
        self._app, self._db = app, db
        self._browser = app.test_client()
        self._said: dict[str, str] = {}
        is_in(self._browser, db, email)
        self.page: Page | None = None
        self._at = ""  # its address

    def opens(self, path: str) -> None:
        """``Casos › Órdenes``: from link to link, the first on the page that is open or on the first one."""
        first, *rest = [each.strip() for each in path.split("›")]
        where = self.page.link(first) if self.page else None
        if where is None:
            self.goes_to("/telefono")  # a page that all roles have, for what stands at its head
            where = self._here.link(first)
        assert where, f"there is no link «{first}»"
        self.goes_to(where)
        for each in rest:
            where = self._here.link(each)
            assert where, f"there is no link «{each}»"
            self.goes_to(where)

    def writes(self, label: str, words: str) -> None:
        """Into a field, or its choice; sent with the next button."""
        self._said[label] = words

    def presses(self, button: str) -> None:
        sent, self._said = self._here.press(button, self._said), {}
        self._send(sent)

    def uploads(self, name: str, data: bytes, button: str) -> str:
        """A file into the form with this button; the address of the page that comes of it."""
        sent, self._said = self._here.press(button, {}), {}
        body = {**dict(sent.fields), "file": (BytesIO(data), name)}
        where, kind = sent.action or self._at, "multipart/form-data"
        answer = self._browser.post(where, data=body, content_type=kind, follow_redirects=True)
        self._shows(answer)
        return answer.request.path

    def looks_again(self) -> None:
        """At the same page, as it is now."""
        self.goes_to(self._at)

    def sees(self, words: str) -> bool:
        return words in self._here.text

    @property
    def _here(self) -> Page:
        assert self.page is not None, "no page is open"
        return self.page

    def goes_to(self, where: str) -> None:
        answer = self._browser.get(where, follow_redirects=True)
        if answer.request.path == "/entrar":  # hours went by
            is_in(self._browser, self._db, self.email)
            answer = self._browser.get(where, follow_redirects=True)
        self._shows(answer, where)

    def _send(self, sent: Sent) -> None:
        form: dict[str, list[str]] = {}
        for name, value in sent.fields:
            form.setdefault(name, []).append(value)
        if sent.method == "get":
            answer = self._browser.get(sent.action or self._at, query_string=form, follow_redirects=True)
        else:
            answer = self._browser.post(sent.action or self._at, data=form, follow_redirects=True)
        self._shows(answer, sent.action)

    def _shows(self, answer, where: str = "") -> None:
        assert answer.status_code in (200, 409, 422), (re.sub(r"\d+", "N", where), answer.status_code)
        self.page, self._at = Page(answer.text), answer.request.path
