// Every resource that the FHIR server returns, judged by `fhirclient`'s models of R4 (PyPI).

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { demo } from './fireward.mjs';

let server;
let folder;

before(async () => {
  server = await demo();
  folder = mkdtempSync(join(tmpdir(), 'fireward-structure-'));
});
after(async () => {
  await server?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

test('what the FHIR server returns is R4, as another implementation reads it', () => {
  const key = join(folder, 'key.pem');
  const jwks = JSON.parse(execFileSync(process.env.FIREWARD_BIN, ['client', 'new-key', key, '--alg', 'ES384'], { encoding: 'utf8' }));
  server.register({
    client_id: 'structure-judge', token_endpoint_auth_method: 'private_key_jwt', jwks,
    grant_types: ['client_credentials'], scope: 'system/*.cruds system/AuditEvent.rs',
  });
  execFileSync('../../target/judges/bin/python', ['python/validates.py', server.fhir, 'structure-judge', key, jwks.keys[0].kid], { stdio: 'inherit' });
});
