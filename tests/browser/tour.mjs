// Every page that people can meet, reached the way people reach it.

import { allow, choosePatient, signIn, startStandalone } from './browser.mjs';

/** A client that asks for all that the pages can show: every group of records, changes, a visit, staying connected. */
const ASKER = {
  client_id: 'tour', client_name: 'Growth & Recovery Companion', org_name: 'Lindqvist Health Software',
  token_endpoint_auth_method: 'none', redirect_uris: ['http://127.0.0.1:9/cb'], grant_types: ['authorization_code', 'refresh_token'],
  policy_uri: 'https://app.example/privacy', tos_uri: 'https://app.example/terms',
  scope: 'openid fhirUser profile email launch/patient launch/encounter launch/observation launch/practitioner launch/supplyrequest '
    + 'offline_access patient/*.cruds user/*.rs',
};
const ASKED = 'openid fhirUser profile launch/patient launch/encounter offline_access patient/Patient.rs patient/Condition.rs '
  + 'patient/MedicationRequest.rs patient/AllergyIntolerance.rs patient/Observation.rs patient/Encounter.rs '
  + 'patient/DocumentReference.rs patient/Immunization.rs patient/Procedure.rs patient/Observation.cu user/Practitioner.rs';

/** Registers it with a running demo. */
export function registerAsker(server) {
  server.register(ASKER);
}

/** The address that the client of the tour sends people to. */
export function asking(server, extra = {}) {
  const query = {
    response_type: 'code', client_id: ASKER.client_id, redirect_uri: ASKER.redirect_uris[0], scope: ASKED, aud: server.fhir, state: 's',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256', ...extra,
  };
  return `${server.issuer}/authorize?${new URLSearchParams(query)}`;
}

/** The parts of the tour; each can be walked by itself. */
export const PARTS = { strangers, deciding, contexts, account, caregiver, clinic };

/**
 * Walks through a part and calls `see(page, name)` at each page; `page` is a frame where a page is within another.
 * `options` are those of a browser context.
 */
export async function walk(part, { browser, server, options }, see) {
  registerAsker(server);
  const contexts = [];
  const fresh = async () => {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    contexts.push(context);
    return context.newPage();
  };
  try {
    await PARTS[part]({ server, see, fresh });
  } finally {
    await Promise.all(contexts.map((context) => context.close()));
  }
}

async function strangers({ server, see, fresh }) {
  const page = await fresh();
  await page.goto(`${server.issuer}/`);
  await see(page, 'landing');
  await page.goto(`${server.issuer}/nowhere`);
  await see(page, 'error-not-found');
  await page.goto(`${server.issuer}/authorize?client_id=nobody`);
  await see(page, 'error-unknown-app');
  await page.goto(asking(server, { redirect_uri: 'https://elsewhere.example/' }));
  await see(page, 'error-return-address');
}

async function deciding({ server, see, fresh }) {
  const page = await fresh();
  await page.goto(asking(server));
  await see(page, 'sign-in');
  await page.click('#sign-in');
  await page.waitForSelector('[role="alert"]');
  await see(page, 'sign-in-missing');
  await signIn(page, 'clinician', 'not the password');
  await page.waitForSelector('.summary a[href="#username"]');
  await see(page, 'sign-in-wrong');
  await signIn(page, 'clinician');
  await page.waitForSelector('input[name="patient"]');
  await see(page, 'picker');
  await page.fill('#patient-search', 'Wolfeschlegelsteinhausenbergerdorff');
  await page.press('#patient-search', 'Enter');
  await page.waitForSelector('#results [role="status"]');
  await see(page, 'picker-nobody');
  await page.fill('#patient-search', 'coleman');
  await page.press('#patient-search', 'Enter');
  await page.waitForSelector('#patient-search[value="coleman"]');
  await see(page, 'picker-found');
  await choosePatient(page, 'helen-coleman');
  await page.waitForSelector('#choose');
  await see(page, 'visits');
  await page.locator('input[name="resource"]').first().check({ force: true });
  await page.click('#choose');
  await page.waitForSelector('#approve');
  await see(page, 'consent-other');
  for (const box of await page.locator('input[type="checkbox"][name="scope"]').all()) await box.uncheck({ force: true });
  await page.click('#approve');
  await page.waitForSelector('[role="alert"]');
  await see(page, 'consent-nothing');
}

/** What an app is handed beside the record: one of many, of nobody in particular, of a type that is not there. */
async function contexts({ server, see, fresh }) {
  const page = await fresh();
  const scope = 'launch/patient launch/observation?role=https://app.example/roles/baseline launch/supplyrequest launch/practitioner '
    + 'patient/Observation.rs';
  await page.goto(asking(server, { scope }));
  await signIn(page, 'clinician');
  await page.waitForSelector('input[name="patient"]');
  await page.goto(`${page.url()}?q=coleman`);
  await choosePatient(page, 'helen-coleman');
  await page.waitForSelector('#choose');
  await see(page, 'context-many');
  await page.click('#next');
  await page.waitForURL(/after=/);
  await see(page, 'context-page-two');
  await page.locator('input[name="resource"]').first().check({ force: true });
  await page.click('#choose');
  await page.waitForSelector('input[name="context"][value="Practitioner"]', { state: 'attached' });
  await see(page, 'context-nobodys');
  await page.click('#without');
  await page.waitForSelector('#approve');
  await see(page, 'consent-context');
}

/** A patient, the sample app, and all of the account. */
async function account({ server, see, fresh }) {
  const page = await fresh();
  await page.goto(`${server.apps}/sample-app/`);
  await page.waitForSelector('#start-standalone');
  await see(page, 'app-start');
  await page.goto(`${server.apps}/sample-app/?error=access_denied`);
  await page.waitForSelector('#error');
  await see(page, 'app-declined');
  await startStandalone(page, server.apps);
  await page.waitForSelector('#sign-in');
  await see(page, 'sign-in-app');
  await signIn(page, 'patient');
  await page.waitForSelector('#approve');
  await see(page, 'consent-own');
  await allow(page);
  await page.waitForFunction(() => document.querySelector('#vitals svg') && !document.querySelector('[aria-busy="true"]'));
  await see(page, 'app-charts');

  const elsewhere = await fresh();
  await elsewhere.goto(`${server.issuer}/account`);
  await signIn(elsewhere, 'patient');
  await elsewhere.waitForSelector('.tabs');

  await page.goto(`${server.issuer}/account`);
  await see(page, 'account');
  await page.goto(`${server.issuer}/account/apps`);
  await see(page, 'apps');
  await page.locator('a[href*="/disconnect?"]').first().click();
  await page.waitForSelector('#confirm-disconnect');
  await see(page, 'disconnect');
  await page.click('#confirm-disconnect');
  await page.waitForSelector('#request-id');
  await see(page, 'receipt-app');
  await page.click('#back');
  await page.waitForSelector('.tabs');
  await see(page, 'apps-none');
  await page.goto(`${server.issuer}/account/devices`);
  await see(page, 'devices');
  await page.locator('form[action$="/end"] button').first().click();
  await page.waitForSelector('#request-id');
  await see(page, 'receipt-session');
  await page.goto(`${server.issuer}/account/devices/end-all`);
  await see(page, 'end-all');
  await page.click('#confirm-end-all');
  await page.waitForSelector('#sign-in-again');
  await see(page, 'receipt-all');
}

async function caregiver({ server, see, fresh }) {
  const page = await fresh();
  await page.goto(asking(server));
  await signIn(page, 'caregiver');
  await page.waitForSelector('#choose-patient');
  await see(page, 'picker-caregiver');
  await page.goto(asking(server, { prompt: 'select_account' }));
  await page.waitForSelector('#continue');
  await see(page, 'continue');
  await page.goto(asking(server, { prompt: 'login' }));
  await page.waitForSelector('#not-you');
  await see(page, 'sign-in-again');
  await page.goto(`${server.issuer}/logout`);
  await page.waitForSelector('#confirm-logout');
  await see(page, 'logout');
  await page.click('#confirm-logout');
  await page.waitForSelector('.done');
  await see(page, 'logged-out');
}

/** The record system, and the app in a frame within it. */
async function clinic({ server, see, fresh }) {
  const page = await fresh();
  await page.goto(`${server.apps}/`);
  await see(page, 'ehr-front');
  await page.goto(`${server.apps}/nowhere`);
  await see(page, 'ehr-error');
  await page.goto(`${server.apps}/ehr/patients`);
  await signIn(page, 'clinician');
  await page.waitForSelector('#patients');
  await see(page, 'ehr-patients');
  await page.goto(`${server.apps}/ehr/patients?q=Wolfeschlegelsteinhausenbergerdorff`);
  await see(page, 'ehr-nobody');
  await page.goto(`${server.apps}/ehr/patients/susan-bradley`);
  await see(page, 'ehr-chart');
  await page.click('[name="frame"]');
  const frame = await (await page.waitForSelector('#app-frame')).contentFrame();
  await frame.waitForSelector('#new-window');
  await see(page, 'ehr-frame');
  await see(frame, 'new-window');
  await page.goto(`${server.apps}/ehr/patients/susan-bradley`);
  await page.click('.shelf__options summary');
  await see(page, 'ehr-options');
  await page.selectOption('#launch-look', 'night');
  const opened = page.context().waitForEvent('page');
  await page.click('[name="tab"]');
  const app = await opened;
  await allow(app);
  await app.waitForFunction(() => document.querySelector('#vitals svg') && !document.querySelector('[aria-busy="true"]'));
  await see(app, 'app-night');
  await page.selectOption('#launch-look', '');
  await page.click('[name="frame"]');
  const shown = await (await page.waitForSelector('#app-frame')).contentFrame();
  await shown.waitForFunction(() => document.querySelector('#vitals svg') && !document.querySelector('[aria-busy="true"]'));
  await see(page, 'ehr-app');
  // So that whoever comes next is asked again.
  await page.goto(`${server.issuer}/account/apps`);
  await page.locator('.card', { hasText: 'Vitals & Labs' }).locator('a[href*="/disconnect?"]').click();
  await page.click('#confirm-disconnect');
  await page.waitForSelector('#request-id');
}
