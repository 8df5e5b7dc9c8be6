// Makes the pictures of the README: FIREWARD_BIN=… node screenshots.mjs. Small PNGs, in docs/screenshots.

import { mkdirSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { open, windowOf } from './browser.mjs';
import { demo } from './fireward.mjs';
import { walk } from './tour.mjs';

const FOLDER = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

/** Of each stop of the tour: the pictures that are taken there. */
const SHOTS = {
  'sign-in-app': [['sign-in', DESK, 'light']],
  'picker-caregiver': [['record-picker', DESK, 'light']],
  'consent-own': [['consent', DESK, 'light'], ['consent-phone-dark', PHONE, 'dark']],
  'app-charts': [['sample-app', DESK, 'light'], ['sample-app-phone-dark', PHONE, 'dark']],
  apps: [['connected-apps', DESK, 'light'], ['connected-apps-phone-dark', PHONE, 'dark']],
  'ehr-chart': [['ehr-chart', DESK, 'light'], ['ehr-chart-dark', DESK, 'dark']],
};

const [server, browser] = await Promise.all([demo(), open()]);
try {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const part of ['account', 'caregiver', 'clinic']) {
    await walk(part, { browser, server, options: { viewport: DESK, locale: 'en-GB' } }, take);
  }
} finally {
  await browser.close();
  await server.stop();
}

async function take(page, stop) {
  const view = windowOf(page);
  for (const [name, size, colorScheme] of SHOTS[stop] ?? []) {
    const path = `${FOLDER}${name}.png`;
    await view.setViewportSize(size);
    await view.emulateMedia({ colorScheme });
    await view.evaluate(() => scrollTo(0, 0));
    await view.screenshot({ path });
    console.log(name, statSync(path).size);
  }
  await view.setViewportSize(DESK);
  await view.emulateMedia({ colorScheme: 'light' });
}
