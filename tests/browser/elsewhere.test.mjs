// What the sample app keeps at the server, and where it finds that its patient has records elsewhere, in Chromium.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { allow, isAccessible, open, signIn, startStandalone } from './browser.mjs';
import { demo } from './fireward.mjs';

let server;
let browser;

before(async () => { [server, browser] = await Promise.all([demo(), open()]); });
after(async () => { await browser?.close(); await server?.stop(); });

/** A device of its own, with the record of Susan Bradley open in the sample app. */
async function device(more) {
  const page = await (await browser.newContext(more)).newPage();
  await startStandalone(page, server.apps);
  await signIn(page, 'patient');
  return page;
}

async function allowed(page) {
  await page.waitForSelector('#approve, #told');
  if (await page.locator('#approve').count()) await allow(page);
  return drawn(page);
}

async function drawn(page) {
  await page.waitForFunction(() => document.querySelector('#told') && !document.querySelector('[aria-busy="true"]'));
  return page;
}

/** Points at the chart of this title, and waits until that is kept. */
async function look(page, title) {
  const kept = page.waitForResponse((answer) => answer.url().includes('/app-state/Basic') && answer.request().method() !== 'GET');
  await page.locator(`.chart[data-title="${title}"] .plot`).first().click();
  return (await kept).status();
}

const titles = (page) => page.locator('#vitals > .part-body > .charts > .chart').evaluateAll((all) => all.map(({ dataset }) => dataset.title));

test('as_1 as_2 as_4 as_5 as_8: the chart that somebody looked at is found again on their other device, until it is forgotten', async () => {
  const one = await device();
  await one.waitForSelector('#approve');
  assert.match(await one.textContent('main'), /Its own settings for you, on every device/, 'BP-2');
  assert.match(await one.textContent('h1'), /see\s+your health record\?/, 'no record is changed');
  await allowed(one);
  assert.equal(await one.locator('#memory').isVisible(), false, 'nothing is remembered yet');
  const [first, second] = await titles(one);
  assert.equal(await look(one, first), 201);
  assert.equal(await look(one, second), 200, 'the next version of the same state');

  const other = await allowed(await device({ viewport: { width: 390, height: 844 }, isMobile: true }));
  await other.waitForSelector('#memory:not([hidden])');
  assert.match(await other.textContent('#memory'), new RegExp(`looked at ${second}\\.`));
  await isAccessible(other, 'the line of what is remembered');
  if (process.env.SHOTS) await other.screenshot({ path: `${process.env.SHOTS}/memory-phone.png` });
  await other.click('#show-last');
  assert.equal(await other.evaluate(() => document.activeElement.closest('.chart').dataset.title), second);

  // Both write: whoever comes second sees the newer version, and goes on from there.
  assert.equal(await look(other, first), 200);
  assert.equal(await look(one, first), 412);

  await other.reload();
  await drawn(other);
  await other.waitForSelector('#memory:not([hidden])');
  await other.click('#forget-last');
  await other.waitForSelector('#memory', { state: 'hidden' });
  await other.reload();
  await drawn(other);
  assert.equal(await other.locator('#memory').isVisible(), false);
});

test('as_7 sc_9: whoever does not allow it is not remembered, and the app works', async () => {
  const fresh = await (await browser.newContext()).newPage();
  await fresh.goto(`${server.apps}/sample-app/`);
  await fresh.uncheck('#ask-remember');
  assert.doesNotMatch(await fresh.textContent('#ask-preview'), /Basic/);
  const asked = [];
  fresh.on('request', (request) => { if (request.url().includes('/app-state/')) asked.push(request.url()); });
  await fresh.click('#start-standalone');
  await signIn(fresh, 'patient');
  await allowed(fresh);
  const [first] = await titles(fresh);
  await fresh.locator(`.chart[data-title="${first}"] .plot`).first().click();
  assert.deepEqual(asked, []);
});

test('al_25 row_039: the record elsewhere is found, opened there, and is of another id', async () => {
  const page = await allowed(await device());
  await page.waitForSelector('#elsewhere:not([hidden])');
  assert.match(await page.textContent('#elsewhere'), /Demo Laboratory.*lab-4417/s);
  await isAccessible(page, 'records elsewhere');
  await page.locator('#elsewhere').scrollIntoViewIfNeeded();
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/elsewhere.png` });
  await page.click('#elsewhere a');
  await page.waitForURL(/consent/);
  const consent = await page.textContent('main');
  assert.match(consent, /Where else there are records/, 'BP-2');
  assert.doesNotMatch(consent, /own settings|Basic/, 'the laboratory keeps no state');
  await page.waitForSelector('#approve');
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/laboratory-consent.png`, fullPage: true });
  assert.match(await page.textContent('main'), /Susan Bradley/);
  await allowed(page);
  await page.waitForSelector('#labs svg');
  assert.match(await page.textContent('#patient-banner'), /Bradley/);
  assert.equal(await page.textContent('#told [data-told="patient"] dd'), 'lab-4417');
  assert.equal(await page.textContent('#told [data-told="server"] dd'), server.laboratory);
  assert.equal(await page.locator('#elsewhere').isVisible(), false, 'the laboratory locates nothing');
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/laboratory.png`, fullPage: true });
});

test('al_25: a standalone launch at the laboratory is for its record there', async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${server.apps}/sample-app/launch.html?${new URLSearchParams({ iss: server.laboratory })}`);
  await signIn(page, 'caregiver');
  await allowed(page);
  assert.equal(await page.textContent('#told [data-told="patient"] dd'), 'lab-5120');
});
