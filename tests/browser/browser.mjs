// Chromium, and what people do in it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PASSWORD = 'fireward-demo';

export function open() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** Signs in on the sign-in page. */
export async function signIn(page, username, password = PASSWORD) {
  await page.fill('#username', username);
  await page.fill('#password', password);
  await page.click('#sign-in');
}

/** Chooses a record by the id of its patient. */
export async function choosePatient(page, id) {
  await page.check(`input[name="patient"][value="${id}"]`, { force: true });
  await page.click('#choose-patient');
}

/** Says yes on the consent page. */
export async function allow(page) {
  await page.click('#approve');
}

/** Starts the sample app by itself. */
export async function startStandalone(page, apps) {
  await page.goto(`${apps}/sample-app/`);
  await page.click('#start-standalone');
}

/** No violation of WCAG 2.2 A and AA that a machine can find, and no sideways scrolling. */
export async function isAccessible(page, what) {
  await page.evaluate(AXE);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const { violations } = await page.evaluate((values) => globalThis.axe.run({ runOnly: { type: 'tag', values } }), tags);
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  assert.deepEqual(found, [], what);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${what} scrolls sideways by ${wide}px`);
}
