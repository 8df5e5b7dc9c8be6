// Units as people read them. UCUM codes (https://ucum.org) come in, text goes out.

const WORDS = {
  "/min": "per minute",
  "Cel": "°C",
  "[degF]": "°F",
  "mm[Hg]": "mmHg",
  "cm[H2O]": "cmH₂O",
  "kg/m2": "kg/m²",
  "[in_i]": "in",
  "[lb_av]": "lb",
  "[pH]": "",
  "[arb'U]": "arb. units",
  "{score}": "",
  "1": "",
};

/** `mL/min/{1.73_m2}` becomes `mL/min/1.73 m²`. */
export function unitText(quantity) {
  const unit = quantity?.unit ?? quantity?.code ?? "";
  if (unit in WORDS) return WORDS[unit];
  return unit
    .replace(/\{1\.73_m2\}/, "1.73 m²")
    .replace(/\{([^}]*)\}/g, "$1")
    .replace(/10\*3/, "×10³")
    .replace(/10\*6/, "×10⁶")
    .replace(/10\*9/, "×10⁹")
    .replace(/mm\[Hg\]/, "mmHg")
    .replace(/\[iU\]/, "IU")
    .replace(/(^|\/)u([LgmM])/g, "$1µ$2")
    .replace(/(^|\/)uL/g, "$1µL");
}
