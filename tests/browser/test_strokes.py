"""The geometry, in the browser that it is for."""

import pytest

from tests.browser.stage import Page

POINTS = "[[0, 0, 0, .5], [10, 0, 8, .5], [10, 10, 16, .5], [0, 10, 24, .5]]"
FROM = f"const d = m.Drawing.fromJSON([{{ width: 10, points: {POINTS} }}]);"


def test_curves_start_and_end_where_the_stroke_does_and_hang_together(page: Page) -> None:
    result = page.module(
        "drawing/strokes.js",
        FROM + "const c = m.curves(d.strokes[0]);"
        "return [c[0].from, c.at(-1).to, c.slice(1).every((x, i) => x.from === c[i].to)];",
    )
    assert result == [{"x": 0, "y": 0, "t": 0, "pressure": 0.5}, {"x": 0, "y": 10}, True]


def test_a_tap_is_a_dot(page: Page) -> None:
    body = (
        "return m.curves({ width: 8, points: [{ x: 3, y: 4, t: 0, pressure: .5 }] })"
        ".map(({ to, width }) => [to, width]);"
    )
    expected = {"x": pytest.approx(3.01), "y": 4}
    assert page.module("drawing/strokes.js", body) == [[expected, 8]]


def test_two_points_make_one_line_and_none_make_nothing(page: Page) -> None:
    body = (
        "const p = (x) => ({ x, y: 0, t: 0, pressure: .5 });"
        "return [[], [p(0), p(9)]].map((points) => m.curves({ width: 8, points }).length);"
    )
    assert page.module("drawing/strokes.js", body) == [0, 1]


def test_pressure_widens_and_is_bounded(page: Page) -> None:
    body = "return [-1, 0, .5, 1, 7].map((p) => Math.round(m.widthAt(100, p)));"
    assert page.module("drawing/strokes.js", body) == [60, 60, 100, 140, 140]


def test_points_that_only_tremble_are_left_out(page: Page) -> None:
    body = (
        "const s = { width: 8, points: [] };"
        "for (const x of [0, 1, 1.4, 2, 9]) m.extend(s, { x, y: 0, t: 0, pressure: .5 });"
        "return s.points.map((p) => p.x);"
    )
    assert page.module("drawing/strokes.js", body) == [0, 2, 9]


def test_history_goes_back_and_forth_and_a_new_stroke_ends_the_future(page: Page) -> None:
    body = (
        "const d = new m.Drawing(); const s = (width) => ({ width, points: [] });"
        "const seen = []; const look = () => seen.push(d.strokes.map((x) => x.width).join(''));"
        "d.add(s(1)); d.add(s(2)); d.clear(); look(); d.undo(); look(); d.undo(); look();"
        "d.redo(); look(); d.undo(); d.add(s(3)); look(); return [seen, d.canRedo, d.redo()];"
    )
    assert page.module("drawing/strokes.js", body) == [["", "12", "1", "12", "13"], False, False]


def test_a_clear_of_nothing_is_no_step(page: Page) -> None:
    body = "const d = new m.Drawing(); d.clear(); return d.canUndo || d.undo();"
    assert page.module("drawing/strokes.js", body) is False


def test_a_drawing_survives_as_json(page: Page) -> None:
    body = FROM + "return [JSON.stringify(d), d.canUndo];"
    expected = '[{"width":10,"points":[[0,0,0,0.5],[10,0,8,0.5],[10,10,16,0.5],[0,10,24,0.5]]}]'
    assert page.module("drawing/strokes.js", body) == [expected, True]


@pytest.mark.parametrize(
    "junk", ["null", "7", "{}", "[null]", "[{}]", "[{ width: 1, points: [[1, 2]] }]", "['x']"]
)
def test_what_is_no_drawing_is_an_empty_one(page: Page, junk: str) -> None:
    assert page.module("drawing/strokes.js", f"return m.Drawing.fromJSON({junk}).isEmpty;") is True


def test_every_screen_sends_the_same_picture(page: Page) -> None:
    page.wear(density=3, size=(400, 700))
    body = (
        "const { Drawing } = await import('/static/drawing/strokes.js');"
        + FROM.replace("m.", "")
        + "const bitmap = await createImageBitmap(await m.toPicture(d.strokes));"
        "return [bitmap.width, bitmap.height];"
    )
    assert page.module("drawing/canvas.js", body) == [640, 480]
