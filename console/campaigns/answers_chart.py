"""How one question was answered, as bars: SVG that lives in the page, beside the table that says the same."""

from collections.abc import Sequence
from math import ceil

from markupsafe import Markup
from pygal import Config, HorizontalBar
from pygal.style import Style

from console.chart import without_style
from console.words import number

_WIDTH, _HEIGHT = 900, 260  # as every chart (console.css)
_MOST_BARS = 10  # more could not be told apart: the table has them all
_LONGEST_LABEL = 24  # characters; the table has it whole
_ROOM = Style(label_font_size=26, major_label_font_size=26)


def answers_chart(question: str, answers: Sequence[tuple[str, int]]) -> Markup:
    """The drawing, with its description in words. Nothing where nobody answered."""
    most = max((people for _, people in answers), default=0)
    if not most:
        return Markup("")
    shown = sorted(answers, key=lambda each: -each[1])[:_MOST_BARS] if len(answers) > _MOST_BARS else list(answers)
    config = Config(
        css=[], js=[], width=_WIDTH, height=_HEIGHT, margin=6, margin_right=40, margin_bottom=24, spacing=6,
        style=_ROOM, show_legend=False, explicit_size=False, disable_xml_declaration=True, pretty_print=False,
        truncate_label=_LONGEST_LABEL, no_data_text="", range=(0, most),
        value_formatter=lambda value: f"{value:,.0f}",
    )  # fmt: skip
    chart = HorizontalBar(config)
    chart.y_labels = sorted({0, ceil(most / 2), most})
    chart.x_labels = [label for label, _ in reversed(shown)]  # drawn from below
    chart.add("Personas", [people for _, people in reversed(shown)])
    told = "; ".join(f"{label}: {number(people)}" for label, people in shown)
    drawing = without_style(chart.render_tree(), f"{question} {told}.")
    return Markup(f'<figure class="mb-1">{drawing}</figure>')  # noqa: S704 - the library escapes what it draws
