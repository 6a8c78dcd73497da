"""A page of the console as somebody reads it without scripts: its words, its links, its forms by what stands beside
each field."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "path", "rect", "wbr"})
_UNREAD = frozenset({"script", "style", "template", "title"})
_BLOCKS = frozenset({"dd", "div", "dt", "h1", "h2", "h3", "label", "legend", "li", "option", "p", "td", "th", "tr"})


@dataclass
class Node:
    """An element: its own words and those within it, in their order."""

    tag: str
    attributes: dict[str, str]
    parent: "Node | None" = None
    children: list["Node | str"] = field(default_factory=list)

    def of(self, *tags: str) -> Iterator["Node"]:
        """Every element of these kinds within it."""
        for child in self.children:
            if isinstance(child, Node):
                if child.tag in tags:
                    yield child
                yield from child.of(*tags)

    @property
    def text(self) -> str:
        return " ".join(self._words().split())

    @property
    def typed(self) -> str:
        """What stands in a field of several lines, as it is."""
        return "".join(each for each in self.children if isinstance(each, str)).removeprefix("\n")

    @property
    def is_hidden(self) -> bool:
        return "hidden" in self.attributes or (self.parent is not None and self.parent.is_hidden)

    def _words(self) -> str:
        if self.tag in _UNREAD or "hidden" in self.attributes:
            return ""
        said = "".join(child if isinstance(child, str) else child._words() for child in self.children)
        return f" {said} " if self.tag in _BLOCKS else said

    def within(self, tag: str) -> "Node | None":
        """The nearest element of this kind around it."""
        above = self.parent
        while above is not None and above.tag != tag:
            above = above.parent
        return above


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self._here = Node("root", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self._here)
        self._here.children.append(node)
        if tag not in _VOID:
            self._here = node

    def handle_endtag(self, tag: str) -> None:
        if self._here.tag != tag and self._here.within(tag) is None:
            return  # of an element that is closed already, or never was opened
        while self._here.tag != tag:
            assert self._here.parent is not None
            self._here = self._here.parent
        assert self._here.parent is not None
        self._here = self._here.parent

    def handle_data(self, data: str) -> None:
        self._here.children.append(data)


@dataclass(frozen=True)
class Sent:
    """What a pressed button sends."""

    method: str
    action: str
    fields: list[tuple[str, str]]


class Page:
    """``said``: the values that a person gives to fields, by their labels."""

    def __init__(self, html: str) -> None:
        reader = _Reader()
        reader.feed(html)
        self._root = reader.root
        labels = [node for node in self._root.of("label") if "for" in node.attributes]
        self._labels = {node.attributes["for"]: node.text for node in labels}

    @property
    def text(self) -> str:
        return self._root.text

    def link(self, words: str) -> str | None:
        """Where a link leads; that with these very words, else one that begins with them."""
        links = [(node.text, node.attributes["href"]) for node in self._root.of("a") if "href" in node.attributes]
        for fits in (str.__eq__, str.startswith):
            for text, where in links:
                if fits(text, words):
                    return where
        return None

    def field(self, beginning: str) -> str:
        """The whole of the first label that begins so."""
        found = next((each for each in self._labels.values() if each.startswith(beginning)), None)
        assert found, f"there is no field «{beginning}…»"
        return found

    def press(self, button: str, said: Mapping[str, str]) -> Sent:
        """What the button sends, with what was said. Fails where no form with that button has all of those fields."""
        found = [(node, form) for node in self._buttons() if (form := self._form_of(node, button)) is not None]
        assert found, f"there is no button «{button}»"
        for fits in (str.__eq__, str.startswith):
            for node, form in found:
                if fits(self._name(node), button) and said.keys() <= self._fields(form):
                    return self._sent(node, form, said)
        has = [sorted(self._fields(form)) for _, form in found]
        raise AssertionError(f"no form with «{button}» has {sorted(said)}: {has}")

    def _buttons(self) -> Iterator[Node]:
        yield from self._root.of("button")
        yield from (node for node in self._root.of("input") if node.attributes.get("type") == "submit")

    def _form_of(self, button: Node, words: str) -> Node | None:
        if not self._name(button).startswith(words) or button.is_hidden or "disabled" in button.attributes:
            return None
        return button.within("form")

    def _name(self, button: Node) -> str:
        own = button.attributes.get("value", "") if button.tag == "input" else button.text
        return button.attributes.get("aria-label") or own

    def _controls(self, form: Node) -> Iterator[Node]:
        yield from (node for node in form.of("input", "textarea", "select") if node.attributes.get("name"))

    def _fields(self, form: Node) -> set[str]:
        return {self._label(node) for node in self._controls(form)}

    def _label(self, node: Node) -> str:
        """What stands beside it; of one of several to choose from, what is asked."""
        own = node.within("label")
        label = self._labels.get(node.attributes.get("id", "")) or (own.text if own else "")
        group = node.within("fieldset")
        if node.attributes.get("type") == "radio" and group is not None:
            return next((legend.text for legend in group.of("legend")), "")
        return label or node.attributes.get("aria-label", "")

    def _sent(self, button: Node, form: Node, said: Mapping[str, str]) -> Sent:
        fields = [pair for node in self._controls(form) for pair in self._values(node, said)]
        if name := button.attributes.get("name"):
            fields.append((name, button.attributes.get("value", "")))
        action = button.attributes.get("formaction") or form.attributes.get("action", "")
        return Sent(form.attributes.get("method", "get").lower(), action, fields)

    def _values(self, node: Node, said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        name, told = node.attributes["name"], said.get(self._label(node))
        match node.tag, node.attributes.get("type", "text"):
            case "select", _:
                yield name, self._chosen(node, told)
            case "textarea", _:
                yield name, told if told is not None else node.typed
            case "input", "radio":
                option = self._labels.get(node.attributes.get("id", ""), "")
                if option == told if told is not None else "checked" in node.attributes:
                    yield name, node.attributes.get("value", "")
            case "input", "checkbox":
                if told == "Sí" if told is not None else "checked" in node.attributes:
                    yield name, node.attributes.get("value", "on")
            case "input", kind if kind not in ("submit", "button", "file"):
                yield name, told if told is not None else node.attributes.get("value", "")

    def _chosen(self, node: Node, told: str | None) -> str:
        options = list(node.of("option"))
        if told is None:
            chosen = [each for each in options if "selected" in each.attributes] or options[:1]
        else:
            chosen = [each for each in options if re.sub(r" \(.*\)$", "", each.text) == told or each.text == told]
            assert chosen, f"«{told}» is none of {[each.text for each in options]}"
        return chosen[0].attributes.get("value", chosen[0].text) if chosen else ""
