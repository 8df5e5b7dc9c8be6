// Standalone launches of the sample app, which uses the unmodified `fhirclient`, in Chromium.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { allow, choosePatient, open, signIn, startStandalone } from './browser.mjs';
import { demo } from './fireward.mjs';

let server;
let browser;

before(async () => { [server, browser] = await Promise.all([demo(), open()]); });
after(async () => { await browser?.close(); await server?.stop(); });

async function fresh() {
  const context = await browser.newContext();
  return context.newPage();
}

test('al_13 al_18 sc_16: a patient with one record signs in, allows, and sees charts', async () => {
  const page = await fresh();
  await startStandalone(page, server.apps);
  await signIn(page, 'patient');
  await page.waitForSelector('#approve');
  assert.match(await page.textContent('main'), /Susan Bradley/);
  await allow(page);
  await page.waitForSelector('#vitals svg');
  await page.waitForSelector('#labs svg');
  assert.match(await page.textContent('#patient-banner'), /Bradley/);
  assert.match(await page.textContent('#signed-in-user'), /Bradley/);
});

test('sc_15 m5: a caregiver chooses one of two children', async () => {
  const page = await fresh();
  await startStandalone(page, server.apps);
  await signIn(page, 'caregiver');
  await page.waitForSelector('#choose-patient');
  assert.equal(await page.locator('input[name="patient"]').count(), 2);
  await choosePatient(page, 'thomas-jackson');
  await allow(page);
  await page.waitForSelector('#patient-banner');
  assert.match(await page.textContent('#patient-banner'), /Thomas/);
});

test('sc_15: a clinician finds a patient by searching', async () => {
  const page = await fresh();
  await startStandalone(page, server.apps);
  await signIn(page, 'clinician');
  await page.fill('#patient-search', 'coleman');
  await page.press('#patient-search', 'Enter');
  await page.waitForSelector('input[name="patient"][value="helen-coleman"]');
  await choosePatient(page, 'helen-coleman');
  await allow(page);
  await page.waitForSelector('#vitals svg');
  assert.match(await page.textContent('#patient-banner'), /Helen/);
});

/** A caregiver on the way to the consent page for a grandchild that nobody was asked about before. */
async function asked() {
  const page = await fresh();
  await startStandalone(page, server.apps);
  await signIn(page, 'caregiver');
  await choosePatient(page, 'bonnie-jackson');
  await page.waitForSelector('#approve');
  return page;
}

test('al_15: whoever says no is told so by the app, which gets nothing', async () => {
  const page = await asked();
  await page.click('#deny');
  await page.waitForSelector('#error');
  assert.equal(await page.locator('#vitals svg').count(), 0);
});

test('d_26: what is switched off on the consent page is not there in the app', async () => {
  const page = await asked();
  await page.uncheck('input[name="scope"][value*="|laboratory"]', { force: true });
  await allow(page);
  await page.waitForSelector('#patient-banner');
  const granted = await page.textContent('#scopes');
  assert.match(granted, /observation-category\|vital-signs/);
  assert.doesNotMatch(granted, /observation-category\|laboratory/);
  assert.equal(await page.locator('#labs svg').count(), 0);
});
