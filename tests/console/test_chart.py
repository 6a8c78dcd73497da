"""Calls a minute as a drawing: what can be read on it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.counting.tally import HourOfDay
from console.chart import answer_chart, calls_chart

AT = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)  # eight in the morning in El Salvador


@pytest.fixture(autouse=True)
def _in_a_request(app) -> Iterator[None]:
    with app.test_request_context():
        yield


def minutes(*counts: int, apart: timedelta = timedelta(minutes=1)) -> list[tuple[datetime, int]]:
    return [(AT + n * apart, count) for n, count in enumerate(counts)]


def labels(drawing: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]+)</text>", drawing)


@pytest.mark.parametrize(("pace", "is_drawn"), [(10, True), (30, True), (31, False), (1200, False)])
def test_the_pace_is_a_line_where_it_does_not_flatten_the_bars(pace, is_drawn):
    drawing = calls_chart(minutes(4, 10), pace)
    assert drawing.count('class="pace"') == int(is_drawn)
    assert ("no se dibuja" in drawing) is not is_drawn
    assert f"{pace:,} por minuto" in drawing


def test_within_a_day_the_hour_is_enough():
    assert "08:00" in labels(calls_chart(minutes(1, 2), 5))


def test_over_several_days_each_label_says_which_and_the_caption_that_there_are_gaps():
    drawing = calls_chart(minutes(1, 2, apart=timedelta(days=2)), 5)
    assert {"mié 25 08:00", "vie 27 08:00"} <= set(labels(drawing))
    assert "Solo se dibujan los minutos en que hubo llamadas." in drawing


@pytest.mark.parametrize("count", [1, 2, 60])
def test_no_bar_is_wider_than_it_may_be(count):
    widths = re.findall(
        r'<rect x="[^"]*" y="[^"]*" rx="0" ry="0" width="([^"]*)"', calls_chart(minutes(*[3] * count), 5)
    )
    assert len(widths) == count
    assert all(0 < float(width) <= 32 for width in widths)


def test_there_is_no_half_of_a_call():
    scale = [label for label in labels(calls_chart(minutes(3, 1), 60)) if label.isdigit()]
    assert scale == ["0", "1", "2", "3"]


def test_the_same_bars_are_the_same_text():
    assert calls_chart(minutes(4, 10), 30) == calls_chart(minutes(4, 10), 30)


def test_how_many_are_answered_at_each_hour():
    drawing = answer_chart([HourOfDay(8, 200, 50), HourOfDay(10, 10, 8)])
    assert [label for label in labels(drawing) if not label.endswith("%")] == ["08", "09", "10"]  # no hour is left out
    assert drawing.count('class="bar"') == 3
    assert "Contestó una persona 58 de 210 llamadas terminadas." in drawing
    assert "la mejor, a las 10" in drawing


def test_of_no_call_there_is_no_drawing():
    assert answer_chart([]) == "" == calls_chart([], 60)
