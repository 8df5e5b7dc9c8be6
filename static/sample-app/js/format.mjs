// Dates, numbers and names as the page's language has them, in the reader's own variety of it where they have one.

/** The first of the reader's locales that is of the page's language, else that language. */
export function localeFor(page, readers) {
  return readers.find((reader) => reader.split("-")[0] === page.split("-")[0]) ?? page;
}

const locale = localeFor(globalThis.document?.documentElement.lang || "en", globalThis.navigator?.languages ?? []);
const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
const moment = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const month = new Intl.DateTimeFormat(locale, { month: "short", year: "numeric" });
const dayMonth = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
// FHIR dates without a time are days, not midnights somewhere: they are read and written in UTC.
const calendarDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

export const formatNumber = (value) => number.format(value);
export const formatDay = (at) => day.format(at);
export const formatMoment = (at) => moment.format(at);
export const formatTime = (at) => time.format(at);
export const formatClock = (at) => clock.format(at);

/** A time-axis label: days when the axis is short, months when it is long. */
export function formatTick(at, span) {
  return (span > 300 * 86_400_000 ? month : dayMonth).format(at);
}

/** A FHIR date of any precision: `2019`, `2019-04`, `2019-04-02` or with a time. */
export function formatFhirDate(text) {
  if (!text) return null;
  if (/^\d{4}(-\d{2})?$/.test(text)) return text;
  const at = Date.parse(text);
  if (Number.isNaN(at)) return text;
  return (text.length === 10 ? calendarDay : day).format(at);
}

/** A FHIR HumanName list as one line. */
export function formatName(names) {
  const name = names?.find((candidate) => candidate.use === "official") ?? names?.[0];
  if (!name) return null;
  return name.text ?? [...(name.prefix ?? []), ...(name.given ?? []), name.family].filter(Boolean).join(" ");
}

/** Whole years, or months and days for the very young. */
export function formatAge(birthDate, now) {
  const born = new Date(`${birthDate}T00:00:00Z`);
  if (Number.isNaN(born.getTime())) return null;
  const today = new Date(now);
  let months = (today.getUTCFullYear() - born.getUTCFullYear()) * 12 + today.getUTCMonth() - born.getUTCMonth();
  if (today.getUTCDate() < born.getUTCDate()) months -= 1;
  if (months >= 24) return `${Math.floor(months / 12)} years`;
  if (months >= 1) return months === 1 ? "1 month" : `${months} months`;
  return `${Math.max(0, Math.floor((today - born) / 86_400_000))} days`;
}

/** Seconds as `4:05`. */
export function formatCountdown(seconds) {
  const left = Math.max(0, Math.round(seconds));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}
