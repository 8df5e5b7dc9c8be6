// Pages within an EHR's own: an issuer may name the EHRs that show them, and a browser gives its cookies to those of one site.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { allow, open, signIn } from './browser.mjs';
import { serve } from './fireward.mjs';

const PASSWORD = 'correct horse battery';

let browser;
let listed;
let unlisted;
let server;

before(async () => {
  // `localhost` is the issuer's site, whatever the port.
  [browser, listed, unlisted] = await Promise.all([open(), ehr(), ehr()]);
  server = await serve(`ehr_origins = ["${listed.at('localhost')}", "${listed.at('127.0.0.1')}"]`);
  server.register({
    client_id: 'framed', client_name: 'An app in a frame', token_endpoint_auth_method: 'none', grant_types: ['authorization_code'],
    redirect_uris: [`${listed.at('localhost')}/cb`], scope: 'openid launch/patient patient/*.rs',
  });
  server.import('user', { username: 'ana', name: 'Ana', password: PASSWORD, records: [{ patient: 'p1', role: 'self' }] });
});
after(async () => {
  await browser?.close();
  listed?.close();
  unlisted?.close();
  await server?.stop();
});

/** An EHR: a page with a frame, and an app to come back to, under each name of this machine. */
async function ehr() {
  const site = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    const src = searchParams.get('src')?.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    response.setHeader('content-type', 'text/html');
    response.end(pathname === '/chart' ? `<!doctype html><title>Chart</title><iframe id="inside" width="600" height="600" src="${src}"></iframe>` : '<p id="app">The app</p>');
  });
  await new Promise((resolve) => { site.listen(0, resolve); });
  return { at: (host) => `http://${host}:${site.address().port}`, close: () => site.close() };
}

function request() {
  const query = {
    response_type: 'code', client_id: 'framed', redirect_uri: `${listed.at('localhost')}/cb`, scope: 'openid launch/patient patient/*.rs',
    state: 's1', aud: 'https://fhir.example', code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256',
    prompt: 'consent',
  };
  return `${server.issuer}/authorize?${new URLSearchParams(query)}`;
}

/** The request of an app in a frame of an EHR, of somebody who signed in before. */
async function inChart(work, chart) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${server.issuer}/login?for=account`);
    await signIn(page, 'ana', PASSWORD);
    await page.waitForSelector('.tabs');
    const answered = page.waitForResponse((response) => response.url().startsWith(`${server.issuer}/`) && response.status() === 200);
    await page.goto(`${chart}/chart?${new URLSearchParams({ src: request() })}`);
    const answer = await answered;
    const frame = await (await page.waitForSelector('#inside')).contentFrame();
    try {
      await work(frame, answer, context);
    } catch (error) {
      throw new Error(`at ${frame.url()}: ${await frame.textContent('body')}`, { cause: error });
    }
  } finally {
    await context.close();
  }
}

test('d_20: the issuer\'s own EHR, on a site of the issuer, shows the question within its page', () => inChart(async (frame) => {
  await frame.waitForSelector('#approve');
  await allow(frame);
  await frame.waitForSelector('#app');
  assert.ok(new URL(frame.url()).searchParams.get('code'));
}, listed.at('localhost')));

test('d_20: an EHR of another site gets no cookies, so that the page leads out although it is listed', () => inChart(async (frame, answer, context) => {
  await frame.waitForSelector('#new-window');
  assert.equal(await frame.locator('form, input, button').count(), 0);
  const opened = context.waitForEvent('page');
  await frame.click('#new-window');
  const outside = await opened;
  await outside.waitForSelector('#approve');
}, listed.at('127.0.0.1')));

test('d_20: a page of an origin that is not listed shows nothing of the question', () => inChart(async (frame, answer) => {
  const { 'content-security-policy': policy, 'x-frame-options': options } = answer.headers();
  assert.match(policy, new RegExp(`frame-ancestors ${listed.at('localhost')} ${listed.at('127.0.0.1')}$`));
  assert.equal(options, undefined);
  await frame.waitForLoadState();
  assert.equal(await frame.locator('#approve, form').count(), 0);
}, unlisted.at('localhost')));

test('d_20: the account refuses every frame, also the EHR\'s', async () => {
  const answer = await fetch(`${server.issuer}/account/apps`, { redirect: 'manual' });
  assert.match(answer.headers.get('content-security-policy'), /frame-ancestors 'none'$/);
  assert.equal(answer.headers.get('x-frame-options'), 'DENY');
});
