"""The four drawings: everything inside the picture, nothing on top of anything, nothing silently left out."""

import io
import warnings
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from PIL import Image

from workbook.show import bars, canvas, dot_interval, line_band, png, short_name, survival_steps
from workbook.show.labels import spread
from workbook.show.marks import MAX_ROWS
from workbook.text.catalogue import use_language

NAMES = ["DACH", "Südwestdeutsche Verpackungsmaschinen und Anlagenbau GmbH & Co. KG", None, "A$B$ <script>x</script>", "Nord 🚀", "漢字",
         "Donaudampfschifffahrtsgesellschaftskapitänsmützenhersteller"]  # fmt: skip


def rows(count=7, scale=1.0):
    rng = np.random.default_rng(5)
    value = rng.uniform(0.2, 0.8, count) * scale
    names = [NAMES[i] if i < len(NAMES) else f"Region {i}" for i in range(count)]
    half = 0.1 * scale
    return pd.DataFrame(
        {"name": names, "value": value, "low": value - half, "high": value + half, "n": rng.integers(1, 99_999, count)}
    )


def draw_dots(ax):
    return dot_interval(
        ax, rows(), label="name", value="value", low="low", high="high", n="n", reference=0.5, reference_label="all"
    )


def draw_money_dots(ax):
    data = rows(scale=4e6).assign(low=lambda d: d["low"] - 5e6)
    return dot_interval(ax, data, label="name", value="value", low="low", high="high", n="n", unit="money", currency="EUR")


def draw_bars(ax):
    return bars(ax, rows(scale=9e7), label="name", value="value", n="n", unit="money", currency="EUR")


def draw_signed_bars(ax):
    return bars(ax, rows().assign(value=lambda d: d["value"] - 0.5), label="name", value="value", n="n", unit="share")


def draw_many_bars(ax):
    return bars(ax, rows(40), label="name", value="value", unit="share")


def draw_lines(ax):
    years = np.tile(np.arange(2010, 2020), 5)
    data = pd.DataFrame({"year": years, "name": np.repeat([n or "none" for n in NAMES[:5]], 10), "value": 0.5 + years * 0})
    data["value"] = 0.5 + np.repeat(np.arange(5), 10) * 0.001
    return line_band(ax, data, x="year", value="value", group="name", unit="share")


def draw_steps(ax):
    data = pd.DataFrame({"day": [3, 9, 400], "open": [0.9, 0.4, 0.1], "low": [0.8, 0.3, 0.0], "high": [1.0, 0.5, 0.2]})
    return survival_steps(ax, data, time="day", value="open", low="low", high="high")


def is_in_view(axis, tick):
    low, high = sorted(axis.get_view_interval())
    return axis.get_visible() and low - 1e-9 <= tick.get_loc() <= high + 1e-9


DRAWINGS = [draw_dots, draw_money_dots, draw_bars, draw_signed_bars, draw_many_bars, draw_lines, draw_steps]


@pytest.mark.parametrize("draw", DRAWINGS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_words_stay_inside_the_picture_and_apart(draw, language):
    figure, ax = canvas()
    with use_language(language):
        draw(ax)
        figure.canvas.draw()
    picture = figure.bbox
    boxes = []
    unseen = {tick.label1 for axis in (ax.xaxis, ax.yaxis) for tick in axis.get_major_ticks() if not is_in_view(axis, tick)}
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text not in unseen:
            box = text.get_window_extent()
            words = text.get_text()
            assert box.x0 >= picture.x0 - 1 and box.x1 <= picture.x1 + 1, f"{words!r} is cut off"
            assert box.y0 >= picture.y0 - 1 and box.y1 <= picture.y1 + 1, f"{words!r} is cut off"
            boxes.append((words, box))
    for i, (words, box) in enumerate(boxes):
        for other, beside in boxes[i + 1 :]:
            across = min(box.x1, beside.x1) - max(box.x0, beside.x0)
            down = min(box.y1, beside.y1) - max(box.y0, beside.y0)
            assert across <= 1 or down <= 2, f"{words!r} lies on {other!r}"


@pytest.mark.parametrize("draw", DRAWINGS)
def test_pictures_are_small_sharp_and_the_same_every_time(draw):
    def picture():
        figure, ax = canvas()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            draw(ax)
            return png(figure)

    first = picture()
    assert first == picture()
    assert len(first) < 60_000
    image = Image.open(io.BytesIO(first))
    assert image.width >= 1100
    assert image.convert("RGB").getpixel((1, 1)) == (255, 255, 255)


def test_rows_beyond_fifteen_are_left_to_the_table_and_that_is_said():
    figure, ax = canvas()
    assert bars(ax, rows(40), label="name", value="value") == MAX_ROWS
    assert "15 of 40" in figure.get_supxlabel()
    figure, ax = canvas()
    assert bars(ax, rows(15), label="name", value="value") == 15
    assert figure.get_supxlabel() == ""


def test_a_missing_value_is_a_dash_and_no_dot():
    data = pd.DataFrame({"name": ["a", "b"], "value": [0.5, None], "low": [0.4, None], "high": [0.6, None], "n": [10, 0]})
    _, ax = canvas()
    dot_interval(ax, data, label="name", value="value", low="low", high="high", n="n")
    assert sum(np.isfinite(line.get_xdata()).sum() for line in ax.lines if line.get_marker() == "o") == 1
    assert "–" in [text.get_text() for text in ax.texts]


def test_numbers_follow_the_language():
    with use_language("de"):
        _, ax = canvas()
        bars(ax, pd.DataFrame({"name": ["a"], "value": [1234.0]}), label="name", value="value")
    assert [text.get_text() for text in ax.texts] == ["1.234"]


@pytest.mark.parametrize("frame", [rows(0), rows(1).assign(value=np.nan, low=np.nan, high=np.nan)])
def test_nothing_to_draw_is_no_error(frame):
    figure, ax = canvas()
    dot_interval(ax, frame, label="name", value="value", low="low", high="high", n="n")
    assert png(figure)
    figure, ax = canvas()
    bars(ax, frame, label="name", value="value", n="n")
    assert png(figure)
    figure, ax = canvas()
    line_band(ax, frame.assign(year=2020), x="year", value="value", low="low", high="high")
    assert png(figure)
    figure, ax = canvas()
    survival_steps(ax, frame.assign(n=frame["n"].astype(float)), time="n", value="value")
    assert png(figure)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("DACH", "DACH"),
        (None, "not recorded"),
        (float("nan"), "not recorded"),
        ("Nord 🚀", "Nord"),
        ("🚀", "□"),
        ("x" * 80, "x" * 25 + "\n" + "x" * 24 + "…"),
    ],
)
def test_names_fit(name, shown):
    assert short_name(name) == shown


def test_labels_are_spread_no_further_than_needed():
    assert spread([0.0, 1.0], 0.1, 0.0, 1.0) == [0.0, 1.0]
    moved = spread([0.5, 0.5, 0.5], 0.1, 0.0, 1.0)
    assert sorted(moved) == moved
    assert all(b - a >= 0.1 - 1e-9 for a, b in pairwise(moved))
    assert max(spread([0.99, 1.0], 0.1, 0.0, 1.0)) <= 1.0
