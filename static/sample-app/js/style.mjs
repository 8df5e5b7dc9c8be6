// The EHR's look, where it is readable (SMART App Launch 2.2, `smart_style_url`).

/** Fetches the style and takes over its accent and font. The app looks finished without it. */
export async function applyStyle(url) {
  if (!url) return;
  try {
    const style = await (await fetch(url)).json();
    const root = document.documentElement;
    wear(style.color_highlight);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => wear(style.color_highlight));
    if (/^[\w\s"',-]{1,200}$/.test(style.font_family_body ?? "")) root.style.setProperty("--sans", style.font_family_body);
  } catch {
    // A style is a courtesy; without it the app keeps its own.
  }
}

/** Takes over an accent where it can be read on the ground as it is now, light or dark. */
function wear(colour) {
  const root = document.documentElement;
  const ground = getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).map(Number);
  const accent = parseHex(colour);
  if (accent && contrast(accent, ground) >= 4.5) root.style.setProperty("--accent", colour);
  else root.style.removeProperty("--accent");
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
