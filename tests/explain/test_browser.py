"""Pages in a browser without a window: each control is driven, and nothing stands in its log."""

import functools
import importlib.util
import json
import re
import shutil

import pytest

import symdiff as sd
from symdiff.explain.words import shown
from tests.explain.page import data_of
from tests.explain.test_page import network

BROWSER = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
pytestmark = pytest.mark.skipif(
    BROWSER is None or importlib.util.find_spec("playwright") is None,
    reason="Chromium or Playwright is not installed",
)

PROGRAM = "t = x*y  # a product\nu = sin(t)\nwhere(x > 1, u*t, u)*x"
AT = {"x": 1.5, "y": 0.5}


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, tmp_path):
    """Opens pages; in the end nothing may stand in the log, and nothing else was asked for."""
    said, contexts = [], []

    def opened(explanation, width=1300, height=900, **settings):
        path = tmp_path / f"{len(contexts)}.html"
        explanation.write(path)
        context = browser.new_context(viewport={"width": width, "height": height}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda asked: said.append(asked.url))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [text for text in said if not text.startswith(tmp_path.as_uri())] == []


@functools.cache
def explained():
    return sd.function(PROGRAM).explain(AT)


def numbers(page):
    script = "places => places.map((one) => [one.dataset.v, one.textContent])"
    return dict(page.eval_on_selector_all("[data-v]", script))


def texts(page, selector):
    return [" ".join(text.split()) for text in page.locator(selector).all_text_contents()]


def test_the_player_backward(visit):
    page = visit(explained())
    steps = [step.name for step in explained().steps]
    bars = [line.name.removesuffix("_bar") for line in explained().walks[0].lines]
    assert page.locator("tr.later:visible").count() == 0  # a page that is opened is whole
    page.keyboard.press("Home")
    assert page.locator("tr.later:visible").count() == len(steps) + len(bars)
    seen, marked = [], []
    for number in range(len(steps) + len(bars)):
        page.keyboard.press("ArrowRight")
        (key,) = page.eval_on_selector_all("tr.now", "rows => rows.map(r => r.dataset.key)")
        (box,) = page.eval_on_selector_all("svg .box.now", "b => b.map(e => e.dataset.key)")
        assert box == key
        assert page.input_value("#position") == str(number + 1)
        assert texts(page, "#caption")[0].startswith(texts(page, "tr.now .says")[0][:5])
        seen.append(key)
        marked += texts(page, "#source mark")
    assert seen == steps + bars
    assert marked[:2] == ["x*y", "sin(t)"]
    assert texts(page, "#source")[0] == " ".join(PROGRAM.split())
    page.keyboard.press("ArrowLeft")
    assert page.locator("tr.later:visible").count() == 1
    page.keyboard.press("End")
    assert page.locator("tr.later:visible").count() == 0


def test_the_player_forward(visit):
    page = visit(explained())
    page.select_option("#mode", "forward:y")
    assert page.locator(".walk:visible").count() == 1
    page.locator("h1").click()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert page.eval_on_selector_all("tr.now", "rows => rows.map(r => r.dataset.key)") == ["y"]
    page.keyboard.press("ArrowRight")
    assert page.eval_on_selector_all("tr.now", "rows => rows.map(r => r.dataset.key)") == ["t", "t"]
    ends = [line.value for line in sd.function(PROGRAM).explain(AT, mode="forward").walks[1].lines]
    assert numbers(page)["dot:y:f"] == str(shown(ends[-1]))


def test_buttons_play_and_speed(visit):
    page = visit(explained())
    page.click("#to-start")
    assert page.input_value("#position") == "0"
    page.click("#on")
    page.click("#on")
    page.click("#back")
    assert page.input_value("#position") == "1"
    page.click("#to-end")
    last = page.input_value("#position")
    page.select_option("#speed", "350")
    page.click("#play")  # from the end it begins anew
    assert page.get_attribute("#play", "aria-label") == "Pause"
    page.wait_for_function("() => document.getElementById('position').value >= 2")
    page.click("#play")
    assert page.get_attribute("#play", "aria-label") == "Play"
    assert 2 <= int(page.input_value("#position")) < int(last)
    page.locator("h1").click()
    page.keyboard.press("Space")
    assert page.get_attribute("#play", "aria-label") == "Pause"
    page.keyboard.press("Space")
    page.locator("#position").fill("3")
    assert page.input_value("#position") == "3"
    page.locator("#forward tr[data-step='1']").click()
    assert page.input_value("#position") == "2"


def test_sliders_compute_what_the_module_computes(visit):
    page = visit(explained())
    before = numbers(page)
    module = sd.function(PROGRAM).value_and_grad().load()
    for point in ({"x": 2.25, "y": 0.5}, {"x": 0.75, "y": -1.125}):
        for name, value in point.items():
            page.locator(f".exactly[data-key={name}]").fill(str(value))
        value, gradient = module.value_and_grad(*point.values())
        found = numbers(page)
        assert found["value:f"] == str(shown(value))
        assert [found["bar:x"], found["bar:y"]] == [str(shown(float(part))) for part in gradient]
        assert found["value:x"] == str(shown(point["x"]))
        assert not page.locator("th.at-point").first.is_visible()
        (way,) = texts(page, "svg [data-way] text:last-of-type")
        assert way == ("taken" if point["x"] > 1.0 else "not taken")
        assert page.locator("svg .untaken").count() == (0 if point["x"] > 1.0 else 2)
    slider = page.locator(".slide[data-key=y]")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert float(page.input_value(".exactly[data-key=y]")) > -1.125
    page.click("#reset")
    assert numbers(page) == before
    assert page.locator("th.at-point").first.is_visible()


def test_plots_are_drawn_and_chosen(visit):
    page = visit(explained())
    assert page.locator("#plot svg rect").count() > 500  # contours
    page.select_option("#over-y", "")
    assert texts(page, "#plot-key span") == ["f", "tangent at x = 1.5", "df/dx"]
    page.select_option("#over-x", "y")
    assert texts(page, "#plot-key span")[1] == "tangent at y = 0.5"
    page.select_option("#over-y", "y")  # both cannot be the same
    assert page.input_value("#over-x") == "x"
    assert texts(page, "#errors-key span")[:2] == ["forward differences", "central differences"]
    curves = page.locator("#errors svg path").count()
    assert curves == len(texts(page, "#errors-key span"))
    first = page.inner_html("#errors")
    page.select_option("#errors-by", "1")
    assert page.inner_html("#errors") != first
    for path in page.locator(".chart path").all():
        assert "NaN" not in (path.get_attribute("d") or "")
    page.click("summary")
    assert "def value_and_grad" in page.inner_text("#emitted pre")


def test_a_page_without_sliders(visit):
    page = visit(sd.function("gamma(x)*x").explain({"x": 2.5}))
    assert page.locator(".slide, #reset").count() == 0
    assert page.locator("#plot svg path").count() == 3
    function, point = network()
    page = visit(function.explain(point))
    assert not page.locator("#plot-panel").is_visible()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert texts(page, "#source mark") == ["X @ W1"]


def test_a_large_function_is_played_on_its_folded_graph(visit):
    lines = [f"a{k} = {' + '.join(f'sin({j}*x)*{k}' for j in range(1, 30))}" for k in range(1, 4)]
    page = visit(sd.function("\n".join([*lines, "a1*a2*a3"])).explain({"x": 1.0}))
    page.keyboard.press("ArrowLeft")
    (box,) = page.eval_on_selector_all("svg .box.now", "b => b.map(e => e.dataset.key)")
    assert box.startswith("line ")


def test_a_folded_graph_is_unfolded(visit):
    lines = [f"a{k} = {' + '.join(f'sin({j}*x)*{k}' for j in range(1, 30))}" for k in range(1, 4)]
    function = sd.function("\n".join([*lines, "a1*a2*a3"]))
    made, beside = function.explain({"x": 1.0}), function.explain({"x": 0.5})
    page = visit(made)
    pictures = page.locator("#graph .picture:visible")
    whole = pictures.locator(".box").count()
    pictures.locator(".box[data-key='line 2']").click()
    steps = [step.name for step in made.steps if step.line == 2]
    keys = pictures.locator(".box").evaluate_all("boxes => boxes.map((box) => box.dataset.key)")
    assert set(keys) == {"line 1", "line 4", *steps}  # the sines of line 1 are read again
    page.keyboard.press("Home")
    for _ in range(next(k for k, step in enumerate(made.steps) if step.name == steps[0]) + 1):
        page.keyboard.press("ArrowRight")
    assert (
        pictures.locator(".box.now").evaluate_all("b => b.map((e) => e.dataset.key)") == steps[:1]
    )
    page.locator(".exactly[data-key=x]").fill("0.5")
    (value,) = [step.value for step in beside.steps if step.name == steps[0]]
    assert f"= {shown(value)}" in pictures.text_content()
    pictures.locator(".fold").focus()
    page.keyboard.press("Enter")
    assert pictures.locator(".box").count() == whole
    pictures.locator(".box[data-key='line 1']").focus()
    page.keyboard.press("Enter")
    assert "line 1" in pictures.text_content()


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_scrolls_in_one_direction(visit, width):
    for explanation in (explained(), sd.function("x**2/y").explain({"x": 3.0, "y": 2.0})):
        page = visit(explanation, width, 800, device_scale_factor=2)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width


COLOURS = """() => {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(['ink', 'soft', 'forward', 'backward', 'paper', 'ground', 'lit']
    .map((name) => [name, style.getPropertyValue('--' + name).trim()]));
}"""


def luminance(colour):
    """Of WCAG 2.2."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_are_told_from_their_ground(visit, scheme):
    page = visit(explained(), color_scheme=scheme)
    found = page.evaluate(COLOURS)
    for ink in ("ink", "soft", "forward", "backward"):
        for ground in ("paper", "ground", "lit"):
            low, high = sorted([luminance(found[ink]), luminance(found[ground])])
            assert (high + 0.05) / (low + 0.05) >= (4.5 if ground != "lit" else 3.0), (ink, ground)
    body = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    light = [int(part) for part in re.findall(r"\d+", body)]
    assert (sum(light) > 600) == (scheme == "light")


def test_each_control_has_a_name_and_paper_has_none(visit):
    page = visit(explained())
    nameless = page.evaluate("""() => [...document.querySelectorAll('button, input, select')]
      .filter((e) => !e.getAttribute('aria-label') && !e.textContent.trim() && !e.labels?.length)
      .map((e) => e.outerHTML)""")
    assert nameless == []
    page.keyboard.press("Home")
    page.emulate_media(media="print")
    for selector in ("#play", "#position", ".slide", "#mode", ".exactly"):
        assert not page.locator(selector).first.is_visible()
    page.wait_for_timeout(300)
    script = "cells => cells.map((cell) => getComputedStyle(cell).opacity)"
    page.wait_for_timeout(300)
    script = "cells => cells.map((cell) => getComputedStyle(cell).opacity)"
    opacity = page.eval_on_selector_all("tr.later > td", script)
    assert set(opacity) == {"1"}


def test_without_scripts_all_is_there(visit):
    page = visit(explained(), java_script_enabled=False)
    assert page.locator("#forward tbody tr").count() == len(explained().steps)
    assert not page.locator("#play").is_visible()
    assert json.loads(data_of(explained().html()))["isLive"]
