// What JavaScript's Math lacks, or computes otherwise than NumPy.

function power(base, exponent) {
  const isEndless = Math.abs(exponent) === Infinity && Math.abs(base) === 1;
  return base === 1 || isEndless ? 1 : Math.pow(base, exponent);
}

function copySign(x, y) {
  const isNegative = y < 0 || Object.is(y, -0);
  return isNegative ? -Math.abs(x) : Math.abs(x);
}

function remainder(a, b) {
  const r = a % b;
  return r === 0 ? copySign(0, b) : r < 0 !== b < 0 ? r + b : r;
}

function floorDivide(a, b) {
  if (b === 0) {
    return a / b;
  }
  const r = a % b;
  const q = (a - r) / b - (r !== 0 && r < 0 !== b < 0 ? 1 : 0);
  const whole = Math.floor(q);
  return q === 0 ? copySign(0, a / b) : q - whole > 0.5 ? whole + 1 : whole;
}

function exp2(x) {
  return Math.pow(2, x);
}

function exp10(x) {
  return Math.pow(10, x);
}

function logAddExp(a, b) {
  if (a === b) {
    return a + Math.LN2;
  }
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}

function logAddExp2(a, b) {
  const high = a > b ? a : b;
  const low = a > b ? b : a;
  return a === b ? a + 1 : high + Math.LOG2E * Math.log1p(exp2(low - high));
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function roundToEven(x) {
  const below = Math.floor(x);
  const part = x - below;
  const whole = part < 0.5 || (part === 0.5 && below % 2 === 0) ? below : below + 1;
  return Number.isFinite(x) ? copySign(whole, x) : x;
}

function clip(x, low, high) {
  return Math.min(Math.max(x, low), high);
}

function heaviside(x, h) {
  return x > 0 ? 1 : x < 0 ? 0 : x === 0 ? h : x;
}

function share(t, lost, tied) {
  return a < b ? 0 : a == b ? 0.5 * t : t;
}
