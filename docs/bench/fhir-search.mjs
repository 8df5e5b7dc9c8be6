// Searches a demo server whose records were copied by fhir-copies.py: each of CLIENTS connections asks one thing after
// the other, each time of another patient.
//   node fhir-search.mjs READY [CLIENTS] [SECONDS] [OPERATION…]
// READY is the file that `fireward demo` wrote its ready line to; the client `bench` must be registered:
//   {"client_id": "bench", "client_secret": "…", "scope": "system/*.rs", "grant_types": ["client_credentials"]}
// with its secret in BENCH_SECRET.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';

const [ready, clients = '8', seconds = '10', ...only] = process.argv.slice(2);
const server = JSON.parse(readFileSync(ready, 'utf8').match(/fireward ready (.*)/)[1]);
const secret = process.env.BENCH_SECRET;
const agent = new Agent({ keepAlive: true, maxSockets: Number(clients) });

const OPERATIONS = {
  'Patient/P': (p) => `Patient/${p}`,
  'Observation?patient=P&category=laboratory&_sort=-date&_count=50': (p) => `Observation?patient=${p}&category=laboratory&_sort=-date&_count=50`,
  'Observation?patient=P&code=http://loinc.org|4548-4': (p) => `Observation?patient=${p}&code=http%3A%2F%2Floinc.org%7C4548-4`,
  'Observation?patient=P&date=ge2025&_count=20': (p) => `Observation?patient=${p}&date=ge2025&_count=20`,
  'Condition?patient=P&clinical-status=active': (p) => `Condition?patient=${p}&clinical-status=active`,
  'MedicationRequest?patient=P&_include=MedicationRequest:requester': (p) => `MedicationRequest?patient=${p}&_include=MedicationRequest%3Arequester`,
  'Encounter?patient=P&date=ge2024&_revinclude=Condition:encounter': (p) => `Encounter?patient=${p}&date=ge2024&_revinclude=Condition%3Aencounter`,
  'Observation?patient=P&encounter.date=ge2025&_count=20': (p) => `Observation?patient=${p}&encounter.date=ge2025&_count=20`,
  'Patient?_id=P&_has:Observation:patient:code=4548-4': (p) => `Patient?_id=${p}&_has%3AObservation%3Apatient%3Acode=4548-4`,
  'Patient/P/$everything?_count=50': (p) => `Patient/${p}/$everything?_count=50`,
  'Patient?name=carter&_count=20': () => 'Patient?name=carter&_count=20',
  'Observation?code=http://loinc.org|4548-4&_count=20': () => 'Observation?code=http%3A%2F%2Floinc.org%7C4548-4&_count=20',
  'Observation?_sort=-_lastUpdated&_count=20': () => 'Observation?_sort=-_lastUpdated&_count=20',
};

function get(path, token) {
  return new Promise((resolve, reject) => {
    const asked = request(`${server.fhir}/${path}`, { agent, headers: { authorization: `Bearer ${token}` } }, (answer) => {
      let size = 0;
      const parts = [];
      answer.on('data', (part) => { size += part.length; parts.push(part); });
      answer.on('end', () => (answer.statusCode === 200 ? resolve([size, parts]) : reject(new Error(`${path}: ${answer.statusCode} ${Buffer.concat(parts)}`))));
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function token() {
  const answer = await fetch(`${server.issuer}/token`, {
    method: 'POST', headers: { authorization: `Basic ${Buffer.from(`bench:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'system/*.rs', resource: server.fhir }),
  });
  return (await answer.json()).access_token;
}

/** User and system time of the server, in milliseconds. */
function cpu() {
  const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const patients = [];
let next = 'Patient?_elements=id&_count=1000';
while (next) {
  const bundle = JSON.parse(Buffer.concat((await get(next, await token()))[1]));
  patients.push(...bundle.entry.map((entry) => entry.resource.id));
  next = bundle.link.find((link) => link.relation === 'next')?.url.slice(server.fhir.length + 1);
}
console.log(`${patients.length} patients, ${clients} clients`);
console.log('| search | p50, ms | p99, ms | op/s | server CPU, µs | bytes |\n| --- | ---: | ---: | ---: | ---: | ---: |');
for (const [name, path] of Object.entries(OPERATIONS).filter(([name]) => only.length === 0 || only.some((one) => name.includes(one)))) {
  const bearer = await token();
  const times = [];
  let bytes = 0;
  const until = async (end, kept) => {
    while (performance.now() < end) {
      const began = performance.now();
      const [size] = await get(path(patients[Math.floor(Math.random() * patients.length)]), bearer);
      if (kept) { times.push(performance.now() - began); bytes += size; }
    }
  };
  const all = (length, kept) => Promise.all(Array.from({ length: Number(clients) }, () => until(performance.now() + length, kept)));
  await all(1000, false);
  const [before, began] = [cpu(), performance.now()];
  await all(Number(seconds) * 1000, true);
  const [spent, took] = [cpu() - before, performance.now() - began];
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(2);
  const rate = (times.length / took) * 1000;
  console.log(`| \`${name}\` | ${at(0.5)} | ${at(0.99)} | ${rate.toFixed(0)} | ${((spent * 1000) / times.length).toFixed(0)} | ${(bytes / times.length).toFixed(0)} |`);
}
agent.destroy();
