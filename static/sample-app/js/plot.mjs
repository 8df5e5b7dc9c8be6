// The arithmetic of a chart: scales, ticks and paths. Pure.

const DAY = 86_400_000;

/** Round values that cover [min, max], about `count` of them. */
export function niceTicks(min, max, count = 4) {
  const span = max - min || Math.abs(max) || 1;
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
  const first = Math.floor(min / step);
  const last = Math.ceil(max / step);
  const digits = Math.max(0, -Math.floor(Math.log10(step)) + (String(step / power).includes(".") ? 1 : 0));
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toFixed(digits)));
}

/** The range of values to show: all points, and the reference range where it is not far away, lest small changes look large. */
export function valueRange(lines, unit) {
  const values = lines.flatMap((line) => line.points.map((point) => point.value));
  let min = Math.min(...values);
  let max = Math.max(...values);
  const reach = Math.max(max - min, Math.abs(max) * 0.6);
  for (const { low, high } of lines.map((line) => line.points[line.points.length - 1])) {
    if (low !== null && min - low < reach) min = Math.min(min, low);
    if (high !== null && high - max < reach) max = Math.max(max, high);
  }
  const room = (max - min || Math.abs(max) || 1) * 0.06;
  const top = unit === "%" && max <= 100 ? Math.min(100, max + room) : max + room;
  return [min >= 0 ? Math.max(0, min - room) : min - room, top];
}

/** The range of time to show; a single moment gets a day around it. */
export function timeRange(lines) {
  const times = lines.flatMap((line) => line.points.map((point) => point.at));
  const from = Math.min(...times);
  const to = Math.max(...times);
  return to - from < DAY / 24 ? [from - DAY / 2, to + DAY / 2] : [from, to];
}

/** Maps a domain to pixels. */
export function scale([from, to], [start, end]) {
  const span = to - from || 1;
  return (value) => start + ((value - from) / span) * (end - start);
}

/** Evenly spread moments for the time axis, as many as fit. */
export function timeTicks([from, to], width) {
  const count = Math.max(2, Math.min(5, Math.floor(width / 95)));
  return Array.from({ length: count }, (_, index) => from + ((to - from) * index) / (count - 1));
}

/** An SVG path through points. */
export function linePath(points, x, y) {
  return points.map(({ at, value }, index) => `${index ? "L" : "M"}${round(x(at))} ${round(y(value))}`).join("");
}

/** The moment among `times` that is nearest to `wanted`. */
export function nearest(times, wanted) {
  return times.reduce((best, at) => (Math.abs(at - wanted) < Math.abs(best - wanted) ? at : best), times[0]);
}

export function round(number) {
  return Math.round(number * 10) / 10;
}
