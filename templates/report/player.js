// The player, the sliders and the plots.

const byId = (id) => document.getElementById(id);
const START = Object.fromEntries(DATA.inputs.map((input) => [input.name, input.value]));
const point = { ...START };
const SOURCE = byId("source").textContent;
let places = [], position = 0, timer = null;

document.body.classList.add("live");

// --- the player ----------------------------------------------------------------------------------

// What is shown one after the other: `{rows, keys, arrows, step}`.
function placesOf(mode) {
  const rows = [...document.querySelectorAll(".walk")].find((table) => table.dataset.walk === mode).querySelectorAll("tr[data-key]");
  const carried = [...rows].map((row) => ({ row, key: row.dataset.key, step: Number(row.dataset.of) }));
  const values = [...document.querySelectorAll("#forward tr[data-step]")].map((row) => ({
    rows: [row], key: row.dataset.key, step: Number(row.dataset.step), arrows: "forward",
  }));
  const start = { rows: [], key: null, step: -1, arrows: "", text: "The inputs are given." };
  if (mode === "backward") {
    return [start, ...values, ...carried.map(({ row, key, step }) => ({ rows: [row], key, step, arrows: "backward" }))];
  }
  const tangents = new Map(carried.map(({ row, key }) => [key, row]));
  const seeds = carried.filter(({ step }) => step < 0).map(({ row, key, step }) => ({ rows: [row], key, step, arrows: "" }));
  return [start, ...seeds, ...values.map((place) => ({ ...place, rows: [...place.rows, ...(tangents.has(place.key) ? [tangents.get(place.key)] : [])] }))];
}

// A large graph has a box for a line of the source; a click on it shows its steps.
function shownPicture() {
  return document.querySelector("#graph .picture:not([hidden])");
}

function unfold(key) {
  for (const picture of document.querySelectorAll("#graph .picture")) {
    picture.hidden = picture.dataset.of !== key;
  }
  show(position);
}

function letUnfold(box) {
  box.setAttribute("role", "button");
  box.setAttribute("tabindex", "0");
  box.setAttribute("aria-label", `${box.dataset.key}: show its steps`);
  box.addEventListener("click", () => {
    unfold(box.dataset.key);
    shownPicture().querySelector(".fold").focus();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      box.dispatchEvent(new Event("click"));
    }
  });
}

const foldedKeys = new Set([...document.querySelectorAll("#graph [data-of]")].map((one) => one.dataset.of));
[...document.querySelectorAll("#graph .box")].filter((box) => foldedKeys.has(box.dataset.key)).forEach(letUnfold);
for (const button of document.querySelectorAll("#graph .fold")) {
  button.addEventListener("click", () => unfold(undefined));
}

const boxesOf = new Map([...document.querySelectorAll("#graph .picture")].map((picture) => [picture, [...picture.querySelectorAll(".box")]]));
const lineOf = new Map([...document.querySelectorAll("#forward tr[data-step]")].map((row) => [row.dataset.step, Number(row.dataset.line)]));

function boxOf(place) {
  if (place.key === null) {
    return null;
  }
  const line = lineOf.get(String(place.step)) || 0;
  const boxes = boxesOf.get(shownPicture());
  const holds = (box) => {
    const [, first, last] = box.dataset.key.match(/^lines? (\d+)(?: to (\d+))?$/) || [];
    return line ? first && Number(first) <= line && line <= Number(last || first) : box.dataset.key === "the function";
  };
  return boxes.find((box) => box.dataset.key === place.key) || boxes.find(holds) || null;
}

function show(next) {
  position = Math.min(Math.max(next, 0), places.length - 1);
  const place = places[position];
  const reached = new Set(places.slice(0, position + 1).flatMap((one) => one.rows));
  for (const row of document.querySelectorAll("tr[data-key]")) {
    row.classList.toggle("now", place.rows.includes(row));
    row.classList.toggle("later", !reached.has(row));
  }
  const passed = places.slice(0, position + 1).map((one) => [one, boxOf(one)]);
  const boxes = new Set(passed.map(([, box]) => box));
  const here = boxOf(place), mode = byId("mode").value;
  const taken = new Set(passed.filter(([one]) => one.key !== null).map(([one, box]) => `${one.arrows === "backward"} ${(box || { dataset: one }).dataset.key}`));
  for (const box of boxesOf.get(shownPicture())) {
    const isInput = box.dataset.key in START;
    box.classList.toggle("now", box === here);
    box.classList.toggle("later", !isInput && !boxes.has(box));
    for (const text of box.querySelectorAll(".bar")) {
      const isReached = [...reached].some((one) => one.closest(".walk") && one.dataset.key === box.dataset.key);
      text.classList.toggle("later", mode !== "backward" || !isReached);
    }
  }
  for (const arrow of shownPicture().querySelectorAll(".arrow")) {
    const isNow = place.arrows !== "" && arrow.classList.contains(place.arrows) && here !== null && arrow.dataset.to === here.dataset.key;
    arrow.classList.toggle("now", isNow);
    arrow.classList.toggle("later", !isNow && !taken.has(`${arrow.classList.contains("backward")} ${arrow.dataset.to}`));
  }
  lightSource(place);
  const says = place.rows.map((row) => row.querySelector(".says").innerHTML);
  byId("caption").innerHTML = says.length ? says.join("<br>") : place.text;
  byId("position").value = position;
  byId("position").setAttribute("aria-valuetext", `${position} of ${places.length - 1}`);
  if (here && position) {
    keepInSight(byId("graph"), here);
  }
  if (position === places.length - 1) {
    pause();
  }
}

function lightSource(place) {
  const span = place.step >= 0 ? DATA.steps[place.step].span : null;
  if (!span) {
    byId("source").textContent = SOURCE;
    return;
  }
  const mark = document.createElement("mark");
  mark.textContent = SOURCE.slice(span[0], span[1]);
  byId("source").replaceChildren(SOURCE.slice(0, span[0]), mark, SOURCE.slice(span[1]));
  keepInSight(byId("source"), mark);
}

// Scrolls inside of a panel, and never the page.
function keepInSight(panel, inside) {
  const outer = panel.getBoundingClientRect(), inner = inside.getBoundingClientRect();
  if (inner.top < outer.top || inner.bottom > outer.bottom) {
    panel.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
  }
}

function choose(mode) {
  for (const table of document.querySelectorAll(".walk")) {
    table.hidden = table.dataset.walk !== mode;
  }
  places = placesOf(mode);
  byId("position").max = places.length - 1;
  show(places.length - 1);
}

function label(text, icon) {
  byId("play").setAttribute("aria-label", text);
  byId("play").querySelector("path").setAttribute("d", icon);
}

function pause() {
  clearInterval(timer);
  timer = null;
  label("Play", "M5 4l11 6-11 6z");
}

function play() {
  if (position === places.length - 1) {
    show(0);
  }
  clearInterval(timer);
  timer = setInterval(() => show(position + 1), Number(byId("speed").value));
  label("Pause", "M6 4v12M13 4v12");
}

function toggle() {
  timer === null ? play() : pause();
}

function stepTo(next) {
  pause();
  show(next);
}

byId("to-start").onclick = () => stepTo(0);
byId("back").onclick = () => stepTo(position - 1);
byId("on").onclick = () => stepTo(position + 1);
byId("to-end").onclick = () => stepTo(places.length - 1);
byId("play").onclick = toggle;
byId("position").oninput = (event) => stepTo(Number(event.target.value));
byId("mode").onchange = (event) => { pause(); choose(event.target.value); };
byId("speed").onchange = () => { if (timer !== null) { play(); } };
document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-key]");
  const at = row ? places.findIndex((place) => place.rows.includes(row)) : -1;
  if (at >= 0) {
    stepTo(at);
  }
});
document.addEventListener("keydown", (event) => {
  const isTaken = event.target.closest("input, select, summary, a") || event.ctrlKey || event.altKey || event.metaKey;
  const keys = { ArrowRight: () => stepTo(position + 1), ArrowLeft: () => stepTo(position - 1), Home: () => stepTo(0), End: () => stepTo(places.length - 1) };
  if (event.key === " " && !event.target.closest("button, input, select, summary")) {
    event.preventDefault();
    toggle();
  } else if (!isTaken && event.key in keys) {
    event.preventDefault();
    keys[event.key]();
  }
});

// --- the sliders ---------------------------------------------------------------------------------

const REACH = 3;
const sliders = [...document.querySelectorAll(".slide")], boxes = [...document.querySelectorAll(".exactly")];

function move(name, value) {
  point[name] = value;
  document.body.classList.toggle("moved", DATA.inputs.some((input) => point[input.name] !== START[input.name]));
  sliders.filter((one) => one.dataset.key === name).forEach((one) => { one.value = value; });
  boxes.filter((one) => one.dataset.key === name && document.activeElement !== one).forEach((one) => { one.value = value; });
  showNumbers(numbersAt(point));
  requestAnimationFrame(drawPlot);
}

for (const slider of sliders) {
  const at = START[slider.dataset.key];
  const reach = Math.max(REACH, Math.abs(at));
  Object.assign(slider, { min: at - reach, max: at + reach, step: "any" });
  slider.value = at;
  slider.oninput = () => move(slider.dataset.key, Number(Number(slider.value).toPrecision(4)));
}
for (const box of boxes) {
  box.value = START[box.dataset.key];
  box.oninput = () => { if (box.value !== "") { move(box.dataset.key, Number(box.value)); } };
}
if (byId("reset")) {
  byId("reset").hidden = !sliders.length;
  byId("reset").onclick = () => Object.keys(START).filter((name) => START[name] !== null).forEach((name) => move(name, START[name]));
}

// --- the plots -----------------------------------------------------------------------------------

const numbers = DATA.wrt.filter((name) => START[name] !== null);
const COUNT = 201, CELLS = 41, ARROWS = 10;

function spaced(low, high, count) {
  return Array.from({ length: count }, (_, k) => low + (high - low) * k / (count - 1));
}

function around(name, count) {
  const reach = Math.max(REACH, Math.abs(START[name]));
  return spaced(START[name] - reach, START[name] + reach, count);
}

function sampled(names) {
  if (!DATA.isLive) {
    return DATA.samples;
  }
  const axes = names.map((name) => around(name, names.length === 1 ? COUNT : CELLS));
  const at = (given) => {
    const found = traced({ ...point, ...given });
    return [found.values[DATA.output], ...names.map((name) => found.bars[name])];
  };
  const found = names.length === 1
    ? axes[0].map((x) => at({ [names[0]]: x }))
    : axes[0].map((x) => axes[1].map((y) => at({ [names[0]]: x, [names[1]]: y })));
  const part = (k) => names.length === 1 ? found.map((one) => one[k]) : found.map((row) => row.map((one) => one[k]));
  return { names, axes, values: part(0), slopes: names.map((_, k) => part(k + 1)) };
}

function hereAt(name) {
  const place = [...document.querySelectorAll("#results [data-v]")].find((one) => one.dataset.v === `bar:${name}`);
  return DATA.isLive ? traced(point).bars[name] : Number(place.textContent);
}

function drawPlot() {
  const names = [byId("over-x").value, byId("over-y").value].filter(Boolean);
  const samples = names.length ? sampled(names) : null;
  byId("plot-panel").hidden = samples === null;
  if (samples === null) {
    return;
  }
  const height = DATA.isLive ? traced(point).values[DATA.output] : Number([...document.querySelectorAll("[data-v]")].find((one) => one.dataset.v === `value:${DATA.output}`).textContent);
  samples.names.length === 1 ? drawCurve(samples, height) : drawContours(samples);
}

function drawCurve(samples, height) {
  const [name] = samples.names, [xs] = samples.axes, slope = hereAt(name);
  const curve = xs.map((x, k) => [x, samples.values[k] ?? NaN]);
  const derivative = xs.map((x, k) => [x, curve[k].every(Number.isFinite) ? samples.slopes[0][k] ?? NaN : NaN]);
  const tangent = [xs[0], xs[xs.length - 1]].map((x) => [x, height + slope * (x - point[name])]);
  lineChart(byId("plot"), [
    { name: DATA.output, points: curve },
    { name: `tangent at ${name} = ${shown(point[name])}`, points: tangent, dash: "6 4", isLoose: true },
    { name: `d${DATA.output}/d${name}`, points: derivative, dash: "2 3" },
  ], { label: `${DATA.output} over ${name}, its tangent and its derivative`, labels: [name, DATA.output], dots: [[point[name], height]] });
}

function drawContours(samples) {
  const [xs, ys] = samples.axes, arrows = [];
  const every = Math.max(1, Math.floor(xs.length / ARROWS));
  for (let i = Math.floor(every / 2); i < xs.length; i += every) {
    for (let j = Math.floor(every / 2); j < ys.length; j += every) {
      arrows.push([xs[i], ys[j], samples.slopes[0][i][j] ?? NaN, samples.slopes[1][i][j] ?? NaN]);
    }
  }
  const sizes = arrows.map(([, , a, b]) => Math.hypot(a, b)).filter(Number.isFinite);
  const values = samples.values.map((row) => row.map((x) => x ?? NaN));
  const grid = { axes: samples.axes, values, arrows, steepest: Math.max(...sizes, 1e-300) };
  const [x, y] = samples.names;
  contourChart(byId("plot"), grid, { label: `contours of ${DATA.output} over ${x} and ${y}, with its gradient`, name: DATA.output, labels: [x, y], arrows: [[point[x], point[y], hereAt(x), hereAt(y)]] });
}

function drawErrors() {
  const found = DATA.errors[Number(byId("errors-by").value)];
  byId("errors-panel").hidden = !found;
  if (!found) {
    return;
  }
  const raised = (error) => error === null ? NaN : Math.max(error, 1e-17);
  // an error of 0 has no place on the axis, but for the emitted one
  const lines = Object.entries(found.methods).map(([name, errors]) => ({ name, hasDots: true, points: errors.map((error, k) => [found.steps[k], error || NaN]) }));
  const ends = [found.steps[found.steps.length - 1], found.steps[0]];
  lines.push({ name: "emitted derivative", points: ends.map((step) => [step, raised(found.emitted)]), dash: "6 4" });
  lineChart(byId("errors"), lines, { isLog: true, label: "relative error of differences over their step", labels: ["step", "relative error"] });
}

function options(select, pairs) {
  select.replaceChildren(...pairs.map(([value, text]) => Object.assign(document.createElement("option"), { value, textContent: text })));
}

const plotted = DATA.isLive ? numbers : DATA.samples ? DATA.samples.names : [];
options(byId("over-x"), plotted.map((name) => [name, name]));
options(byId("over-y"), [["", "nothing else"], ...plotted.map((name) => [name, name])]);
byId("over-y").value = plotted.length === 2 ? plotted[1] : "";
byId("over-x").disabled = byId("over-y").disabled = !DATA.isLive;
byId("over-y").closest("label").hidden = plotted.length < 2;
for (const [one, other] of [["over-x", "over-y"], ["over-y", "over-x"]]) {
  byId(one).onchange = () => {
    if (byId("over-x").value === byId("over-y").value) {
      byId(other).value = other === "over-y" ? "" : plotted.find((name) => name !== byId(one).value);
    }
    drawPlot();
  };
}
options(byId("errors-by"), DATA.errors.map((one, k) => [`${k}`, one.by]));
byId("errors-by").onchange = drawErrors;

choose(byId("mode").value);
drawPlot();
drawErrors();
