// Charts as SVG: lines on linear or logarithmic axes, and contours with the gradient.

const WIDTH = 560, HEIGHT = 340, LEFT = 62, RIGHT = 14, TOP = 10, BOTTOM = 44;
const COLOURS = ["var(--forward)", "var(--backward)", "#009E73", "#CC79A7"];
// from dark to light in every kind of sight (J. Nuñez, C. Anderton and R. Renslow, cividis, 2018)
const SHADES = [[0, 32, 77], [59, 73, 108], [112, 113, 115], [165, 156, 116], [255, 234, 70]];

function element(tag, attributes, ...inside) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const name in attributes) {
    made.setAttribute(name, attributes[name]);
  }
  made.append(...inside);
  return made;
}

function empty(label) {
  return element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label });
}

// A scale from numbers to pixels, with the numbers that stand beside the axis.
function scaled(numbers, from, to, isLog) {
  const known = numbers.filter((x) => Number.isFinite(x) && (!isLog || x > 0));
  const turn = isLog ? Math.log10 : (x) => x;
  let low = known.length ? Math.min(...known.map(turn)) : 0;
  let high = known.length ? Math.max(...known.map(turn)) : 1;
  if (high - low < 1e-9 * Math.max(1, Math.abs(high))) {
    low -= 1;
    high += 1;
  }
  const scale = (x) => from + (to - from) * (turn(x) - low) / (high - low);
  const ticks = (isLog ? decades(low, high) : rounds(low, high)).filter((x) => turn(x) >= low - 1e-9 && turn(x) <= high + 1e-9);
  return { scale, ticks };
}

function rounds(low, high) {
  const rough = (high - low) / 6;
  const unit = Math.pow(10, Math.floor(Math.log10(rough)));
  const step = unit * [1, 2, 5, 10].find((factor) => factor * unit >= rough);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, k) => (first + k) * step);
}

function decades(low, high) {
  const every = Math.max(1, Math.ceil((high - low) / 7));
  const first = Math.ceil(low / every);
  return Array.from({ length: Math.max(0, Math.floor(high / every) - first + 1) }, (_, k) => Math.pow(10, (first + k) * every));
}

function tickText(x) {
  return Math.abs(x) >= 1e5 || (x !== 0 && Math.abs(x) < 1e-3) ? x.toExponential(0).replace("e+", "e") : `${Number(x.toPrecision(6))}`;
}

function axes(svg, x, y, labels) {
  for (const tick of x.ticks) {
    const at = x.scale(tick);
    svg.append(element("line", { class: "grid", x1: at, x2: at, y1: TOP, y2: HEIGHT - BOTTOM }));
    svg.append(element("text", { x: at, y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, tickText(tick)));
  }
  for (const tick of y.ticks) {
    const at = y.scale(tick);
    svg.append(element("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: at, y2: at }));
    svg.append(element("text", { x: LEFT - 6, y: at + 4, "text-anchor": "end" }, tickText(tick)));
  }
  svg.append(element("rect", { class: "axis", x: LEFT, y: TOP, width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM }));
  svg.append(element("text", { x: (WIDTH + LEFT - RIGHT) / 2, y: HEIGHT - 8, "text-anchor": "middle" }, labels[0]));
  svg.append(element("text", { x: 14, y: (HEIGHT - BOTTOM + TOP) / 2, "text-anchor": "middle", transform: `rotate(-90 14 ${(HEIGHT - BOTTOM + TOP) / 2})` }, labels[1]));
}

function path(points, x, y) {
  let text = "", isOn = false;
  for (const [u, v] of points) {
    const isKnown = Number.isFinite(u) && Number.isFinite(v);
    if (isKnown) {
      text += `${isOn ? "L" : "M"}${x.scale(u).toFixed(1)} ${y.scale(v).toFixed(1)}`;
    }
    isOn = isKnown;
  }
  return text;
}

// Lines `{name, points, dash}`; `options` are the labels, `isLog`, and dots `[x, y]`.
function lineChart(place, lines, options) {
  const svg = empty(options.label);
  const all = lines.filter((line) => !line.isLoose).flatMap((line) => line.points);
  const x = scaled(all.map((p) => p[0]), LEFT, WIDTH - RIGHT, options.isLog);
  const y = scaled(trimmedRange(all.map((p) => p[1]), options.isLog), HEIGHT - BOTTOM, TOP, options.isLog);
  axes(svg, x, y, options.labels);
  const clip = `clip-${place.id}`;
  svg.append(element("clipPath", { id: clip }, element("rect", { x: LEFT, y: TOP, width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM })));
  const entries = lines.map((line, number) => {
    const stroke = COLOURS[number % COLOURS.length];
    svg.append(element("path", { d: path(line.points, x, y), stroke, fill: "none", "stroke-width": 2, "stroke-dasharray": line.dash || "", "clip-path": `url(#${clip})` }));
    if (line.hasDots) {
      for (const [u, v] of line.points.filter((p) => p.every(Number.isFinite))) {
        svg.append(element("circle", { cx: x.scale(u).toFixed(1), cy: y.scale(v).toFixed(1), r: 2.5, fill: stroke }));
      }
    }
    const sample = element("svg", { width: 26, height: 10, "aria-hidden": "true" }, element("line", { x1: 0, x2: 26, y1: 5, y2: 5, stroke, "stroke-width": 2, "stroke-dasharray": line.dash || "" }));
    const entry = document.createElement("span");
    entry.append(sample, ` ${line.name}`);
    return entry;
  });
  document.getElementById(`${place.id}-key`).replaceChildren(...entries);
  for (const [u, v] of (options.dots || []).filter((dot) => dot.every(Number.isFinite))) {
    svg.append(element("circle", { cx: x.scale(u), cy: y.scale(v), r: 5, fill: "var(--backward)", stroke: "var(--paper)", "clip-path": `url(#${clip})` }));
  }
  place.replaceChildren(svg);
}

// Without the few largest of numbers that grow without bound beside a pole.
function trimmedRange(numbers, isLog) {
  const known = numbers.filter(Number.isFinite).sort((a, b) => a - b);
  if (isLog || known.length < 50) {
    return known;
  }
  const [low, high] = [0.03, 0.97].map((part) => known[Math.floor(part * (known.length - 1))]);
  const room = 1.5 * (high - low);
  return known.filter((x) => x >= low - room && x <= high + room);
}

// How many of sorted numbers are below one.
function below(sorted, value) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function shade(part) {
  const at = Math.min(Math.max(part, 0), 1) * (SHADES.length - 1);
  const first = Math.min(Math.floor(at), SHADES.length - 2);
  const mixed = SHADES[first].map((c, k) => Math.round(c + (SHADES[first + 1][k] - c) * (at - first)));
  return `rgb(${mixed.join(",")})`;
}

// Contours of values on a grid, arrows of the gradient, and the point with its own arrow.
function contourChart(place, grid, options) {
  const svg = empty(options.label);
  const [xs, ys] = grid.axes;
  const x = scaled(xs, LEFT, WIDTH - RIGHT, false), y = scaled(ys, HEIGHT - BOTTOM, TOP, false);
  // shades and levels part the points into equal shares, so that valleys beside walls are seen
  const known = grid.values.flat().filter(Number.isFinite).sort((a, b) => a - b);
  const share = (value) => below(known, value) / Math.max(1, known.length - 1);
  const wide = (x.scale(xs[1]) - x.scale(xs[0])) + 0.6, tall = (y.scale(ys[0]) - y.scale(ys[1])) + 0.6;
  for (let i = 0; i + 1 < xs.length; i++) {
    for (let j = 0; j + 1 < ys.length; j++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]].map(([a, b]) => grid.values[a][b]);
      const mean = corners.reduce((a, b) => a + b, 0) / 4;
      if (corners.every(Number.isFinite)) {
        svg.append(element("rect", { x: x.scale(xs[i]).toFixed(1), y: y.scale(ys[j + 1]).toFixed(1), width: wide.toFixed(1), height: tall.toFixed(1), fill: shade(share(mean)) }));
      }
    }
  }
  for (let level = 1; level < 12; level++) {
    const text = contour(grid, known[Math.floor(known.length * level / 12)], x, y);
    svg.append(element("path", { d: text, stroke: "#ffffff", "stroke-opacity": 0.55, fill: "none" }));
  }
  axes(svg, x, y, options.labels);
  for (const [u, v, a, b, isHere] of [...grid.arrows, ...(options.arrows || []).map((arrow) => [...arrow, true])]) {
    const size = Math.hypot(a, b);
    if (Number.isFinite(size) && size > 0) {
      const long = (isHere ? 34 : 4 + 12 * Math.sqrt(size / grid.steepest)) / size;
      svg.append(arrow(x.scale(u), y.scale(v), a * long, -b * long, isHere));
    }
    if (isHere) {
      svg.append(element("circle", { cx: x.scale(u), cy: y.scale(v), r: 5, fill: "#d55e00", stroke: "#ffffff" }));
    }
  }
  const ends = [known[0], known[known.length - 1]].map((end) => tickText(Number((end ?? NaN).toPrecision(3))));
  document.getElementById(`${place.id}-key`).textContent = `${options.name} from ${ends[0]} (dark) to ${ends[1]} (light); between two lines lies a twelfth of the points`;
  place.replaceChildren(svg);
}

function arrow(x, y, dx, dy, isHere) {
  const size = Math.hypot(dx, dy), tip = Math.min(7, size / 2);
  const [ux, uy] = [dx / size, dy / size];
  const end = [x + dx, y + dy], back = [end[0] - tip * ux, end[1] - tip * uy];
  const sides = [-1, 1].map((side) => `${back[0] - side * uy * tip / 2} ${back[1] + side * ux * tip / 2}`);
  const text = `M${x} ${y}L${end[0]} ${end[1]}M${sides[0]}L${end[0]} ${end[1]}L${sides[1]}`;
  return element("g", {}, element("path", { d: text, fill: "none", stroke: "#000000", "stroke-width": isHere ? 5 : 3, "stroke-opacity": 0.7 }), element("path", { d: text, fill: "none", stroke: isHere ? "#ff9d5c" : "#ffffff", "stroke-width": isHere ? 2.5 : 1.3 }));
}

// Marching squares: in each cell a line between the edges that the level crosses.
function contour(grid, level, x, y) {
  const [xs, ys] = grid.axes;
  let text = "";
  for (let i = 0; i + 1 < xs.length; i++) {
    for (let j = 0; j + 1 < ys.length; j++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const heights = corners.map(([a, b]) => grid.values[a][b] - level);
      if (!heights.every(Number.isFinite)) {
        continue;
      }
      const met = [];
      corners.forEach(([a, b], k) => {
        const [c, d] = corners[(k + 1) % 4], g = heights[k], h = heights[(k + 1) % 4];
        if (g < 0 !== h < 0) {
          const part = g / (g - h);
          met.push([xs[a] + (xs[c] - xs[a]) * part, ys[b] + (ys[d] - ys[b]) * part]);
        }
      });
      for (let k = 0; k + 1 < met.length; k += 2) {
        text += `M${x.scale(met[k][0]).toFixed(1)} ${y.scale(met[k][1]).toFixed(1)}L${x.scale(met[k + 1][0]).toFixed(1)} ${y.scale(met[k + 1][1]).toFixed(1)}`;
      }
    }
  }
  return text;
}
