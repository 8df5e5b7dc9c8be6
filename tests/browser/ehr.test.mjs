// An EHR launch from the demo EHR into the sample app, in Chromium.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { allow, open, signIn } from './browser.mjs';
import { demo } from './fireward.mjs';

let server;
let browser;

before(async () => { [server, browser] = await Promise.all([demo(), open()]); });
after(async () => { await browser?.close(); await server?.stop(); });

test('al_9 al_10 sc_14: a clinician launches the app from a chart and does not sign in again', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${server.apps}/`);
  await page.click('#open-ehr');
  await signIn(page, 'clinician');
  await page.fill('#patient-search', 'bradley');
  await page.press('#patient-search', 'Enter');
  await page.click('#patients a[href$="/susan-bradley"]');
  const opened = context.waitForEvent('page');
  await page.click('#launch-sample-app');
  const app = await opened;
  await app.waitForSelector('#approve');
  assert.equal(await app.locator('#password').count(), 0, 'one sign-in serves both');
  await allow(app);
  await app.waitForSelector('#vitals svg');
  assert.match(await app.textContent('#signed-in-user'), /Okafor/);

  // al_27 al_29: and is renewed when asked to.
  await app.click('#refresh-now');
  await app.waitForSelector('#token-status:not([data-refreshes="0"])');
  assert.match(await app.textContent('#signed-in-user'), /Okafor/);
});
