// @ts-check
// A small chart of the last minutes: one or two lines over time. What it shows stands beside it in figures.

/** How much of the past is shown. */
const SHOWN_MS = 300_000;
/** A line is broken where nothing was heard for longer than this. */
const GAP_MS = 5_000;
/** The drawing's own units. */
const [WIDTH, HEIGHT] = [300, 100];
const SVG = "http://www.w3.org/2000/svg";

/** The smallest round number that is not below another one. @param {number} value */
function roundUp(value) {
  if (!(value > 0)) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(value));
  // The last factor is there for what rounding errors leave above the others.
  return ([1, 2, 3, 4, 5, 6, 8, 10].find((factor) => factor * magnitude >= value) ?? 10) * magnitude;
}

/** @typedef {{ at: number, value: number | null }} Point `at` is in milliseconds; there is a gap where there is no value */

/**
 * The parts of a line that have no gap, as places within the drawing.
 * @param {Point[]} points
 * @param {number} now
 * @param {number} top
 */
function parts(points, now, top) {
  /** @type {[number, number][][]} */
  const found = [];
  let last = -Infinity;
  for (const { at, value } of points) {
    if (value === null) continue;
    if (at - last > GAP_MS) found.push([]);
    last = at;
    const x = WIDTH * (1 - (now - at) / SHOWN_MS);
    const y = HEIGHT * (1 - Math.min(value, top) / top);
    found.at(-1)?.push([Number(x.toFixed(2)), Number(y.toFixed(2))]);
  }
  return found;
}

/** @param {string} name @param {Record<string, string>} attributes */
function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

export class Sparkline {
  /** @type {Map<string, Point[]>} */
  #series;

  /**
   * @param {HTMLElement} figure with the names of its series in `data-chart`
   * @param {(value: number) => string} write how the top of its scale is written
   * @param {number} least the least top of the scale, so that next to nothing looks like next to nothing
   * @param {number} unit what the scale is round in
   */
  constructor(figure, write, least, unit) {
    this.figure = figure;
    this.write = write;
    this.least = least;
    this.unit = unit;
    this.#series = new Map((figure.dataset.chart ?? "").split(" ").map((name) => [name, []]));
  }

  /** @param {number} at @param {Record<string, number | null | undefined>} values */
  add(at, values) {
    for (const [name, points] of this.#series) {
      points.push({ at, value: values[name] ?? null });
      while ((points[0]?.at ?? Infinity) < at - SHOWN_MS) points.shift();
    }
  }

  clear() {
    for (const name of this.#series.keys()) this.#series.set(name, []);
  }

  /** @param {number} now */
  draw(now) {
    const svg = this.figure.querySelector("svg");
    const top = this.figure.querySelector(".spark-top");
    if (!svg || !top) return;
    const values = [...this.#series.values()].flat().map(({ value }) => value ?? 0);
    // What took longer than can be told is drawn at the top.
    const greatest = this.unit * roundUp(Math.max(this.least, ...values.filter(Number.isFinite)) / this.unit);
    top.textContent = this.write(greatest);
    const drawn = [];
    // A rule for every minute.
    for (let minute = 1; minute < 5; minute += 1) {
      const x = String((WIDTH * minute) / 5);
      drawn.push(element("line", { class: "minute", x1: x, y1: "0", x2: x, y2: String(HEIGHT) }));
    }
    for (const [place, points] of [...this.#series.values()].entries()) {
      for (const part of parts(points, now, greatest)) {
        const line = part.map(([x, y]) => `${x},${y}`).join(" ");
        const [from, to] = [part[0]?.[0] ?? 0, part.at(-1)?.[0] ?? 0];
        if (place === 0) drawn.push(element("polygon", { class: "area", points: `${from},${HEIGHT} ${line} ${to},${HEIGHT}` }));
        drawn.push(element("polyline", { class: `line is-${place + 1}`, points: line }));
      }
    }
    svg.replaceChildren(...drawn);
    this.figure.hidden = false;
  }
}
