"""The plots of a report in PDF, drawn with ReportLab's charts."""

from collections.abc import Sequence
from math import ceil

from reportlab.graphics.charts.barcharts import HorizontalBarChart, VerticalBarChart
from reportlab.graphics.charts.legends import Legend
from reportlab.graphics.charts.linecharts import HorizontalLineChart
from reportlab.graphics.shapes import Drawing, String
from reportlab.graphics.widgets.markers import makeMarker
from reportlab.lib import colors
from reportlab.lib.pagesizes import letter
from reportlab.lib.units import mm

from reports.document import Chart, Drawn

WIDTH = letter[0] - 36 * mm  # between the margins
_HEIGHT = 54 * mm
_BELOW = 36.0  # points, for the labels and what they are
_WIDEST = 90.0  # points, of the bars of one label that stand
_BAR = 12.0  # points, of a bar that lies
_SIZE = 8
_LONG = 9  # characters of a label that still fits under a standing bar
_COLOURS = [colors.HexColor(code) for code in ("#0a58ca", "#146c43", "#997404", "#6f42c1")]
_GRID = colors.HexColor("#dee2e6")


def plot(chart: Chart) -> Drawing | None:
    """The drawing, as wide as the page; None where there is nothing to draw."""
    if not chart.labels or not any(any(values) for _, values in chart.series):
        return None
    if chart.kind is Drawn.LINE:
        return _lines(chart)
    is_long = max(map(len, chart.labels)) > _LONG
    return _lying(chart) if is_long and chart.kind is Drawn.BARS else _standing(chart)


def _standing(chart: Chart) -> Drawing:
    bars = VerticalBarChart()
    _lay(bars, chart, left=38)
    bars.data = [list(values) for _, values in chart.series]
    bars.barSpacing, bars.barWidth = 1, 10
    place = bars.width / len(chart.labels)
    bars.groupSpacing = max(8, bars.barWidth * len(chart.series) * (place / _WIDEST - 1))
    if chart.kind is Drawn.STACKED:
        bars.categoryAxis.style = "stacked"
    _count(bars.valueAxis, _tops(chart))
    return _drawn(chart, bars, _HEIGHT)


def _lying(chart: Chart) -> Drawing:
    """Names of outcomes are long: they stand beside their bar, the first on top."""
    bars = HorizontalBarChart()
    height = 46 + (_BAR + 4) * len(chart.labels) * len(chart.series)
    _lay(bars, chart, left=130, height=height)
    bars.data = [list(values) for _, values in chart.series]
    bars.categoryAxis.reverseDirection = 1
    bars.groupSpacing = 5
    bars.barLabels.nudge, bars.barLabels.fontSize = 4, _SIZE
    bars.barLabels.boxAnchor = "w"
    bars.barLabelFormat = lambda value: f"{value:,.0f}"
    _count(bars.valueAxis, _tops(chart), room=1.12)
    return _drawn(chart, bars, height, is_told=False)


def _lines(chart: Chart) -> Drawing:
    lines = HorizontalLineChart()
    _lay(lines, chart, left=38)
    lines.data = [list(values) for _, values in chart.series]
    lines.valueAxis.valueMin, lines.valueAxis.valueMax, lines.valueAxis.valueStep = 0, 1, 0.25
    lines.valueAxis.labelTextFormat = lambda value: f"{value:.0%}"
    for number in range(len(chart.series)):
        lines.lines[number].strokeColor = _COLOURS[number % len(_COLOURS)]
        lines.lines[number].strokeWidth = 1.6
        lines.lines[number].symbol = makeMarker(("FilledCircle", "FilledSquare")[number % 2])
        lines.lines[number].symbol.size = 4
    return _drawn(chart, lines, _HEIGHT)


def _lay(
    drawn: VerticalBarChart | HorizontalBarChart | HorizontalLineChart,
    chart: Chart,
    *,
    left: float,
    height: float = _HEIGHT,
) -> None:
    drawn.x, drawn.y = left, _BELOW
    drawn.width, drawn.height = WIDTH - left - 8, height - _BELOW - (16 if len(chart.series) > 1 else 6)
    drawn.categoryAxis.categoryNames = list(chart.labels)
    drawn.categoryAxis.labels.fontSize = drawn.valueAxis.labels.fontSize = _SIZE
    drawn.categoryAxis.strokeColor = drawn.valueAxis.strokeColor = _GRID
    drawn.valueAxis.visibleGrid, drawn.valueAxis.gridStrokeColor = True, _GRID
    if hasattr(drawn, "bars"):
        drawn.bars.strokeColor = None
        for number in range(len(chart.series)):
            drawn.bars[number].fillColor = _COLOURS[number % len(_COLOURS)]


def _tops(chart: Chart) -> float:
    if chart.kind is Drawn.STACKED:
        stacked = zip(*(values for _, values in chart.series), strict=True)
        return max(sum(value or 0 for value in values) for values in stacked)
    return max(value or 0 for _, values in chart.series for value in values)


def _count(axis: object, most: float, room: float = 1.0) -> None:
    """Whole numbers from nought, a handful of them: there is no half of a call."""
    step = _step(most * room)
    axis.valueMin, axis.valueStep = 0, step  # type: ignore[attr-defined]
    axis.valueMax = step * max(1, ceil(most * room / step))  # type: ignore[attr-defined]
    axis.labelTextFormat = lambda value: f"{value:,.0f}"  # type: ignore[attr-defined]


def _step(most: float) -> int:
    sizes = (digit * 10**zeros for zeros in range(10) for digit in (1, 2, 5))
    return next(size for size in sizes if most / size <= 5)


def _drawn(chart: Chart, widget: object, height: float, *, is_told: bool = True) -> Drawing:
    """``is_told``: what the labels are, below them; beside names it is plain."""
    drawing = Drawing(WIDTH, height)
    drawing.add(widget)
    if is_told:
        drawing.add(String(WIDTH / 2, 10, chart.axis, fontSize=_SIZE, textAnchor="middle", fontName="Helvetica"))
    if len(chart.series) > 1:
        drawing.add(_legend([name for name, _ in chart.series], height))
    return drawing


def _legend(names: Sequence[str], height: float) -> Legend:
    legend = Legend()
    legend.x, legend.y, legend.boxAnchor = 38, height - 2, "nw"
    legend.fontSize, legend.dx, legend.dy = _SIZE, 7, 7
    legend.columnMaximum, legend.deltax, legend.alignment = 1, 60, "right"
    legend.strokeWidth = 0
    legend.colorNamePairs = [(_COLOURS[n % len(_COLOURS)], name) for n, name in enumerate(names)]
    return legend
