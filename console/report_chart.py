"""The plots of a report on its page: SVG that obeys the style sheet, beside the table that says the same."""

from markupsafe import Markup
from pygal import Bar, Config, HorizontalBar, StackedBar
from pygal.style import Style

from console.chart import without_style
from reports.document import Chart, Drawn

_WIDTH, _HEIGHT, _EACH = 900, 300, 26
_WIDEST = 70.0  # of a bar
_ROOM = Style(label_font_size=26, major_label_font_size=26)  # for labels as they are on a telephone
_LONG = 12  # characters of a label that still fits under a standing bar


def report_chart(chart: Chart | None, title: str) -> Markup:
    """The drawing; nothing where there is nothing to draw."""
    if chart is None or not any(any(values) for _, values in chart.series):
        return Markup("")
    lies = chart.kind is Drawn.BARS and max(map(len, chart.labels)) > _LONG
    rates = chart.kind is Drawn.LINE
    config = Config(
        css=[], js=[], width=_WIDTH, height=max(_HEIGHT, 60 + _EACH * len(chart.labels)) if lies else _HEIGHT,
        margin=8, margin_left=20, margin_right=30, margin_bottom=24, spacing=6, show_legend=False, explicit_size=False,
        disable_xml_declaration=True, pretty_print=False, include_x_axis=True, truncate_label=-1, no_data_text="",
        value_formatter=(lambda value: f"{value:.0%}") if rates else (lambda value: f"{value:,.0f}"),
        min_scale=2, max_scale=5, style=_ROOM,
    )  # fmt: skip
    drawn = (HorizontalBar if lies else StackedBar if chart.kind is Drawn.STACKED else Bar)(config)
    place = (_EACH if lies else _WIDTH) / (1 if lies else len(chart.labels))
    drawn._series_margin = max(drawn._series_margin, (1 - _WIDEST * len(chart.series) / place) / 2)
    labels = list(chart.labels)
    drawn.x_labels = labels[::-1] if lies else labels
    for name, values in chart.series:
        drawn.add(name, list(values)[::-1] if lies else list(values))
    svg = without_style(drawn.render_tree(), f"{title}: los números de la tabla, dibujados")
    return Markup(f'<figure class="mb-2 plot">{svg}{_legend(chart)}</figure>')  # noqa: S704 - escaped below


def _legend(chart: Chart) -> Markup:
    if len(chart.series) == 1:
        return Markup("")
    shown = [
        Markup(
            '<span class="me-3 text-nowrap"><span class="swatch serie-{}" aria-hidden="true"></span> {}</span>'
        ).format(number, name)
        for number, (name, _) in enumerate(chart.series)
    ]
    return Markup('<figcaption class="small">{}</figcaption>').format(Markup("").join(shown))
