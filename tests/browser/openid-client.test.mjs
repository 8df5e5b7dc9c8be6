// `openid-client`, a certified relying party, as judge: discovery, code flow with PKCE, refresh, UserInfo,
// introspection, revocation, for public, symmetric and asymmetric clients.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import * as client from 'openid-client';

import { allow, open, signIn } from './browser.mjs';
import { demo } from './fireward.mjs';

const CALLBACK = 'http://127.0.0.1:9/cb';
const SCOPE = 'openid fhirUser profile launch/patient offline_access patient/*.rs';
const SECRET = 'a-secret-that-only-this-test-knows';
const insecure = { execute: [client.allowInsecureRequests] };

let server;
let browser;
let keys;

before(async () => {
  [server, browser] = await Promise.all([demo(), open()]);
  keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign', 'verify']);
  const jwk = await crypto.subtle.exportKey('jwk', keys.publicKey);
  const jwks = { keys: [{ kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y, kid: 'k1' }] };
  const common = {
    redirect_uris: [CALLBACK], grant_types: ['authorization_code', 'refresh_token'], scope: SCOPE,
  };
  server.register({ ...common, client_id: 'judge-public', token_endpoint_auth_method: 'none' });
  server.register({ ...common, client_id: 'judge-basic', token_endpoint_auth_method: 'client_secret_basic', client_secret: SECRET });
  server.register({ ...common, client_id: 'judge-post', token_endpoint_auth_method: 'client_secret_post', client_secret: SECRET });
  server.register({ ...common, client_id: 'judge-keys', token_endpoint_auth_method: 'private_key_jwt', jwks });
  server.register({
    client_id: 'judge-backend', token_endpoint_auth_method: 'private_key_jwt', jwks,
    grant_types: ['client_credentials'], scope: 'system/Patient.rs',
  });
});
after(async () => { await browser?.close(); await server?.stop(); });

function discover(id, auth) {
  return client.discovery(new URL(server.issuer), id, undefined, auth, insecure);
}

/** Signs a patient in and allows, in a browser; answers the URL that the client would be opened with. */
async function authorize(config, verifier, state, nonce) {
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK, scope: SCOPE, state, nonce, aud: server.fhir,
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  });
  const context = await browser.newContext();
  const page = await context.newPage();
  const back = page.waitForRequest((request) => request.url().startsWith(CALLBACK));
  await page.goto(url.href);
  await signIn(page, 'patient');
  await allow(page);
  const answer = new URL((await back).url());
  await context.close();
  return answer;
}

async function flow(id, auth) {
  const config = await discover(id, auth);
  const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
  const answer = await authorize(config, verifier, state, nonce);
  assert.equal(answer.searchParams.get('iss'), server.issuer, 'oc_11_01');
  const tokens = await client.authorizationCodeGrant(config, answer, {
    pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce,
  });
  return { config, tokens };
}

const methods = [
  ['judge-public', () => client.None()],
  ['judge-basic', () => client.ClientSecretBasic(SECRET)],
  ['judge-post', () => client.ClientSecretPost(SECRET)],
  ['judge-keys', () => client.PrivateKeyJwt({ key: keys.privateKey, kid: 'k1' })],
];

for (const [id, auth] of methods) {
  test(`oc_4_01 al_18 al_27: ${id} gets, refreshes and revokes tokens`, async () => {
    const { config, tokens } = await flow(id, auth());
    assert.equal(tokens.patient, 'susan-bradley', 'sc_16');
    assert.equal(tokens.claims().fhirUser, `${server.fhir}/Patient/susan-bradley`, 'sc_20');
    const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert.equal(info.name, 'Susan Bradley', 'oc_4_10');
    const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
    assert.equal(renewed.patient, 'susan-bradley', 'al_29');
    assert.notEqual(renewed.refresh_token, tokens.refresh_token, 'oc_2_04');
    if (id !== 'judge-public') {
      const told = await client.tokenIntrospection(config, renewed.access_token);
      assert.equal(told.active, true, 'ti_2');
      assert.equal(told.patient, 'susan-bradley', 'ti_3');
    }
    await client.tokenRevocation(config, renewed.refresh_token);
    await assert.rejects(client.refreshTokenGrant(config, renewed.refresh_token), { error: 'invalid_grant' });
  });
}

test('bs_1 bs_5: a backend service gets a short-lived token of its own', async () => {
  const config = await discover('judge-backend', client.PrivateKeyJwt({ key: keys.privateKey, kid: 'k1' }));
  const tokens = await client.clientCredentialsGrant(config, { scope: 'system/Patient.rs' });
  assert.equal(tokens.scope, 'system/Patient.rs');
  assert.ok(tokens.expires_in <= 300);
  assert.equal(tokens.refresh_token, undefined);
  const answer = await fetch(`${server.fhir}/Patient?_count=2`, {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  assert.equal(answer.status, 200);
});
