// The EHR's look, where it is readable (SMART App Launch 2.2, `smart_style_url`).

/** The app's own ground by day. */
const OWN_GROUND = [0xf5, 0xf6, 0xfa];

/** Fetches the style, takes over what of it can be read, and gives it. The app looks finished without it. */
export async function applyStyle(url) {
  if (!url) return null;
  try {
    const style = await (await fetch(url)).json();
    wear(style);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => wear(style));
    return style;
  } catch {
    // A style is a courtesy; without it the app keeps its own.
    return null;
  }
}

function wear(style) {
  const { style: own, classList } = document.documentElement;
  const ground = groundOf(style);
  if (ground) {
    own.colorScheme = ground.dark ? "dark" : "light";
    own.setProperty("--ground", style.color_background);
    own.setProperty("--ink", style.color_text);
  }
  classList.toggle("styled", Boolean(ground));
  wearAccent(style.color_highlight, own);
  // The size of the text stays the reader's own choice: `dim_font_size` is left alone.
  if (/^\d{1,2}px$/.test(style.dim_border_radius ?? "")) own.setProperty("--round", style.dim_border_radius);
  if (isTypefaces(style.font_family_body)) own.setProperty("--sans", style.font_family_body);
  if (isTypefaces(style.font_family_heading)) own.setProperty("--heading", style.font_family_heading);
}

/** Whether text can be read on the style's ground, and whether that is dark. One that is as good as the app's own says nothing. */
export function groundOf({ color_background: background, color_text: text }) {
  const [ground, ink] = [parseHex(background), parseHex(text)];
  if (!ground || !ink || contrast(ground, ink) < 7) return null;
  const unlike = ground.some((part, at) => Math.abs(part - OWN_GROUND[at]) > 16);
  return unlike ? { dark: contrast(ground, [0, 0, 0]) < contrast(ground, [255, 255, 255]) } : null;
}

/** Takes over an accent where it can be read on the ground as it is now, light or dark. */
function wearAccent(colour, own) {
  const ground = getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).map(Number);
  const accent = parseHex(colour);
  if (accent && contrast(accent, ground) >= 4.5) {
    own.setProperty("--accent", colour);
    own.setProperty("--on-accent", contrast(accent, [255, 255, 255]) >= 4.5 ? "#ffffff" : "#101418");
  } else {
    own.removeProperty("--accent");
    own.removeProperty("--on-accent");
  }
}

function isTypefaces(text) {
  return /^[\w\s"',-]{1,200}$/.test(text ?? "");
}

/** `#123456` or `#123` as three numbers. */
export function parseHex(text) {
  const match = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text ?? "");
  if (!match) return null;
  const full = match[1].length === 3 ? [...match[1]].map((digit) => digit + digit).join("") : match[1];
  return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16));
}

/** Contrast ratio of two colours (WCAG 2.2, contrast ratio). */
export function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour) {
  const [r, g, b] = colour.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
