"""Page to type a formula into: its compiler on a NumPy in Python, and the page in a browser."""

import functools
import http.server
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import sympy as sp

import symdiff as sd

HOME = Path(__file__).parents[1] / "docs" / "try"

FORMULAS = {
    "x**2 + y**3": {"x": 3.0, "y": 2.0},
    "(x**2)**3": {"x": 2.0},
    "t = x*y\nu = sin(t)\nwhere(x > 1, u*t, u)*x": {"x": 1.5, "y": 0.5},
    "log(x)/x": {"x": 0.0},
    "sqrt(x)*x": {"x": -1.0},
    "1/x - abs(x)": {"x": 0.0},
    "exp(x)/(1 + exp(x))": {"x": 1000.0},
    "x**y": {"x": 0.0, "y": -1.0},
    "y**x": {"x": -0.5, "y": -2.0},
    "abs(x)*max(x, y) + min(x, y)": {"x": 1.0, "y": 1.0},
    "relu(x) + floor(x) + sign(x)": {"x": 0.0},
    "tanh(x)*arctan2(y, x) + hypot(x, y)": {"x": 1.0, "y": 2.0},
    "x % y + x // y + heaviside(x, 0.5)": {"x": 7.0, "y": 3.0},
    "logaddexp(x, y) + cbrt(x) + sinc(x)": {"x": 1.0, "y": 2.0},
    "x if x > 0 and y < 3 else y**2": {"x": -1.0, "y": 2.0},
    "clip(x, 0, 1) + arcsin(y) + log1p(x)": {"x": 0.5, "y": 0.25},
    "sqrt(x**2 + y**2)": {"x": 0.0, "y": 0.0},
}
ARRAYS_AND_STATEMENTS = (
    "X: [N, 3]\nw: [3]\ny: [N]\nmean((X @ w - y)**2)",
    "A: [3, 3]\nx: [3]\nx @ A @ x",
    "x: [4]\nlogsumexp(x)*x[0]",
    "w: [5]\nstd(w) + norm(w)",
    "[x, y] @ [y, x]",
    "W: [4, 3]\nb: [4]\nV: [2, 4]\nx: [3]\nh = tanh(W @ x + b)\nsum((V @ h)**2)",
    "A: [2, 2]\nb: [2]\nsum(solve(A + 4*eye(2), b))",
    "A: [2, 2]\nlog(det(A + A.T + 5*eye(2))) + eigvalsh(A)[0]",
    "x: [6]\nmax(x) + sort(x)[2] + cumsum(x)[3] + prod(x[1:3]) + median(x)",
    "x: [2, 3, 2]\nsum(x, axis=1)[1, 0]**2 + sum(x[:, 1:]*x[:, :-1]) + x.T[0, 1, 0]",
    "x: [3]\ny: [4]\nsum(where(x > 1, x**2, sin(x))) + sum(x[:, None]*y) + norm(outer(x, y))",
    "x: [5]\nk: int\nc: bool\nx[k]**2 if c else x[0]",
    "x: [4]\ninterp(1.5, [0, 1, 2, 3], x) + quantile(x, 0.3) + sum(convolve(x, x))",
    "if x > y:\n    z = x*y\nelse:\n    z = sin(y)\nz*x",
    "s = 1.0\nfor k in range(4):\n    s = s*x + k\ns",
    "y = x\nwhile abs(y*y - x) > 1e-10:\n    y = 0.5*(y + x/y)\ny",
    "x: [3]\ny = zeros(3)\nfor k in range(3): y[k] = x[k]**2\nif sum(y) > 1: y += 1\nsum(y*x)",
    "x: [N]\ns = 0\nfor v in x:\n    if v < 0.5:\n        continue\n    s = 0.5*s + v\ns**2",
    "A: [3, 3]\nx: [3]\ny = 1*x\nfor k in range(12):\n    y = tanh(A @ y)/2\nsum(y)",
    'assert x > 0, "x"\nif x > 3: return x**2\nlog(x)*y',
)
REFUSED = {
    "A: [2, 2]\ntrace(expm(A))": "np.frexp",
    "besselj(0, x)*erf(y)": "SciPy",
}
ASKED = """
import json, sys
import symdiff
from compiler import point_of
from symdiff.console import json_data
found = []
for text, at in json.load(sys.stdin).items():
    made = symdiff.function(text)
    at = point_of(made, at)
    steps = json_data(made.explain(at).to_dict())
    found.append([made.value_and_grad().emit(), at, steps])
print(json.dumps(found))
"""


def in_a_browsers_python(script, given):
    """What a script prints as JSON where NumPy is the page's own."""
    paths = os.pathsep.join([str(HOME / "python"), str(HOME.parents[1])])
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(given),
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


def numbers_apart(ours, theirs, path=()):
    """Where two structures differ, but for the last digits of numbers and what errors are."""
    if isinstance(ours, dict):
        assert ours.keys() == theirs.keys()
        return [p for key in ours for p in numbers_apart(ours[key], theirs[key], (*path, key))]
    if isinstance(ours, list):
        assert len(ours) == len(theirs)
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [p for k, pair in pairs for p in numbers_apart(*pair, (*path, k))]
    if path[-1] in ("differences", "exact"):
        same = (ours is None) == (theirs is None) and abs((ours or 0.0) - (theirs or 0.0)) < 1e-8
    elif isinstance(ours, float) and isinstance(theirs, float):
        same = ours == pytest.approx(theirs, rel=1e-13, abs=1e-15, nan_ok=True)
    else:
        same = ours == theirs
    return [] if same else [(path, ours, theirs)]


def test_code_and_steps_are_those_that_numpy_gives():
    from symdiff.console import json_data

    texts = {**FORMULAS, **{text: {} for text in ARRAYS_AND_STATEMENTS}}
    for text, (code, at, ours) in zip(texts, in_a_browsers_python(ASKED, texts), strict=True):
        made = sd.function(text)
        assert code == made.value_and_grad().emit(), text
        found = json.loads(json.dumps(json_data(made.explain(at).to_dict())))
        assert numbers_apart(ours, found) == [], text


ANSWERED = """
import json, sys
from compiler import compiled, explained
usual = {"verb": "grad", "target": "numpy", "lean": True, "at": {}}
asked = [json.dumps(usual | one) for one in json.load(sys.stdin)]
print(json.dumps([[json.loads(f(one)) for f in (compiled, explained)] for one in asked]))
"""


def test_what_the_page_is_told():
    asked = [
        {"source": "x**2*y", "at": {"y": 5.0}},
        {"source": "2*tahn(x)"},
        {"source": "w: [3]\nsum(w**2)", "at": {"w": [1.0, 2.0, 4.0]}},
        {"source": "t = x\nfor i in range(3): t = t*t\nt"},
        {"source": "x*y", "verb": "hessian", "target": "c"},
        {"source": "t = x*y\nwhere(x > 1, sin(t)*t, t)"},
        {"source": ""},
        {"source": "w: [3]\nsum(w)", "at": {"w": [1.0]}},
        *[{"source": source} for source in REFUSED],
    ]
    whole, bad, arrays, loop, of_c, branch, empty, short, *refused = in_a_browsers_python(
        ANSWERED, asked
    )
    code, steps = whole
    assert code["inputs"] == {"x": 2.0, "y": 5.0}
    scope = {}
    exec(code["code"], scope)
    assert scope["grad"](3.0, 4.0) == (24.0, 9.0)
    assert code["latex"] == sd.function("x**2*y").grad().latex()
    assert "<math" in code["formula"]
    assert "20.0" in steps["steps"]  # df/dx at the point
    assert "<svg" in steps["graph"]
    assert "<!DOCTYPE html>" in steps["page"]
    with pytest.raises(sd.ParseError) as caught:
        sd.function("2*tahn(x)")
    assert bad[0]["error"] == f"error: {caught.value}"
    assert "^^^^" in bad[0]["error"]
    assert "def grad" in arrays[0]["code"]
    assert arrays[0]["inputs"] == {"w": [1.0, 2.0, 4.0]}
    for (_, steps), number in ((arrays, "8.0"), (loop, "1024.0")):
        assert number in steps["steps"]  # the derivative by w[2], and 8*x**7 at 2
        assert "<svg" in steps["graph"]
        assert "<!DOCTYPE html>" in steps["page"]
        assert steps["notes"] == ""
    assert "expected the shape (3,)" in short[1]["notes"]
    for (_, none), lacks in zip(refused, REFUSED.values(), strict=True):
        assert none["notes"].startswith("this page has no ")
        assert lacks in none["notes"]
        assert "in a terminal it works" in none["notes"]
        assert none["steps"] == ""
    assert "hessian[1] = 1.0;" in of_c[0]["code"]
    assert 'class="frame"' in branch[1]["graph"]
    assert ">taken<" in branch[1]["graph"]
    assert "the formula is empty" in empty[0]["error"]


# --- in a browser --------------------------------------------------------------------------------

BROWSER = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
in_a_browser = pytest.mark.skipif(
    BROWSER is None or importlib.util.find_spec("playwright") is None,
    reason="Chromium or Playwright is not installed",
)
built = pytest.mark.skipif(
    not (HOME / "runtime" / "packages.zip").exists(), reason="docs/try/build.py was not run"
)
PATIENCE = 100_000  # milliseconds: a busy machine takes long to read Python


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    handler = functools.partial(Quiet, directory=HOME)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def page(address):
    """The page at a link; in the end nothing may stand in its log, or come from elsewhere."""
    from playwright.sync_api import sync_playwright

    said = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        opened = context.new_page()
        opened.set_default_timeout(PATIENCE)
        opened.on("console", lambda message: said.append(message.text))
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.on("request", lambda asked: said.append(asked.url))
        asked = urlencode({"source": "x**2*y", "verb": "grad", "target": "python", "at": "y=5"})
        opened.goto(f"{address}#{asked}")
        yield opened
        browser.close()
    home = address.rpartition("/")[0]
    assert [text for text in said if not text.startswith((home, "blob:", "about:", "data:"))] == []


def settled(page):
    """Wait until nothing is on its way."""
    page.wait_for_function("() => document.getElementById('status').textContent === ''")


def write(page, text):
    page.fill("#source", text)
    page.keyboard.press("Control+Enter")
    settled(page)


@built
@in_a_browser
def test_a_link_is_opened(page):
    settled(page)
    code = page.inner_text("#code-text")
    scope = {}
    exec(code, scope)
    assert "numpy" not in code
    assert scope["grad"](3.0, 4.0) == (24.0, 9.0)
    assert page.input_value("#point input[data-name=y]") == "5"
    assert page.locator("#formula math").count() == 1
    page.click("#tab-steps")
    assert "20.0" in page.inner_text("#steps-text")
    page.keyboard.press("ArrowRight")
    assert page.locator("#graph-picture svg").is_visible()
    page.click("#tab-latex")
    assert page.inner_text("#latex-text").strip() == sd.function("x**2*y").grad().latex()
    page.click("#tab-code")


@built
@in_a_browser
def test_a_program_is_typed_and_its_point_moved(page):
    text = "t = x*y\nsin(t)*x"
    write(page, text)
    page.fill("#point input[data-name=x]", "0.5")
    page.wait_for_function("() => location.hash.includes('at=x')")
    settled(page)
    x, y = sp.symbols("x y")
    slope = sp.diff(sp.sin(x * y) * x, x).subs({x: 0.5, y: 5.0}).evalf(6)
    page.click("#tab-steps")
    steps = "".join(page.inner_text("#steps-text").split()).replace("\u2212", "-")
    assert str(slope) in steps  # MathML has another sign, and each part on a line
    page.click("#play")
    frame = page.frame_locator("#player-page")
    frame.locator(".exactly[data-key=y]").fill("1.25")
    slope = sp.diff(sp.sin(x * y) * x, x).subs({x: 0.5, y: 1.25}).evalf(6)
    frame.locator("[data-v='bar:x']", has_text=str(slope)).first.wait_for()
    page.click("#player button")
    page.click("#share")
    link = page.evaluate("() => navigator.clipboard.readText()")
    parts = parse_qs(urlsplit(link).fragment)
    assert parts["source"] == [text]
    assert set(parts["at"]) == {"x=0.5", "y=5"}


@built
@in_a_browser
def test_a_mistake_has_its_caret_and_is_mended(page):
    page.click("#tab-code")
    write(page, "2*tahn(x)")
    shown = page.inner_text("#error").splitlines()
    assert shown[1:3] == ["  line 1 |  2*tahn(x)", "         |    ^^^^"]
    write(page, "2*tanh(x)")
    assert not page.locator("#error").is_visible()
    page.select_option("#target", "c")
    settled(page)
    assert "tanh(x)" in page.inner_text("#code")
    with page.expect_download() as found:
        page.click("#download")
    assert found.value.suggested_filename == "grad.c"


@built
@in_a_browser
def test_controls_have_names_and_a_phone_scrolls_in_one_direction(page):
    nameless = page.evaluate("""() =>
      [...document.querySelectorAll('button, input, select, textarea')]
      .filter((e) => !e.getAttribute('aria-label') && !e.textContent.trim() && !e.labels?.length)
      .map((e) => e.outerHTML)""")
    assert nameless == []
    page.set_viewport_size({"width": 360, "height": 740})
    for view in ("code", "steps", "graph", "latex"):
        page.click(f"#tab-{view}")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    page.emulate_media(color_scheme="dark")
    ground = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, ground[4:-1].split(","))) < 150


@built
@in_a_browser
def test_what_takes_long_can_be_stopped(page):
    page.fill("#source", " + ".join(f"sin({k}*x)*cos({k}*y)" for k in range(3_000)))
    page.keyboard.press("Control+Enter")
    page.click("#stop")
    assert "Stopped" in page.inner_text("#error")
    write(page, "x**3")
    assert "x*x" in page.inner_text("#code-text").replace(" ", "")
    assert not page.locator("#error").is_visible()
