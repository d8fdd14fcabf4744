// The page: what is asked goes to the compiler's thread, and what comes back is shown.

const EXAMPLES = {
  "a power of a power": "(x**2)**3",
  "two variables": "x**2 + y**3",
  "Rosenbrock's valley": "(1 - x)**2 + 100*(y - x**2)**2",
  "a program": "t = x*y\nu = sin(t)\nwhere(x > 1, u*t, u)*x",
  "logistic loss": "p = 1/(1 + exp(-(w*x + b)))\n-y*log(p) - (1 - y)*log(1 - p)",
  "regression": "X: [N, 3]\nw: [3]\ny: [N]\nmean((X @ w - y)**2)",
  "a kink": "max(x, y)*abs(x)",
  "a branch": "if x > y:\n    z = x*y\nelse:\n    z = sin(y)\nz*x",
  "a loop": "s = 1.0\nfor k in range(4):\n    s = s*x + k\ns",
  "Newton's method": "y = x\nwhile abs(y*y - x) > 1e-10:\n    y = 0.5*(y + x/y)\ny",
  "a mistake": "2*tahn(x)",
};
const PAUSE = 400; // milliseconds without a key, after which the compiler is asked
const FIELDS = ["source", "verb", "target"];
const SUFFIXES = { c: "c" };

const at = (id) => document.getElementById(id);
let worker = null, isReady = false, isBusy = false, waiting = null; // one request at a time
let shown = null, timer = 0, point = {};

// --- the compiler's thread ---------------------------------------------------------------------

function start() {
  isReady = isBusy = false;
  at("loading").hidden = false;
  worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => {
    if ("stage" in data) {
      isReady = data.stage === "";
      say(data.stage || "Compiling");
    } else if ("failure" in data) {
      fail(`The compiler did not load: ${data.failure}`);
    } else if ("code" in data) {
      showCode(data.code);
    } else {
      showSteps(data.steps);
    }
  };
  worker.onerror = () => fail("The compiler did not load. Were the files built? See docs/try/build.py.");
  ask();
}

function fail(text) {
  at("loading").hidden = true;
  showError(text);
  say("");
}

function say(text) {
  at("status").textContent = text;
  at("stop").hidden = !isReady || text === "";
}

function ask() {
  clearTimeout(timer);
  const request = { lean: at("lean").checked, at: point };
  FIELDS.forEach((field) => { request[field] = at(field).value; });
  history.replaceState(null, "", `#${fragment(request)}`);
  waiting = request;
  send();
}

function send() {
  if (!isBusy && waiting !== null) {
    say(isReady ? "Compiling" : "Loading Python: 10 MB, once");
    worker.postMessage(waiting);
    isBusy = true;
    waiting = null;
  }
}

function finish() {
  isBusy = false;
  say("");
  send();
}

function askSoon() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

// --- the link ----------------------------------------------------------------------------------

function fragment({ source, verb, target, lean, at: numbers }) {
  const parts = new URLSearchParams({ source, verb, target, ...(lean ? {} : { whole: "" }) });
  for (const [name, value] of Object.entries(numbers)) {
    parts.append("at", `${name}=${JSON.stringify(value)}`);
  }
  return parts.toString();
}

function readFragment() {
  const parts = new URLSearchParams(location.hash.slice(1));
  for (const field of FIELDS) {
    const given = parts.get(field);
    const isKnown = field === "source" || [...at(field).options].some((option) => option.value === given);
    if (given !== null && isKnown) {
      at(field).value = given;
    }
  }
  at("source").value ||= EXAMPLES["two variables"];
  at("lean").checked = !parts.has("whole");
  point = {};
  for (const pair of parts.getAll("at")) {
    const [name, text] = pair.split("=");
    const value = numbersIn(text);
    if (value !== null) {
      point[name] = value;
    }
  }
}

/** The number, or the nested lists of numbers, that a text is; null for what is neither. */
function numbersIn(text) {
  const isOfNumbers = (value) => Array.isArray(value) ? value.every(isOfNumbers) : Number.isFinite(value);
  try {
    const found = JSON.parse(text);
    return isOfNumbers(found) ? found : null;
  } catch {
    return null;
  }
}

// --- what comes back ---------------------------------------------------------------------------

function showCode(answer) {
  at("loading").hidden = true;
  say("Explaining");
  if (answer.error) {
    showError(answer.error);
    finish();
    return;
  }
  shown = answer;
  at("error").hidden = true;
  at("found").classList.remove("stale", "empty");
  at("formula").innerHTML = answer.formula;
  at("code-text").textContent = answer.code;
  at("latex-text").textContent = answer.latex;
  at("operations").textContent = answer.operations;
  showPoint(answer.inputs);
}

function showSteps(answer) {
  shown = { ...shown, ...answer };
  at("steps-text").innerHTML = answer.steps;
  at("graph-picture").innerHTML = answer.graph;
  at("play").hidden = !answer.page;
  for (const why of document.querySelectorAll(".why")) {
    why.textContent = answer.notes;
    why.hidden = answer.notes === "";
  }
  finish();
}

function showError(text) {
  at("error").textContent = text;
  at("error").hidden = false;
  at("found").classList.add("stale");
}

function showPoint(inputs) {
  point = Object.fromEntries(Object.entries(point).filter(([name]) => name in inputs));
  const fields = at("point"), names = Object.keys(inputs);
  fields.hidden = names.length === 0;
  const standing = [...fields.querySelectorAll("input")].map((input) => input.dataset.name);
  if (standing.join() !== names.join()) {
    fields.querySelectorAll("label").forEach((label) => label.remove());
    names.forEach((name) => {
      const label = document.createElement("label");
      label.append(`${name} = `, fieldOf(name));
      fields.append(label);
    });
  }
  for (const input of fields.querySelectorAll("input")) {
    if (input !== document.activeElement) { // else it is typed into
      input.value = JSON.stringify(inputs[input.dataset.name]);
      input.size = Math.min(Math.max(input.value.length, 6), 40);
    }
  }
}

function fieldOf(name) {
  const input = document.createElement("input");
  input.dataset.name = name;
  input.addEventListener("input", () => {
    const value = numbersIn(input.value);
    input.setAttribute("aria-invalid", String(value === null));
    if (value !== null) {
      point = { ...point, [name]: value };
      askSoon();
    }
  });
  return input;
}

// --- controls ----------------------------------------------------------------------------------

function select(tab) {
  for (const other of document.querySelectorAll("[role=tab]")) {
    const isChosen = other === tab;
    other.setAttribute("aria-selected", String(isChosen));
    other.tabIndex = isChosen ? 0 : -1;
    at(other.getAttribute("aria-controls")).hidden = !isChosen;
  }
}

async function copy(text, button) {
  const before = button.textContent;
  await navigator.clipboard.writeText(text);
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = before; }, 1500);
}

function download() {
  const link = document.createElement("a");
  const suffix = SUFFIXES[at("target").value] || "py";
  link.href = URL.createObjectURL(new Blob([shown.code], { type: "text/plain" }));
  link.download = `${at("verb").value}.${suffix}`;
  link.click();
  URL.revokeObjectURL(link.href);
}

for (const [name, source] of Object.entries(EXAMPLES)) {
  at("examples").add(new Option(name, source));
}
at("examples").addEventListener("change", () => {
  at("source").value = at("examples").value || at("source").value;
  at("examples").value = "";
  point = {};
  ask();
});
at("source").addEventListener("input", askSoon);
at("asked").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
at("source").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    ask();
  }
});
["verb", "target", "lean"].forEach((id) => at(id).addEventListener("change", ask));
at("share").addEventListener("click", () => copy(location.href, at("share")));
at("stop").addEventListener("click", () => {
  worker.terminate();
  at("source").addEventListener("input", start, { once: true });
  say("");
  showError("Stopped. The compiler starts anew when you type.");
  isBusy = true; // until it starts
});
at("download").addEventListener("click", download);
at("play").addEventListener("click", () => {
  at("player-page").srcdoc = shown.page;
  at("player").showModal();
});
for (const button of document.querySelectorAll(".copy")) {
  button.addEventListener("click", () => copy(at(button.dataset.of).textContent, button));
}
const tabs = [...document.querySelectorAll("[role=tab]")];
tabs.forEach((tab, place) => {
  tab.addEventListener("click", () => select(tab));
  tab.addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (step) {
      const next = tabs[(place + step + tabs.length) % tabs.length];
      select(next);
      next.focus();
    }
  });
});
window.addEventListener("hashchange", () => { readFragment(); ask(); });

readFragment();
start();
