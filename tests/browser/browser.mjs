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

/** The page that a frame is in; a page itself. */
export function windowOf(page) {
  return page.page?.() ?? page;
}

/** No violation of WCAG 2.2 A and AA that a machine can find, and no sideways scrolling. */
export async function isAccessible(page, what) {
  if (!await page.evaluate('Boolean(globalThis.axe)')) await page.evaluate(AXE);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const { violations } = await page.evaluate((values) => globalThis.axe.run({ runOnly: { type: 'tag', values } }), tags);
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  assert.deepEqual(found, [], what);
  await isWithin(page, what);
}

/** Nothing makes the page scroll sideways. */
export async function isWithin(page, what) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${what} scrolls sideways by ${wide}px`);
}

/** Presses Tab until the focus is on what the selector names. The focus is seen all the way, and nothing covers it. */
export async function tabTo(page, selector) {
  for (let steps = 0; steps < 80; steps += 1) {
    await page.keyboard.press('Tab');
    const [there, seen, what] = await page.evaluate((wanted) => {
      const at = document.activeElement;
      const { outlineStyle } = getComputedStyle(at.matches('.choice input') ? at.closest('.choice') : at);
      const { left, top, width, height } = at.getBoundingClientRect();
      const over = document.elementFromPoint(left + width / 2, top + height / 2);
      const covered = !(over === at || at.contains(over) || over?.contains(at));
      return [at.matches(wanted), outlineStyle !== 'none' && !covered, at.outerHTML.slice(0, 200)];
    }, selector);
    assert.ok(seen, `the focus cannot be seen on ${what}`);
    if (there) return;
  }
  assert.fail(`Tab does not lead to ${selector}`);
}

/** All words that are neither from the catalogue of a pseudo-language nor data: `known` is the data outside `<bdi>`. */
export function bareWords(page, known) {
  return page.evaluate((names) => {
    const data = 'bdi, code, option, script, style, [dir="ltr"]:not(html)';
    const bare = (text) => {
      const own = names.reduce((rest, name) => rest.replaceAll(name, ' '), text.replace(/\u2068[^\u2069]*\u2069/g, ' '));
      return /[A-Za-z]{2,}/.test(own);
    };
    const found = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (!walker.currentNode.parentElement.closest(data)) found.push(walker.currentNode.data);
    }
    for (const name of ['aria-label', 'title', 'alt', 'placeholder']) {
      for (const element of document.querySelectorAll(`[${name}]`)) found.push(element.getAttribute(name));
    }
    return found.map((text) => text.trim()).filter(bare);
  }, known);
}
