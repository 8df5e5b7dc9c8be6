// An EHR launch from the demo EHR into the sample app, in Chromium.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { allow, open, signIn } from './browser.mjs';
import { demo } from './fireward.mjs';

let server;
let browser;

before(async () => { [server, browser] = await Promise.all([demo('--access-token', '8'), open()]); });
after(async () => { await browser?.close(); await server?.stop(); });

test('al_9 al_10 sc_14: a clinician launches the app from a chart and does not sign in again', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${server.apps}/ehr/patients`);
  await page.locator('a[href*="sign-in"], #sign-in-ehr, button').first().click();
  await signIn(page, 'clinician');
  await page.waitForURL(/\/ehr\/patients/);
  await page.goto(`${server.apps}/ehr/patients/susan-bradley`);
  const opened = context.waitForEvent('page', { timeout: 5000 }).catch(() => page);
  await page.locator('form[action$="/launch"] button').first().click();
  const app = await opened;
  await app.waitForSelector('#approve');
  assert.equal(await app.locator('#password').count(), 0, 'one sign-in serves both');
  await allow(app);
  await app.waitForSelector('#vitals svg');
  assert.match(await app.textContent('#signed-in-user'), /Okafor/);

  // al_27 al_29: the app goes on after its token has expired.
  await app.click('#refresh-now');
  await app.waitForSelector('#vitals svg');
  assert.match(await app.textContent('#signed-in-user'), /Okafor/);
});
