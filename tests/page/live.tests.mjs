// SPDX-License-Identifier: Apache-2.0
// The live page, beside a run and a load that really happen. With PARALLAX_SCREENSHOTS=FOLDER it leaves
// pictures there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { close, launch, openAddress } from './browser.mjs';

const { PARALLAX_BINARY: parallax, PARALLAX_SOURCE: source, PARALLAX_SCREENSHOTS: pictures } = process.env;
const scratch = mkdtempSync(join(tmpdir(), 'parallax-live-'));

before(launch);
after(async () => {
  await close();
  rmSync(scratch, { recursive: true, force: true });
});

/** Starts the program with --live; resolves with its address, and with its exit code at the end. */
function start(...words) {
  const child = spawn(parallax, [...words, '--live'], { cwd: scratch });
  let log = '';
  const address = new Promise((found, failed) => {
    child.stderr.on('data', (data) => {
      log += data;
      const at = /live at (\S+)/.exec(log);
      if (at) found(at[1]);
    });
    child.on('exit', () => failed(new Error(log)));
  });
  child.stdout.resume();
  return { address, ended: new Promise((done) => child.on('exit', (code) => done(code))) };
}

const shot = (page, name) => pictures && page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
const tile = (page, words) =>
  page.locator('.tile', { has: page.locator('span', { hasText: new RegExp(`^${words}$`) }) }).locator('b');

test('a run is seen as it happens, and ends with its verdict', async () => {
  const run = start('run', join(source, 'scenarios/incident/ratio-jump.json'), '--out', 'jump');
  const page = await openAddress(await run.address);
  await page.locator('.tile').first().waitFor();
  const before = Number((await tile(page, 'actions').textContent()).replaceAll(',', ''));
  await page.waitForFunction(
    (then) => Number(document.querySelector('.tile b').textContent.replaceAll(',', '')) > then, before);
  assert.match(await page.textContent('h1'), /ratio-jump, seed 118/);
  await page.locator('#rate svg path').first().waitFor({ state: 'attached' });
  await page.locator('#ratio svg path').first().waitFor({ state: 'attached' });
  await page.locator('#faults tr', { hasText: 'double_fire' }).waitFor();
  await shot(page, 'live-run');
  await page.waitForSelector('#verdict:not([hidden])', { timeout: 120_000 });
  assert.equal(await run.ended, 0);
  assert.match(await page.textContent('#verdict h2'), /pass/);
  await page.getByText('The command has ended').waitFor();
  assert.match(await page.title(), /^pass: ratio-jump/);
  await shot(page, 'live-verdict');
  assert.deepEqual(page.complaints, []);
});

test('a load shows rates asked and achieved, and latency', async () => {
  const load = start('load', join(source, 'scenarios/smoke/plain.json'), '--rate', '2k', '--duration', '4s', '--out', 'load');
  const page = await openAddress(await load.address, { colorScheme: 'dark' });
  await page.locator('#latency svg').waitFor();
  await page.locator('.legend', { hasText: 'asked' }).first().waitFor();
  await page.waitForTimeout(2000);
  await shot(page, 'live-load-dark');
  await load.ended;
  await page.getByText('The command has ended').waitFor();
  assert.deepEqual(page.complaints, []);
});

test('a failing run is told apart by words, and the page fits a telephone', async () => {
  const run = start('run', join(source, 'scenarios/examples/double-fired-cart.json'), '--bug', 'no_dedupe', '--out', 'bad');
  const page = await openAddress(await run.address, { viewport: { width: 390, height: 800 } });
  assert.equal(await run.ended, 1);
  await page.getByText('The command has ended').waitFor();
  assert.match(await page.textContent('#verdict'), /fail.*exactly_once/s);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} pixels too wide`);
  await shot(page, 'live-fail-narrow');
  assert.deepEqual(page.complaints, []);
});
