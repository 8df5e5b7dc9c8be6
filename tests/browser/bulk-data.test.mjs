// The SMART team's `smart-fetch` and `cumulus-fhir-support` (PyPI): backend services and Bulk Data export.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';

import { demo } from './fireward.mjs';

let server;
let folder;

before(async () => {
  server = await demo();
  folder = mkdtempSync(join(tmpdir(), 'fireward-bulk-'));
});
after(async () => {
  await server?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const fireward = (...args) => execFileSync(process.env.FIREWARD_BIN, args, { encoding: 'utf8' });

/** Makes a key and registers a backend service by it. */
function backend(id, alg, more = {}) {
  const key = join(folder, `${id}.pem`);
  const jwks = JSON.parse(fireward('client', 'new-key', key, '--alg', alg));
  server.register({
    client_id: id, token_endpoint_auth_method: 'private_key_jwt', jwks,
    grant_types: ['client_credentials'], scope: 'system/*.rs', ...more,
  });
  return key;
}

const judge = (...args) => execFileSync(
  '../../target/judges/bin/python', ['python/exports.py', server.fhir, ...args], { stdio: 'inherit' },
);

for (const alg of ['RS384', 'ES384']) {
  test(`bs_1 bs_5 ca_3 d_44: smart-fetch exports what the search finds, by a key for ${alg}`, () => {
    const id = `judge-${alg.toLowerCase()}`;
    judge(id, backend(id, alg));
  });
}

test('sc_11 d_44: smart-fetch exports a group, as a backend that is bound to it', () => {
  const key = backend('registry', 'ES384', { fireward_group: 'Group/demo-diabetes' });
  judge('registry', key, 'demo-diabetes');
});

test('d_44: the export command writes the files that the manifest names', () => {
  const key = backend('exporter', 'RS384');
  const out = join(folder, 'out');
  const common = ['export', '--fhir', server.fhir, '--client', 'exporter', '--key', key, '--out', out];
  const told = fireward(...common, '--type', 'Patient,Condition');
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
  assert.deepEqual(manifest.output.map((file) => file.type).sort(), ['Condition', 'Patient']);
  assert.match(told, /\b30 {2}Patient\n/);
  assert.equal(readFileSync(join(out, 'Patient.1.ndjson'), 'utf8').trim().split('\n').length, 30);
  const later = fireward(...common, '--since', manifest.transactionTime);
  assert.match(later, / 0 {2}in all/);
  assert.throws(() => fireward(...common.map((word) => (word === 'exporter' ? 'nobody' : word))));
  assert.ok(existsSync(join(out, 'manifest.json')));
});
