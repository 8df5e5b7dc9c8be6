// Every page that people can meet: for everybody, on every screen, in every language, without scripts, without a mouse.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { allow, bareWords, isAccessible, isWithin, open, signIn, tabTo, windowOf } from './browser.mjs';
import { demo } from './fireward.mjs';
import { asking, PARTS, walk } from './tour.mjs';

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };
const SMALL = { width: 320, height: 640 };
const CALLBACK = 'http://127.0.0.1:9/cb';

let server;
let browser;

before(async () => { [server, browser] = await Promise.all([demo(), open()]); });
after(async () => { await browser?.close(); await server?.stop(); });

describe('every page can be used by everybody', () => {
  for (const part of Object.keys(PARTS)) {
    test(`${part}: phone and desk, light and dark, 320 px, and text twice as large`, async () => {
      await walk(part, { browser, server, options: { viewport: DESK } }, lookAt);
    });
  }
});

async function lookAt(page, name) {
  const view = windowOf(page);
  for (const colorScheme of ['light', 'dark']) {
    await view.emulateMedia({ colorScheme });
    for (const size of [PHONE, DESK]) {
      await view.setViewportSize(size);
      await isAccessible(page, `${name}, ${colorScheme}, ${size.width} px`);
    }
  }
  await view.setViewportSize(SMALL);
  await isWithin(page, `${name}, ${SMALL.width} px`);
  await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
  for (const size of [PHONE, DESK]) {
    await view.setViewportSize(size);
    await isWithin(page, `${name}, text twice as large, ${size.width} px`);
  }
  await page.evaluate(() => { document.documentElement.style.fontSize = ''; });
  await view.emulateMedia({ colorScheme: 'light' });
}

// What is said about the demo's people and apps in words that are not ours to translate.
const DATA = [
  'Demo Clinic', 'Growth & Recovery Companion', 'Lindqvist Health Software', 'Vitals & Labs', 'Fireward samples',
  'Dr. Amara Okafor', 'Susan Bradley', 'Helen Coleman', 'Dana Jackson', 'MRN', 'BABY', 'Chrome', 'Linux', 'localhost',
  'Wolfeschlegelsteinhausenbergerdorff', 'coleman', 'mmHg',
];

describe('no page says a word past the catalogue', () => {
  for (const [language, direction] of [['en-XA', 'ltr'], ['ar-XB', 'rtl']]) {
    for (const part of Object.keys(PARTS)) {
      test(`${part} in ${language}`, async () => {
        const options = { viewport: PHONE, extraHTTPHeaders: { 'accept-language': language } };
        await walk(part, { browser, server, options }, async (page, name) => {
          // The sample app stands for somebody else's: it has a language of its own.
          if (name.startsWith('app-')) return;
          assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.dir]), [language, direction], name);
          assert.deepEqual(await bareWords(page, DATA), [], name);
          await isWithin(page, `${name} in ${language}`);
        });
      });
    }
  }
});

test('ui_locales goes before the browser’s language, all the way to the decision', async () => {
  const context = await browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(asking(server, { ui_locales: 'en-XA', scope: 'openid launch/patient patient/Condition.rs' }));
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en-XA');
  await signIn(page, 'patient');
  await page.waitForSelector('#approve');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en-XA');
  assert.deepEqual(await bareWords(page, DATA), []);
  await context.close();
});

test('whoever uses a keyboard alone signs in, narrows what is asked, and allows it', async () => {
  const context = await browser.newContext({ viewport: DESK });
  const page = await context.newPage();
  const answer = page.waitForRequest((request) => request.url().startsWith(CALLBACK));
  await page.goto(asking(server, {
    prompt: 'consent', scope: 'openid fhirUser launch/patient offline_access patient/Patient.rs patient/Condition.rs patient/Immunization.rs',
  }));
  await page.focus('#username');
  await page.keyboard.type('patient');
  await tabTo(page, '#password');
  await page.keyboard.type('fireward-demo');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#approve');
  await tabTo(page, 'input[name="scope"][value="patient/Immunization.rs"]');
  await page.keyboard.press('Space');
  assert.equal(await page.isChecked('input[value="patient/Immunization.rs"]'), false);
  await tabTo(page, 'summary');
  await page.keyboard.press('Enter');
  await page.waitForSelector('details[open] code');
  await tabTo(page, 'input[name="until"]');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.isChecked('input[name="until"][value="year"]'), true);
  await tabTo(page, '#approve');
  await page.keyboard.press('Enter');
  assert.ok(new URL((await answer).url()).searchParams.get('code'));
  await context.close();
});

test('a keyboard alone finds a record among many', async () => {
  const context = await browser.newContext({ viewport: DESK });
  const page = await context.newPage();
  await page.goto(asking(server));
  await signIn(page, 'clinician');
  await page.waitForSelector('#choose-patient');
  await tabTo(page, '#patient-search');
  await page.keyboard.type('jackson');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#patient-search[value="jackson"]');
  await tabTo(page, 'input[name="patient"]');
  await page.keyboard.press('ArrowDown');
  await tabTo(page, '#choose-patient');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#choose');
  await context.close();
});

describe('without scripts', () => {
  for (const part of ['strangers', 'deciding', 'caregiver']) {
    test(`${part}: all pages work`, async () => {
      await walk(part, { browser, server, options: { javaScriptEnabled: false } }, () => {});
    });
  }

  test('a patient allows, sees the connected app, disconnects it, and signs out', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    let page = await context.newPage();
    const answer = page.waitForRequest((request) => request.url().startsWith(CALLBACK));
    await page.goto(asking(server, { prompt: 'consent', scope: 'openid launch/patient offline_access patient/Condition.rs' }));
    await signIn(page, 'patient');
    await allow(page);
    assert.ok(new URL((await answer).url()).searchParams.get('code'));
    // Nobody listens where the app would be, so this tab may yet turn into the browser's own error page.
    await page.close();
    page = await context.newPage();
    await page.goto(`${server.issuer}/account/apps`);
    assert.match(await page.textContent('main'), /Growth & Recovery Companion/);
    await page.locator('.card', { hasText: 'Growth & Recovery Companion' }).locator('a[href*="/disconnect?"]').click();
    await page.click('#confirm-disconnect');
    await page.click('#back');
    assert.doesNotMatch(await page.textContent('main'), /Growth & Recovery Companion/);
    await page.click('#sign-out');
    await page.click('#confirm-logout');
    await page.waitForSelector('.done');
    await context.close();
  });
});
