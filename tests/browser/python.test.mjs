// Python's `fhirclient`, which finds the endpoints in `/metadata` alone (CF-7).

import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';

import { demo } from './fireward.mjs';

let server;

before(async () => { server = await demo(); });
after(async () => { await server?.stop(); });

test('cf_7: fhirclient discovers the endpoints in the CapabilityStatement', () => {
  execFileSync('../../target/judges/bin/python', ['python/discovers.py', server.fhir, server.issuer], { stdio: 'inherit' });
});
