// Launches from the demo EHR into the sample app, in Chromium.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { allow, open, signIn } from './browser.mjs';
import { demo } from './fireward.mjs';

let server;
let browser;

before(async () => { [server, browser] = await Promise.all([demo(), open()]); });
after(async () => { await browser?.close(); await server?.stop(); });

/** A clinician at a patient's chart. */
async function chart(patient, context) {
  const page = await (context ?? await browser.newContext()).newPage();
  await page.goto(`${server.apps}/ehr/patients/${patient}`);
  if (await page.locator('#sign-in').count()) await signIn(page, 'clinician');
  await page.waitForSelector('#app-shelf');
  return page;
}

/** Clicks what opens an app, and says yes where it is asked. */
async function launch(page, selector) {
  const opened = page.context().waitForEvent('page');
  await page.click(selector);
  const app = await opened;
  await app.waitForSelector('#approve, #told');
  assert.equal(await app.locator('#password').count(), 0, 'one sign-in serves both');
  if (await app.locator('#approve').count()) await allow(app);
  await app.waitForFunction(() => document.querySelector('#told') && !document.querySelector('[aria-busy="true"]'));
  return app;
}

/** What the panel says of a member; nothing where it is not there. */
async function told(app, name) {
  const row = app.locator(`#told [data-told="${name}"] dd`);
  return await row.count() ? row.textContent() : undefined;
}

test('al_9 al_10 sc_14: a clinician launches the app from a chart and does not sign in again', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${server.apps}/`);
  await page.click('#open-ehr');
  await signIn(page, 'clinician');
  await page.fill('#patient-search', 'bradley');
  await page.press('#patient-search', 'Enter');
  await page.click('#patients a[href$="/susan-bradley"]');
  const app = await launch(page, '#launch-sample-app');
  await app.waitForSelector('#vitals svg');
  assert.match(await app.textContent('#signed-in-user'), /Okafor/);
  assert.equal(await told(app, 'patient'), 'susan-bradley');
  assert.equal(await told(app, 'banner'), 'This app shows it', 'D-27: also when nobody chose');
  assert.match(await told(app, 'style'), /^[\w-]{22}\.json/, 'D-27, SC-19');

  // al_27 al_29: and is renewed when asked to.
  await app.click('#refresh-now');
  await app.waitForSelector('#token-status:not([data-refreshes="0"])');
  assert.match(await app.textContent('#signed-in-user'), /Okafor/);
  assert.equal(await told(app, 'patient'), 'susan-bradley');
});

test('sc_16 sc_18 sc_19 d_27: visit, intent, banner and look are told as they were chosen', async () => {
  const page = await chart('susan-bradley');
  await page.click('.shelf__options summary');
  await page.selectOption('#launch-encounter', 'enc-51f38344b6a1');
  await page.selectOption('#launch-intent', 'labs');
  await page.selectOption('#launch-look', 'night');
  await page.selectOption('#launch-banner', 'ehr');
  const app = await launch(page, '#launch-sample-app');
  assert.equal(await told(app, 'encounter'), 'enc-51f38344b6a1');
  assert.match(await app.textContent('#visit'), /2023.*general adult medical examination/);
  assert.equal(await told(app, 'intent'), 'labs');
  assert.equal(await told(app, 'banner'), 'The record system shows it');
  assert.equal(await told(app, 'app-context'), undefined);
  const ground = () => getComputedStyle(document.body).backgroundColor;
  assert.equal(await app.evaluate(ground), 'rgb(11, 26, 36)', 'the app wears the look');
  const dark = await told(app, 'style');

  // Another look is another address, and no look is the app's own.
  await page.selectOption('#launch-look', 'harbour');
  const light = await launch(page, '#launch-sample-app');
  assert.equal(await light.evaluate(ground), 'rgb(243, 227, 200)');
  assert.notEqual((await told(light, 'style')).slice(0, 22), dark.slice(0, 22));
  await page.selectOption('#launch-look', '');
  await page.selectOption('#launch-encounter', '');
  const plain = await launch(page, '#launch-sample-app');
  assert.equal(await plain.evaluate(ground), 'rgb(245, 246, 250)');
  assert.equal(await told(plain, 'encounter'), undefined);
  assert.equal(await plain.locator('#visit').isHidden(), true);
});

test('tl_2 tl_3: a Task opens its registered app with patient, visit and appContext, also after a refresh', async () => {
  const page = await chart('susan-bradley');
  const app = await launch(page, '#task-demo-task-launch-ehr button');
  const expected = {
    patient: 'susan-bradley', encounter: 'enc-51f38344b6a1', 'app-context': '{"protocol":"bp-review","step":2}',
    'fhir-context': 'Task/demo-task-launch-ehr', 'opened-by': 'A record system',
  };
  for (const again of [false, true]) {
    if (again) {
      await app.click('#refresh-now');
      await app.waitForSelector('#token-status:not([data-refreshes="0"])');
    }
    for (const [name, value] of Object.entries(expected)) assert.equal(await told(app, name), value, name);
  }
});

test('tl_1 tl_3: a Task that names an unknown app, none, two, or has a foreign code opens nothing and says why', async () => {
  const context = await browser.newContext();
  const page = await chart('susan-bradley', context);
  assert.match(await page.textContent('#task-demo-task-launch-unknown'), /No app here has the address/);
  assert.equal(await page.locator('#task-demo-task-launch-unknown button').count(), 0);
  const opened = context.waitForEvent('page');
  await page.click('#task-demo-task-launch-standalone button');
  const alone = await opened;
  await alone.waitForSelector('#choose-patient, #patient-search, #approve');
  assert.equal(new URL(alone.url()).origin, new URL(server.issuer).origin, 'the app asks for itself');

  const other = await chart('leonard-mason', context);
  for (const [name, why] of [['no-app', /does not say which app/], ['two-apps', /more than one app/], ['wrong-system', /not one that opens an app/], ['done', /done or was called off/]]) {
    const task = other.locator(`#task-demo-task-launch-${name}`);
    assert.match(await task.textContent(), why);
    assert.equal(await task.locator('button').count(), 0, name);
  }
});

test('m2 d_29: whoever else is signed in at the browser is asked to let the right person sign in', async () => {
  const context = await browser.newContext();
  const page = await chart('susan-bradley', context);
  // Somebody else signs in at the same browser meanwhile, as on a shared workstation.
  const other = await context.newPage();
  await other.goto(`${server.issuer}/logout`);
  await other.click('#confirm-logout');
  await other.goto(`${server.issuer}/account`);
  await signIn(other, 'patient');
  await other.waitForSelector('.tabs');
  const opened = context.waitForEvent('page');
  await page.click('#launch-sample-app');
  const app = await opened;
  await app.waitForSelector('#other-user');
  assert.match(await app.textContent('#other-user'), /Susan Bradley is signed in here/);
  await signIn(app, 'clinician');
  await app.waitForSelector('#approve, #told');
  if (await app.locator('#approve').count()) await allow(app);
  await app.waitForSelector('#vitals svg');
  assert.match(await app.textContent('#signed-in-user'), /Okafor/);
});

test('pains_15: a launch that is of no use is said in words in the app', async () => {
  const context = await browser.newContext();
  const page = await chart('susan-bradley', context);
  await page.goto(`${server.apps}/sample-app/launch.html?${new URLSearchParams({ iss: server.fhir, launch: 'unknown' })}`);
  await page.waitForSelector('#error');
  assert.match(await page.textContent('main'), /start the app again from the EHR/);
});
