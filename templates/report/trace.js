// The trace at a point: values forward, cotangents backward, tangents forward, and what they show.

const DATA = JSON.parse(document.getElementById("data").textContent);

function read(values, step) {
  return step.reads.map((name) => values[name]);
}

function traced(point) {
  const values = { ...point };
  for (const step of DATA.steps) {
    values[step.name] = PROGRAMS[step.program].value(...read(values, step))[0];
  }
  const bars = Object.create(null), counts = Object.create(null), parts = Object.create(null);
  bars[DATA.output] = 1;
  counts[DATA.output] = true;
  for (const step of DATA.steps.toReversed ? DATA.steps.toReversed() : [...DATA.steps].reverse()) {
    if (!(step.name in bars)) {
      continue;
    }
    const given = PROGRAMS[step.program].pull(...read(values, step), bars[step.name], counts[step.name]);
    step.varied.forEach((place, number) => {
      const name = step.reads[place];
      parts[name] = [given[number], ...(parts[name] || [])];
      bars[name] = given[number] + (bars[name] ?? 0); // NaN stays
      counts[name] = Boolean(counts[name]) || given[step.varied.length + number];
    });
  }
  for (const name of DATA.wrt) {
    bars[name] = name in bars ? bars[name] : 0;
  }
  return { values, bars, parts };
}

function localDerivatives(values, step) {
  return PROGRAMS[step.program].pull(...read(values, step), 1, true);
}

function pushed(values, along, numbers) {
  const dots = Object.create(null);
  dots[along] = 1;
  for (const step of DATA.steps) {
    const carrying = step.varied.filter((place) => step.reads[place] in dots);
    if (!carrying.length) {
      continue;
    }
    const tangentFrom = (places) => {
      const tangents = step.varied.map((place) => places.includes(place) ? dots[step.reads[place]] : 0);
      return PROGRAMS[step.program].push(...read(values, step), ...tangents)[0];
    };
    dots[step.name] = tangentFrom(carrying);
    carrying.forEach((place, number) => {
      numbers[`push:${along}:${step.name}:${number}`] = tangentFrom([place]);
    });
  }
  for (const name in dots) {
    numbers[`dot:${along}:${name}`] = dots[name];
  }
}

// Every number that has a place in the page, by the name of the place.
function numbersAt(point) {
  const { values, bars, parts } = traced(point);
  const numbers = Object.create(null);
  for (const name in values) {
    numbers[`value:${name}`] = values[name];
  }
  for (const name in bars) {
    numbers[`bar:${name}`] = bars[name];
  }
  for (const name in parts) {
    parts[name].forEach((part, number) => { numbers[`part:${name}:${number}`] = part; });
  }
  for (const step of DATA.steps) {
    const local = localDerivatives(values, step);
    step.varied.forEach((place, number) => {
      numbers[`local:${step.name}:${step.reads[place]}`] = local[number];
    });
  }
  for (const along of DATA.wrt) {
    pushed(values, along, numbers);
  }
  return numbers;
}

// A number as Python writes it, or six digits of a long one.
function shown(number) {
  if (typeof number === "boolean") {
    return number ? "True" : "False";
  }
  if (!Number.isFinite(number)) {
    return Number.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
  }
  const size = Math.abs(number);
  const isFar = size >= 1e16 || (size > 0 && size < 1e-4);
  const whole = Object.is(number, -0) ? "-0.0" : isFar ? pythons(number.toExponential()) : Number.isInteger(number) ? `${number}.0` : `${number}`;
  if (whole.length <= 8) {
    return whole;
  }
  const rounded = number.toExponential(5), exponent = Number(rounded.split("e")[1]);
  return exponent < -4 || exponent >= 6 ? pythons(rounded) : trimmed(number.toFixed(5 - exponent));
}

// An exponent of two digits at least.
function pythons(text) {
  const [digits, exponent] = text.split("e");
  return `${trimmed(digits)}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function showNumbers(numbers) {
  for (const place of document.querySelectorAll("[data-v]")) {
    const slot = place.dataset.v;
    if (slot in numbers) {
      place.textContent = shown(numbers[slot]);
    }
  }
  for (const frame of document.querySelectorAll("[data-way]")) {
    const isTaken = shown(Boolean(numbers[frame.dataset.way])) === frame.dataset.first;
    frame.classList.toggle("untaken", !isTaken);
    const told = frame.querySelector("text:last-of-type"); // the outline has none
    if (told) {
      told.textContent = isTaken ? "taken" : "not taken";
    }
  }
}
