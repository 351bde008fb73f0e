// SPDX-License-Identifier: Apache-2.0
// What every browser SDK is put through, in a page of a shop in Chromium.
import assert from 'node:assert/strict';
import test, { after, afterEach, before } from 'node:test';
import { close, launch, newVisitor } from '../page/browser.mjs';
import { openShop } from './browser_sdks.mjs';
import { makeRig, until } from './rig.mjs';
import { assertAllRight, judge } from './verdicts.mjs';

const minute = 60_000;

export function testBrowserSdk(sdk) {
  let rig;
  let shop;
  let visitor;
  before(launch);
  after(close);
  afterEach(async () => {
    await visitor?.close();
    await shop?.stop();
    await rig?.stop();
  });

  const open = async (page, url) => {
    await page.goto(url);
    await page.waitForFunction(() => document.title === 'Shop, ready');
  };

  /** A page of the shop, ready to be used. */
  async function visit({ bugs = [], blocked = false, ...options } = {}) {
    rig = await makeRig({ bugs, isEvents: sdk.isEvents });
    shop = await openShop(sdk, rig.url, options);
    visitor = await newVisitor();
    if (blocked) await visitor.route(`${rig.url}/**`, (route) => route.abort());
    const page = await visitor.newPage();
    await open(page, shop.url);
    return page;
  }

  /** Tracks orders in one go and returns them as actions. */
  async function trackOrders(page, names) {
    await page.evaluate((orders) => {
      for (const order of orders) window.shop.track('purchase', { revenue: 9.5, order });
    }, names);
    return names.map((order) => ({
      event_name: 'purchase',
      key: ['order', order],
      source: 'client',
      fields: { revenue: 9.5, order },
      between: [Date.now() - minute, Date.now() + minute],
    }));
  }

  const rowsOf = (count) => until(() => rig.rows(), (rows) => rows.length >= count, `${count} rows`);
  const sent = (count) =>
    until(() => rig.events().length, (have) => have >= count, `${count} requests`);
  const besides = [sdk.identified];

  test(`${sdk.name}: captures, identifies, and records under the user from then on`, async () => {
    const page = await visit();
    const before = await trackOrders(page, ['o1']);
    await page.evaluate(() => window.shop.identify('user-1', { plan: 'pro' }));
    const after = (await trackOrders(page, ['o2'])).map((a) => ({ ...a, user_id: 'user-1' }));
    const actions = [...before, ...after];
    if (sdk.identified) actions.push({ event_name: sdk.identified, user_id: 'user-1' });
    assertAllRight(actions, await rowsOf(actions.length));
    const [first] = (await rig.rows()).filter((row) => row.properties.order === 'o1');
    assert.notEqual(first.user_id, 'user-1', 'before that nobody knew');
    assert.deepEqual(await rig.deadLetters(), []);
  });

  test(`${sdk.name}: thirty events at once each stand once, in batches`, async () => {
    const page = await visit({ batched: true });
    const actions = await trackOrders(page, Array.from({ length: 30 }, (_, n) => `o${n}`));
    await page.evaluate(() => window.shop.flush?.());
    assertAllRight(actions, await rowsOf(30));
    // Batches also end by a timer: how many there are is up to the machine's haste.
    assert.ok(rig.events().length <= 15, `${rig.events().length} requests`);
  });

  for (const [status, verdict] of Object.entries(sdk.after))
    test(`${sdk.name}: an event whose first answer is ${status} is ${verdict}`, async () => {
      const page = await visit();
      rig.failures = [{ status: Number(status), headers: { 'retry-after': '1' } }];
      const actions = await trackOrders(page, ['o1']);
      await sent(1);
      // Some SDKs try again only when the next event comes.
      if (sdk.retriesWithNext) actions.push(...(await trackOrders(page, ['o2'])));
      const rows = verdict === 'ok' ? await rowsOf(actions.length) : await rig.rows();
      assert.deepEqual(judge(actions, rows, besides), { [verdict]: actions.length });
      assert.equal(rig.events()[0].status, Number(status));
    });

  /** Leaves the page while the collector, which has stored the event, is slow to answer. */
  async function leaveDuringFlush(bugs) {
    const page = await visit({ bugs });
    rig.failures = [{ status: 200, body: sdk.yes, stored: true, held_ms: 1_500 }];
    const actions = await trackOrders(page, ['o1']);
    await rowsOf(1);
    await open(page, `${shop.url}/thanks`);
    actions.push(...(await trackOrders(page, ['o2'])));
    await until(() => rig.raw(), (raw) => raw.length >= 3, 'the event of before, again');
    return judge(actions, await rowsOf(2), besides);
  }

  test(`${sdk.name}: what is sent while its page is left is sent again, and counts once`, async () => {
    assert.deepEqual(await leaveDuringFlush([]), { ok: 2 });
  });

  test(`${sdk.name}: without dedupe, leaving a page makes two of one`, async () => {
    assert.deepEqual(await leaveDuringFlush(['no_dedupe']), { duplicated: 1, ok: 1 });
  });

  test(`${sdk.name}: an ad blocker takes everything`, async () => {
    const page = await visit({ blocked: true });
    const refused = page.waitForEvent('requestfailed');
    const actions = await trackOrders(page, ['o1', 'o2']);
    await refused;
    assert.deepEqual(judge(actions, await rig.rows()), { lost: 2 });
    assert.equal(rig.requests.length, 0);
  });

  test(`${sdk.name}: who opted out leaves no row`, async () => {
    const page = await visit({ optOut: true });
    const actions = await trackOrders(page, ['o1']);
    await page.evaluate(() => window.shop.flush?.());
    await page.close({ runBeforeUnload: true });
    assert.deepEqual(judge(actions.map((a) => ({ ...a, mustNot: true })), await rig.rows()), { ok: 1 });
    assert.equal(rig.events().length, 0);
  });
}
