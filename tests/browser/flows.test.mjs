// What people do besides saying yes: two tabs, back, reload, no, not me, later, never again; and apps that go on by themselves.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { allow, choosePatient, open, signIn, startStandalone } from './browser.mjs';
import { demo } from './fireward.mjs';
import { asking, registerAsker } from './tour.mjs';

let server;
let browser;
let elsewhere;

before(async () => {
  [server, browser, elsewhere] = await Promise.all([demo('--access-token', '5'), open(), otherSite()]);
  registerAsker(server);
});
after(async () => {
  await browser?.close();
  elsewhere?.close();
  await server?.stop();
});

/** A site of its own, since `127.0.0.1` is another than `localhost`: a page with a frame, and an app to come back to. */
async function otherSite() {
  const site = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
    const src = searchParams.get('src')?.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    response.setHeader('content-type', 'text/html');
    response.end(pathname === '/host' ? `<!doctype html><title>Host</title><iframe id="inside" width="600" height="600" src="${src}"></iframe>` : '<p id="app">The app</p>');
  });
  await new Promise((resolve) => { site.listen(0, '127.0.0.1', resolve); });
  const origin = `http://127.0.0.1:${site.address().port}`;
  return { origin, callback: `${origin}/cb`, close: () => site.close() };
}

/** Signs in for the sample app, and waits for the question. */
async function asked(page, username = 'patient') {
  await startStandalone(page, server.apps);
  await signIn(page, username);
  await page.waitForSelector('#approve');
}

/** Waits until the sample app shows charts. */
function charts(page) {
  return page.waitForSelector('#vitals svg');
}

/** The access token that the sample app holds. */
function tokenOf(page) {
  return page.evaluate(() => {
    const key = JSON.parse(sessionStorage.getItem('SMART_KEY'));
    return JSON.parse(sessionStorage.getItem(key)).tokenResponse.access_token;
  });
}

async function inContext(work, options = {}) {
  const context = await browser.newContext(options);
  try {
    await work(context, await context.newPage());
  } finally {
    await context.close();
  }
}

/** Takes back, on the page of connected apps, all that was allowed. */
async function disconnect(context) {
  const page = await context.newPage();
  await page.goto(`${server.issuer}/account/apps`);
  await page.locator('a[href*="/disconnect?"]').first().click();
  await page.click('#confirm-disconnect');
  await page.waitForSelector('#request-id');
  await page.close();
}

test('al_27 al_29: the app goes on by itself after its token has expired', () => inContext(async (context, page) => {
  await asked(page);
  await allow(page);
  await charts(page);
  const first = { token: await tokenOf(page), expires: Number(await page.getAttribute('#token-status', 'data-expires-at')) };
  await page.waitForFunction((expired) => Date.now() / 1000 > expired + 1
    && Number(document.getElementById('token-status').dataset.expiresAt) > expired + 1, first.expires);
  const now = await tokenOf(page);
  assert.notEqual(now, first.token);
  const read = await fetch(`${server.fhir}/Patient/susan-bradley`, { headers: { authorization: `Bearer ${now}` } });
  assert.equal(read.status, 200);
  assert.equal(await page.locator('#access-ended').count(), 0);
  await disconnect(context);
}));

test('an app that was disconnected is not renewed, and says so', () => inContext(async (context, page) => {
  await asked(page);
  await allow(page);
  await charts(page);
  await disconnect(context);
  await page.waitForSelector('#access-ended');
  assert.match(await page.textContent('#access-ended'), /no longer connected/);
  assert.equal(await page.isDisabled('#refresh-now'), true);
  await page.click('#connect-again');
  await page.click('#start-standalone');
  await page.waitForSelector('#approve');
}));

test('what was allowed once is not asked again, and is again after it was taken back', () => inContext(async (context, page) => {
  await asked(page);
  await allow(page);
  await charts(page);
  const again = await context.newPage();
  await startStandalone(again, server.apps);
  await charts(again);
  await disconnect(context);
  const after = await context.newPage();
  await startStandalone(after, server.apps);
  await after.waitForSelector('#approve');
}));

test('two tabs ask at once, and both are answered', () => inContext(async (context, one) => {
  const two = await context.newPage();
  for (const page of [one, two]) {
    await startStandalone(page, server.apps);
    await page.waitForSelector('#sign-in');
  }
  await signIn(one, 'patient');
  await one.waitForSelector('#approve');
  await signIn(two, 'patient');
  await two.waitForSelector('#approve');
  await allow(two);
  await charts(two);
  await allow(one);
  await charts(one);
  await disconnect(context);
}));

test('d_29: reload and back work at every step', () => inContext(async (context, page) => {
  await startStandalone(page, server.apps);
  await page.waitForSelector('#sign-in');
  await page.reload();
  await signIn(page, 'caregiver');
  await page.waitForSelector('#choose-patient');
  await page.reload();
  await choosePatient(page, 'thomas-jackson');
  await page.waitForSelector('#approve');
  await page.reload();
  await page.goBack();
  await choosePatient(page, 'bonnie-jackson');
  await page.waitForSelector('#approve');
  assert.match(await page.textContent('main'), /Bonnie/);
  await allow(page);
  await charts(page);
  // The question is answered: going back to it leads on to what is next, or says plainly that it is over.
  await page.goBack();
  await page.waitForSelector('#vitals svg, #error, #error-code, #start-standalone');
  await disconnect(context);
}));

test('whoever goes back to the sign-in after signing in is not asked again', () => inContext(async (context, page) => {
  await asked(page);
  await page.goBack();
  await page.waitForSelector('#approve');
  await page.click('#deny');
  await page.waitForSelector('#error');
  assert.match(await page.textContent('#error'), /You said no/);
}));

test('whoever cancels at the records goes back to the app with nothing', () => inContext(async (context, page) => {
  await startStandalone(page, server.apps);
  await signIn(page, 'clinician');
  await page.waitForSelector('#choose-patient');
  await page.click('#cancel');
  await page.waitForSelector('#error');
  assert.match(await page.textContent('#error'), /You said no/);
}));

test('whoever is not who is signed in signs in as themselves, in the middle of it', () => inContext(async (context, page) => {
  await asked(page, 'patient');
  await page.click('#not-you');
  await page.waitForSelector('#sign-in');
  await page.fill('#username', '');
  await signIn(page, 'caregiver');
  await choosePatient(page, 'thomas-jackson');
  await page.waitForSelector('#approve');
  assert.match(await page.textContent('main'), /Thomas/);
  await allow(page);
  await charts(page);
  assert.match(await page.textContent('#signed-in-user'), /Dana Jackson/);
  await disconnect(context);
}));

/** Opens an address in a frame on a page of the other site. */
async function framed(page, src) {
  await page.goto(`${elsewhere.origin}/host?${new URLSearchParams({ src })}`);
  return (await page.waitForSelector('#inside')).contentFrame();
}

test('d_20: in a frame of another site, what needs no page is answered by redirect', () => inContext(async (context, page) => {
  await page.goto(`${server.issuer}/account`);
  await signIn(page, 'patient');
  await page.waitForSelector('.tabs');
  const frame = await framed(page, asking(server, { prompt: 'none', redirect_uri: elsewhere.callback }));
  await frame.waitForSelector('#app');
  // Cookies of a site are not sent into frames of others, so nobody is signed in there.
  assert.equal(new URL(frame.url()).searchParams.get('error'), 'login_required');
}));

test('d_20: in a frame of another site, where a page is needed, it leads out and has no form', () => inContext(async (context, page) => {
  const frame = await framed(page, asking(server, { redirect_uri: elsewhere.callback, scope: 'openid launch/patient patient/Condition.rs' }));
  await frame.waitForSelector('#new-window');
  assert.equal(await frame.locator('form, input, button').count(), 0);
  const opened = context.waitForEvent('page');
  await frame.click('#new-window');
  const outside = await opened;
  await signIn(outside, 'patient');
  await allow(outside);
  await outside.waitForSelector('#app');
  assert.ok(new URL(outside.url()).searchParams.get('code'));
}));

test('a page that decides is never shown in a frame', () => inContext(async (context, page) => {
  for (const path of ['/login', '/account/apps', '/logout']) {
    const frame = await framed(page, server.issuer + path);
    await page.waitForLoadState();
    assert.equal(await frame.locator('form, #sign-in').count(), 0, path);
  }
}));

test('al_9 d_20: an app launched inside the chart goes on in a new window, and from then on inside it', () => inContext(async (context, page) => {
  await page.goto(`${server.apps}/ehr/patients`);
  await signIn(page, 'clinician');
  await page.waitForSelector('#patients');
  await page.goto(`${server.apps}/ehr/patients/helen-coleman`);
  await page.click('[name="frame"]');
  const frame = await (await page.waitForSelector('#app-frame')).contentFrame();
  await frame.waitForSelector('#new-window');
  const link = await frame.getAttribute('#new-window', 'href');
  const opened = context.waitForEvent('page');
  await frame.click('#new-window');
  const outside = await opened;
  await allow(outside);
  await charts(outside);
  assert.match(await outside.textContent('#patient-banner'), /Helen/);
  // The chart that it was opened in comes right by itself.
  await page.waitForURL(/launch/);
  await charts(await (await page.waitForSelector('#app-frame')).contentFrame());
  // What was clicked once leads nowhere twice, and says where to go.
  const used = await context.newPage();
  await used.goto(link);
  await used.waitForSelector('#error');
  assert.match(await used.textContent('#error'), /Go back to the patient’s chart/);
  await page.goto(`${server.apps}/ehr/patients/helen-coleman`);
  await page.click('[name="frame"]');
  const inside = await (await page.waitForSelector('#app-frame')).contentFrame();
  await charts(inside);
  assert.equal(await inside.locator('#patient-banner:visible').count(), 0, 'the chart around it has the banner');
  await disconnect(context);
}));
