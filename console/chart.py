"""Calls a minute as bars, with the pace as a line across them: SVG that lives in the page and obeys its style sheet."""

from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree as tree

from markupsafe import Markup
from pygal import Bar, Config

from console.words import clock_time, moment

_NAMESPACE = "{http://www.w3.org/2000/svg}"
_LABELS = 8  # of minutes under the chart: more could not be read


class _CallsChart(Bar):
    """Bars, and one level line at ``pace``."""

    pace: float = 0.0

    def _compute(self) -> None:
        super()._compute()
        self._box.ymax = max(self._box.ymax or 0, self.pace * 1.05, 1)

    def _plot(self) -> None:
        super()._plot()
        if self.pace:
            y = self.view.y(self.pace)
            line = {"x1": 0, "x2": self.view.width, "y1": y, "y2": y, "class_": "pace"}
            self.svg.node(self.nodes["overlay"], "line", **line)


def calls_chart(minutes: Sequence[tuple[datetime, int]], pace: float) -> Markup:
    """``pace``: calls a minute that may be placed. Nothing where no call was placed."""
    if not minutes:
        return Markup("")
    config = Config(
        css=[], js=[], width=900, height=260, margin=6, margin_left=24, margin_bottom=14, spacing=6,
        show_legend=False, explicit_size=False,
        disable_xml_declaration=True, pretty_print=False, include_x_axis=True, min_scale=2, max_scale=5,
        x_labels_major_count=_LABELS, show_minor_x_labels=False, truncate_label=-1, no_data_text="",
        value_formatter=lambda value: f"{value:,.0f}",
    )  # fmt: skip
    chart = _CallsChart(config)
    chart.pace = pace
    chart.x_labels = [f"{clock_time(at)[:5]}" for at, _ in minutes]
    chart.add("Llamadas", [count for _, count in minutes])
    return Markup(_without_style(chart.render_tree(), _told(minutes, pace)))  # noqa: S704 - numbers and hours only


def _told(minutes: Sequence[tuple[datetime, int]], pace: float) -> str:
    most = max(count for _, count in minutes)
    return (
        f"Llamadas por minuto, del {moment(minutes[0][0])} al {moment(minutes[-1][0])}:"
        f" {most} como máximo; el ritmo permite {pace:g}."
    )


def _without_style(svg: tree.Element, told: str) -> str:
    """The drawing without pygal's own styles and scripts, which the content policy forbids, and with a description."""
    for parent in list(svg.iter()):
        for child in list(parent):
            if child.tag in ("style", "script", f"{_NAMESPACE}style", f"{_NAMESPACE}script"):
                parent.remove(child)
        parent.attrib.pop("style", None)
    svg.set("role", "img")
    svg.set("aria-label", told)
    return tree.tostring(svg, encoding="unicode")
