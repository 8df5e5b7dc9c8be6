// One chart card: the newest value, the line over time with its reference range, and the table behind it.

import { h, put, s } from "./dom.mjs";
import { formatDay, formatMoment, formatNumber, formatTick, formatTime } from "./format.mjs";
import { latest } from "./observations.mjs";
import { linePath, nearest, niceTicks, round, scale, timeRange, timeTicks, valueRange } from "./plot.mjs";

const HEIGHT = 168;
const EDGE = { top: 10, right: 14, bottom: 24, left: 44 };
let serial = 0;

/** The card for one chart of `observations.group`. */
export function chartCard(chart) {
  const id = `chart-${(serial += 1)}`;
  const readout = h("p", { class: "readout" });
  const card = h("section", { class: "card chart", "aria-labelledby": `${id}-title`, "data-title": chart.title },
    h("header", { class: "chart-head" },
      h("h3", { id: `${id}-title` }, chart.title, chart.unit && h("span", { class: "unit" }, ` ${chart.unit}`)),
      readout,
      chart.lines.length > 1 && legend(chart)),
  );
  tell(readout, chart, latest(chart.lines[0]).at);
  if (times(chart).length > 1) card.append(plot(chart, readout));
  card.append(table(chart));
  // Whoever points at it, reads it by keyboard or opens its table looks at it; scrolling past is no look.
  const looked = () => document.dispatchEvent(new CustomEvent("chart-looked-at", { detail: chart.title }));
  for (const sign of ["pointerdown", "focusin"]) card.addEventListener(sign, looked);
  return card;
}

function legend(chart) {
  return h("ul", { class: "legend", "aria-hidden": "true" }, chart.lines.map((line, index) =>
    h("li", { class: `series-${index + 1}` }, s("svg", { width: 22, height: 8 }, s("path", { class: "line", d: "M1 4H21" })), line.name)));
}

/** Shows the values of one moment; the newest when nobody points anywhere. */
function tell(readout, chart, at) {
  const points = chart.lines.map((line) => line.points.find((point) => point.at === at)).filter(Boolean);
  const flags = [...new Set(points.map((point) => point.flag).filter(Boolean))];
  put(readout,
    h("strong", {}, points.map((point) => formatNumber(point.value)).join("/")),
    flags.map((flag) => flagMark(flag)),
    h("time", { datetime: new Date(at).toISOString() }, formatDay(at)));
}

/** High and low are told in words and by shape, never by colour alone. */
function flagMark(flag) {
  return h("span", { class: `flag ${flag}` }, flag === "high" ? "▲ High" : "▼ Low");
}

function plot(chart, readout) {
  const frame = h("div", {
    class: "plot", tabindex: "0", role: "group",
    "aria-label": `${chart.title} over time, ${times(chart).length} values. Use the left and right arrow keys to read them.`,
  });
  const live = h("p", { class: "visually-hidden", "aria-live": "polite" });
  let drawn = null;
  let width = 0;
  const draw = () => {
    const next = Math.floor(frame.clientWidth);
    if (next < 120 || next === width) return;
    width = next;
    frame.querySelector("svg")?.remove();
    drawn = drawing(chart, width);
    frame.prepend(drawn.svg);
  };
  new ResizeObserver(draw).observe(frame);
  const show = (at, aloud) => {
    tell(readout, chart, at);
    drawn?.point(at);
    if (aloud) live.textContent = `${formatMoment(at)}: ${readout.querySelector("strong").textContent} ${chart.unit}`;
  };
  followPointer(frame, chart, () => drawn, show);
  followKeys(frame, chart, show);
  frame.append(live);
  return frame;
}

function followPointer(frame, chart, drawn, show) {
  const all = times(chart);
  const leave = () => {
    show(all[all.length - 1], false);
    drawn()?.point(null);
  };
  const move = (event) => {
    if (drawn()) show(nearest(all, drawn().moment(event.clientX - frame.getBoundingClientRect().left)), false);
  };
  frame.addEventListener("pointermove", move);
  frame.addEventListener("pointerdown", move);
  frame.addEventListener("pointerleave", leave);
  frame.addEventListener("blur", leave);
}

function followKeys(frame, chart, show) {
  const all = times(chart);
  let index = all.length - 1;
  const to = { ArrowLeft: () => index - 1, ArrowRight: () => index + 1, Home: () => 0, End: () => all.length - 1 };
  frame.addEventListener("focus", () => {
    if (frame.matches(":focus-visible")) show(all[index], false);
  });
  frame.addEventListener("keydown", (event) => {
    if (!(event.key in to)) return;
    event.preventDefault();
    index = Math.min(all.length - 1, Math.max(0, to[event.key]()));
    show(all[index], true);
  });
}

/** The SVG at one width, with a way to point at a moment and to find the moment under a pixel. */
function drawing(chart, width) {
  const time = timeRange(chart.lines);
  const ticks = niceTicks(...valueRange(chart.lines, chart.unit));
  const x = scale(time, [EDGE.left, width - EDGE.right]);
  const y = scale([ticks[0], ticks[ticks.length - 1]], [HEIGHT - EDGE.bottom, EDGE.top]);
  const pointer = s("g", { class: "pointer" });
  const svg = s("svg", { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": "true", focusable: "false" },
    chart.lines.length === 1 && band(chart.lines[0], [ticks[0], ticks[ticks.length - 1]], width, y),
    ticks.map((tick) => gridLine(tick, width, y)),
    timeTicks(time, width - EDGE.left - EDGE.right).map((at, index, all) => timeLabel(at, x, anchor(index, all.length), time[1] - time[0])),
    chart.lines.map((line, index) => series(line, index, x, y)),
    pointer);
  return { svg, moment: (pixel) => scale([EDGE.left, width - EDGE.right], time)(pixel), point: (at) => pointAt(pointer, chart, at, x, y) };
}

function band(line, [min, max], width, y) {
  const { low, high } = latest(line);
  if (low === null && high === null) return null;
  const top = y(Math.min(high ?? max, max));
  const bottom = y(Math.max(low ?? min, min));
  if (bottom <= top) return null;
  return s("rect", { class: "band", x: EDGE.left, width: width - EDGE.left - EDGE.right, y: round(top), height: round(bottom - top) });
}

function gridLine(tick, width, y) {
  const at = round(y(tick));
  return s("g", {},
    s("line", { class: "grid", x1: EDGE.left, x2: width - EDGE.right, y1: at, y2: at }),
    s("text", { class: "tick", x: EDGE.left - 8, y: at + 4, "text-anchor": "end" }, formatNumber(tick)));
}

function timeLabel(at, x, textAnchor, span) {
  return s("text", { class: "tick", x: round(x(at)), y: HEIGHT - 6, "text-anchor": textAnchor }, formatTick(at, span));
}

function anchor(index, count) {
  if (index === 0) return "start";
  return index === count - 1 ? "end" : "middle";
}

function series(line, index, x, y) {
  const dense = line.points.length > 30;
  const shown = dense ? line.points.filter((point) => point.flag) : line.points;
  return s("g", { class: `series series-${index + 1}` },
    s("path", { class: "line", d: linePath(line.points, x, y) }),
    shown.map((point) =>
      s("circle", { class: point.flag ? "dot flagged" : "dot", cx: round(x(point.at)), cy: round(y(point.value)), r: point.flag && !dense ? 4 : 2.5 })));
}

function pointAt(pointer, chart, at, x, y) {
  if (at === null) return put(pointer);
  const dots = chart.lines.map((line, index) => {
    const point = line.points.find((candidate) => candidate.at === at);
    return point && s("circle", { class: `series-${index + 1} here`, cx: round(x(at)), cy: round(y(point.value)), r: 5.5 });
  });
  return put(pointer, s("line", { class: "cross", x1: round(x(at)), x2: round(x(at)), y1: EDGE.top, y2: HEIGHT - EDGE.bottom }), dots);
}

function table(chart) {
  const rows = [...times(chart)].reverse().map((at) =>
    h("tr", {}, h("th", { scope: "row" }, formatDay(at), h("span", { class: "hint" }, formatTime(at))), chart.lines.flatMap((line) => cells(line.points.find((point) => point.at === at)))));
  const heads = chart.lines.flatMap((line) => [h("th", { scope: "col" }, line.name ?? "Value"), h("th", { scope: "col" }, "Usual range")]);
  return h("details", { class: "data" },
    h("summary", {}, rows.length === 1 ? "1 value as a table" : `${rows.length} values as a table`),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${chart.title}, all values` },
      h("table", {},
        h("caption", {}, [chart.title, chart.unit].filter(Boolean).join(", ")),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "When"), heads)),
        h("tbody", {}, rows))));
}

function cells(point) {
  if (!point) return [h("td", {}, "–"), h("td", {}, "–")];
  return [
    h("td", {}, formatNumber(point.value), point.flag && " ", point.flag && flagMark(point.flag)),
    h("td", {}, rangeText(point)),
  ];
}

function rangeText({ low, high }) {
  if (low === null && high === null) return "–";
  if (low === null) return `up to ${formatNumber(high)}`;
  return high === null ? `from ${formatNumber(low)}` : `${formatNumber(low)} – ${formatNumber(high)}`;
}

function times(chart) {
  return [...new Set(chart.lines.flatMap((line) => line.points.map((point) => point.at)))].sort((a, b) => a - b);
}
