"""Calls a minute, and how many are answered at each hour, as bars: SVG that lives in the page and obeys its styles."""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from math import ceil
from xml.etree import ElementTree as tree

from markupsafe import Markup
from pygal import Bar, Config
from pygal.style import Style

from campaigns.counting.tally import HourOfDay
from campaigns.texting.sentences import Say, of_calls
from console.words import clock_time, hour_of_day, moment, number

# pygal looks for plug-ins with an importer of a kind that Python 3.12 no longer knows; we have none to find.
sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]

_NAMESPACE = "{http://www.w3.org/2000/svg}"
_WIDTH, _HEIGHT = 900, 260
_LABELS, _LONG_LABELS = 8, 4  # under the chart: more could not be read
_WIDEST_BAR = 32.0
_STEPS = 5
_STEP_SIZES = [digit * 10**zeros for zeros in range(7) for digit in (1, 2, 5)]
_FAR_ABOVE = 3  # times the tallest bar: a pace beyond would flatten them all
_ROOM = Style(label_font_size=26, major_label_font_size=26)  # for labels as they are on a telephone


class _CallsChart(Bar):
    """Bars of a bearable width, and one level line at ``pace``, if there is one."""

    pace: float = 0.0

    def be_thin(self, bars: int) -> None:
        """Keeps each bar in the middle of its place, and no wider than it may be."""
        place = _WIDTH / bars
        self._series_margin = max(Bar._series_margin, (1 - _WIDEST_BAR / place) / 2)

    def _compute(self) -> None:
        super()._compute()
        self._box.ymax = max(self._box.ymax or 0, self.pace * 1.05, 1)

    def _plot(self) -> None:
        super()._plot()
        if self.pace:
            y = self.view.y(self.pace)
            line = {"x1": 0, "x2": self.view.width, "y1": y, "y2": y, "class_": "pace"}
            self.svg.node(self.nodes["overlay"], "line", **line)


def calls_chart(minutes: Sequence[tuple[datetime, int]], pace: float, say: Say = of_calls) -> Markup:
    """The drawing and what it says in words, of calls or of texts. ``pace``: of them a minute that may be placed, drawn
    where it is not far above the bars. Nothing where none was placed."""
    if not minutes:
        return Markup("")
    days = {_date(at) for at, _ in minutes}
    labels = min(_LABELS if len(days) == 1 else _LONG_LABELS, len(minutes))
    chart = _CallsChart(_config(labels, lambda value: f"{value:,.0f}"))
    chart.pace = pace if _is_near(minutes, pace) else 0.0
    chart.be_thin(len(minutes))
    chart.y_labels = _steps(max(*(count for _, count in minutes), chart.pace, 1))
    chart.x_labels = [clock_time(at)[:5] if len(days) == 1 else hour_of_day(at) for at, _ in minutes]
    chart.add(say("[Llamadas|Mensajes]"), [count for _, count in minutes])
    return _figure(chart, "minutes", _told(minutes, pace, say), _caption(minutes, pace, say))


def hours_chart(hours: Sequence[tuple[datetime, int]]) -> Markup:
    """Calls in each hour in which there were any. Nothing where no call was placed."""
    if not hours:
        return Markup("")
    chart = _CallsChart(_config(min(_LONG_LABELS, len(hours)), lambda value: f"{value:,.0f}"))
    chart.be_thin(len(hours))
    chart.y_labels = _steps(max(count for _, count in hours))
    chart.x_labels = [hour_of_day(at) for at, _ in hours]
    chart.add("Llamadas", [count for _, count in hours])
    most = max(count for _, count in hours)
    told = f"Llamadas por hora, del {moment(hours[0][0])} al {moment(hours[-1][0])}: {number(most)} como máximo."
    return _figure(chart, "hours", told, "Solo se dibujan las horas en que hubo llamadas.")


def answer_chart(hours: Sequence[HourOfDay]) -> Markup:
    """Of the calls of each hour of the day, how many per cent a person answered. Nothing where none is over."""
    if not hours:
        return Markup("")
    by_hour = {each.hour: each for each in hours}
    shown = range(min(by_hour), max(by_hour) + 1)
    rates = [100 * by_hour[hour].answered / by_hour[hour].calls if hour in by_hour else 0 for hour in shown]
    chart = _CallsChart(_config(len(shown), lambda value: f"{value:.0f} %"))
    chart.be_thin(len(shown))
    chart.y_labels = _steps(max(*rates, 1))
    chart.x_labels = [f"{hour:02}" for hour in shown]
    chart.add("Contestadas", rates)
    best = max(hours, key=lambda each: each.answered / each.calls)
    told = f"De cada cien llamadas, cuántas contestó una persona, por hora: la mejor, a las {best.hour:02}."
    calls, answered = sum(each.calls for each in hours), sum(each.answered for each in hours)
    return _figure(
        chart, "answers", told, f"Contestó una persona {number(answered)} de {number(calls)} llamadas terminadas."
    )


def _config(labels: int, written: Callable[[float], str]) -> Config:
    return Config(
        css=[], js=[], width=_WIDTH, height=_HEIGHT, margin=6, margin_left=16, margin_right=40, margin_bottom=24,
        spacing=6, style=_ROOM,
        show_legend=False, explicit_size=False,
        disable_xml_declaration=True, pretty_print=False, include_x_axis=True, min_scale=2, max_scale=5,
        x_labels_major_count=labels, show_minor_x_labels=False, truncate_label=-1, no_data_text="",
        value_formatter=written,
    )  # fmt: skip


def _figure(chart: Bar, name: str, told: str, caption: str) -> Markup:
    chart.uuid = name  # pygal's own is another at each drawing, and the same bars must be the same text
    drawing = without_style(chart.render_tree(), told)
    said = f'<figcaption class="small text-body-secondary">{caption}</figcaption>'
    return Markup(f'<figure class="mb-1">{drawing}{said}</figure>')  # noqa: S704 - numbers and hours only


def _steps(most: float) -> list[int]:
    """Whole numbers from nought to ``most`` or just above, a few of them: there is no half of a call."""
    step = next(size for size in _STEP_SIZES if most / size <= _STEPS)
    return list(range(0, ceil(most / step) * step + 1, step))


def _date(at: datetime) -> str:
    return moment(at).split()[0]


def _is_near(minutes: Sequence[tuple[datetime, int]], pace: float) -> bool:
    return pace <= _FAR_ABOVE * max(count for _, count in minutes)


def _caption(minutes: Sequence[tuple[datetime, int]], pace: float, say: Say) -> str:
    only = say("Solo se dibujan los minutos en que hubo [llamadas|mensajes].")
    said = f"{number(pace)} por minuto"
    if _is_near(minutes, pace):
        return f"{only} La línea es el ritmo permitido: {said}."
    return f"{only} El ritmo permitido, {said}, queda muy por encima y no se dibuja."


def _told(minutes: Sequence[tuple[datetime, int]], pace: float, say: Say) -> str:
    most = max(count for _, count in minutes)
    return (
        f"{say('[Llamadas|Mensajes]')} por minuto, del {moment(minutes[0][0])} al {moment(minutes[-1][0])}:"
        f" {most} como máximo; el ritmo permite {number(pace)}."
    )


def without_style(svg: tree.Element, told: str) -> str:
    """The drawing without pygal's own styles and scripts, which the content policy forbids, and with a description."""
    for parent in list(svg.iter()):
        for child in list(parent):
            if child.tag in ("style", "script", f"{_NAMESPACE}style", f"{_NAMESPACE}script"):
                parent.remove(child)
        parent.attrib.pop("style", None)
    svg.set("role", "img")
    svg.set("aria-label", told)
    return tree.tostring(svg, encoding="unicode")
