// SPDX-License-Identifier: Apache-2.0
// A headless Chromium with one page, watched: what it logs as an error, throws or asks of the
// network is kept in `page.complaints`.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const runs = process.env.PARALLAX_PAGE_RUNS;
export const kinds = ['pass', 'fail', 'jump', 'unknown', 'unjudged', 'empty', 'load'];
export const fileOf = (kind) => join(runs, kind, 'report.html');

const { chromium } = createRequire(join(process.env.PARALLAX_NODE_MODULES, 'any.js'))(
  'playwright-core',
);

function findChromium() {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome'])
    try {
      return execFileSync('which', [name], { encoding: 'utf8' }).trim();
    } catch {
      continue;
    }
  throw new Error('Chromium is missing: install the package chromium (./parallax test does it)');
}

let browser = null;
export async function launch() {
  const alone = process.getuid() === 0 ? ['--no-sandbox'] : [];
  browser = await chromium.launch({ executablePath: findChromium(), args: alone });
}
export const close = () => browser?.close();

/** A visitor with no past: cookies and storage of its own. */
export async function newVisitor(options = {}) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(20_000);
  return context;
}

/** Opens the report of a run. `hash`: "#search=...". Options are those of a browser context. */
export const open = (kind, hash = '', options = {}) =>
  openWatched(pathToFileURL(fileOf(kind)).href + hash, /^(file|data):/, options);

/** Opens a page of a server on this machine, which may ask that server for more. */
export const openAddress = (address, options = {}) =>
  openWatched(address, new RegExp(`^(data:|${address})`), options);

async function openWatched(address, allowed, options) {
  const context = await newVisitor({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on(
    'console',
    (m) => ['error', 'warning'].includes(m.type()) && page.complaints.push(m.text()),
  );
  page.on('pageerror', (error) => page.complaints.push(error.stack));
  page.on(
    'request',
    (r) => allowed.test(r.url()) || page.complaints.push(`asked for ${r.url()}`),
  );
  // A stream of events never falls silent, so "load" is what there is to wait for.
  await page.goto(address, { waitUntil: 'load' });
  return page;
}

/** Clicks a link inside the page, and waits until the page has followed it. */
export async function follow(page, link) {
  const followed = page.evaluate(
    () => new Promise((done) => addEventListener('hashchange', () => done(), { once: true })),
  );
  await link.click();
  await followed;
}

/** Scrolls through the page, so that every chart has been in view. */
export const readThrough = (page) =>
  page.evaluate(async () => {
    for (let y = 0; y < document.body.scrollHeight; y += 600) {
      window.scrollTo(0, y);
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    }
  });

/** The data inside the page. */
export const dataOf = (page) =>
  page.evaluate(() => JSON.parse(document.getElementById('data').textContent));
