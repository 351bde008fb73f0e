// SPDX-License-Identifier: Apache-2.0
// A Playwright test of a shop, which asks Parallax what its pipeline kept of one click:
//   SHOP=http://127.0.0.1:3000 PARALLAX=http://127.0.0.1:8300 node --test checkout.spec.mjs
import assert from 'node:assert/strict';
import test from 'node:test';
import { chromium } from 'playwright-core';

const { SHOP, PARALLAX, CHROMIUM = '/usr/bin/chromium' } = process.env;

async function post(url, body) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

test('a click on Buy is one purchase, seen by page and server', async () => {
  const runs = `${PARALLAX}/v1/runs`;
  const { run } = await post(runs, { name: 'buy', owns: { rows_of: 'declared_users' } });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const page = await browser.newPage();
  await page.goto(SHOP);
  await page.click('text=Buy');
  await page.waitForSelector('text=Thank you');
  const { user, order_id } = await page.evaluate(() => window.shop);
  await browser.close();
  const revenue = { amount: '12.50', currency: 'EUR' };
  const purchase = { name: 'purchase', key: 'order_id', user, fields: { order_id, revenue } };
  await post(`${runs}/${run}/actions`, [
    { name: 'page_view', user, emits: ['client'] },
    { ...purchase, emits: ['client', 'server'] },
  ]);
  const verdict = await post(`${runs}/${run}/settle`, {});
  assert.equal(verdict.verdict, 'pass', verdict.message);
});
