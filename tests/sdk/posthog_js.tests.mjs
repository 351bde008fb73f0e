// SPDX-License-Identifier: Apache-2.0
// posthog-js, unmodified, in Chromium; with posthog-node in the backend of the same shop. The four
// validations that a team makes of such a setup: one identity on both sides, attribution, many
// events at once, and the whole way from the page to the purchase.
import assert from 'node:assert/strict';
import test, { after, afterEach, before } from 'node:test';
import { close, launch, newVisitor } from '../page/browser.mjs';
import { makeRig, until } from './rig.mjs';
import { openShop } from './shop.mjs';
import { assertAllRight, judge } from './verdicts.mjs';

before(launch);
after(close);

const isEvents = ({ method, url }) => method === 'POST' && /^\/(i\/v0\/)?e\//.test(url);

let rig;
let shop;
let visitor;
afterEach(async () => {
  await visitor?.close();
  await shop?.stop();
  await rig?.stop();
});

/** A page of the shop, ready to be used. */
async function visit({ bugs = [], init = {}, blocked = false } = {}) {
  rig = await makeRig({ bugs, isEvents });
  shop = await openShop(rig.url, init);
  visitor = await newVisitor();
  if (blocked) await visitor.route(`${rig.url}/**`, (route) => route.abort());
  const page = await visitor.newPage();
  await page.goto(shop.url);
  await page.waitForFunction(() => document.title === 'Shop, ready');
  return page;
}

const idOf = (page) => page.evaluate(() => window.posthog.get_distinct_id());
const stored = (count) => until(() => rig.raw(), (rows) => rows.length >= count, `${count} rows`);

async function pay(page) {
  await page.click('#pay');
  await page.waitForFunction(() => document.getElementById('receipt').textContent !== '');
  return page.textContent('#receipt');
}

test('identity: the backend records under the distinct_id of the page', async () => {
  const page = await visit();
  const id = await idOf(page);
  assert.deepEqual(await page.evaluate(() => window.verifyIdentity()), { distinct_id: id });
  await stored(2);
  assertAllRight(
    [
      { event_name: '$pageview', user_id: id, source: 'client' },
      { event_name: 'identity_verified', user_id: id, source: 'server' },
    ],
    await rig.rows(),
  );
});

test('attribution: page view, click and purchase belong to one user', async () => {
  const page = await visit();
  const id = await idOf(page);
  await page.click('#add');
  const order = await pay(page);
  await stored(4);
  const rows = await rig.rows();
  assertAllRight(
    [
      { event_name: '$pageview', user_id: id, source: 'client', fields: { page: '/' } },
      { event_name: 'add_to_cart', user_id: id, source: 'client', fields: { sku: 'sock' } },
      { event_name: 'purchase', user_id: id, source: 'server', fields: { revenue: 9.99, order } },
    ],
    rows,
  );
  assert.equal(new Set(rows.map((row) => row.user_id)).size, 1);
  const purchase = rows.find((row) => row.event_name === 'purchase');
  assert.deepEqual([purchase.client_rows, purchase.server_rows], [1, 1], 'both cameras saw it');
  assert.equal(purchase.is_server_authoritative, true);
});

test('many at once: a hundred of each side arrive, what exceeds the SDK’s limit is lost', async () => {
  const page = await visit({ init: { capture_pageview: false } });
  const seconds = await page.evaluate(() => {
    const start = performance.now();
    for (let i = 0; i < 130; ++i) window.posthog.capture('burst', { iteration: i });
    return (performance.now() - start) / 1000;
  });
  for (let i = 0; i < 100; ++i)
    shop.posthog.capture({ distinctId: 'u1', event: 'server_burst', properties: { iteration: i } });
  await stored(200);
  await shop.posthog.flush();
  const actions = (event_name, count) =>
    Array.from({ length: count }, (_, i) => ({ event_name, key: ['iteration', i] }));
  const rows = await rig.rows();
  assert.deepEqual(judge(actions('server_burst', 100), rows, ['burst', '$$client_ingestion_warning']), {
    ok: 100,
  });
  const verdicts = judge(actions('burst', 130), rows, ['server_burst', '$$client_ingestion_warning']);
  assert.equal(verdicts.ok + verdicts.lost, 130, 'nothing stands twice');
  // A bucket of 100 that gets ten more each second.
  const most = 101 + Math.ceil(10 * seconds);
  assert.ok(verdicts.ok >= 99 && verdicts.ok <= most, `${verdicts.ok} of at most ${most}`);
});

test('integration: anonymous, then logged in, the purchase follows the user', async () => {
  const page = await visit();
  const anonymous = await idOf(page);
  await page.click('#add');
  await page.evaluate(() => window.posthog.identify('user-7', { plan: 'pro' }));
  assert.equal(await idOf(page), 'user-7');
  await pay(page);
  await stored(5);
  assertAllRight(
    [
      { event_name: '$pageview', user_id: anonymous },
      { event_name: 'add_to_cart', user_id: anonymous },
      { event_name: '$identify', user_id: 'user-7', fields: { $anon_distinct_id: anonymous } },
      { event_name: 'purchase', user_id: 'user-7', source: 'server' },
    ],
    await rig.rows(),
  );
});

/** Leaves the page by `leave` while the collector, which has the event, is slow to answer. */
async function leaveDuringFlush(leave, bugs = []) {
  const page = await visit({ bugs, init: { capture_pageview: false } });
  rig.failures = [{ status: 200, body: '{"status":"Ok"}', stored: true, held_ms: 2_500 }];
  await page.click('#add');
  await stored(1);
  await leave(page);
  // What the closing page has to send is sent by now; the answer that it waits for is not here yet.
  await new Promise((done) => setTimeout(done, 1_500));
  return judge([{ event_name: 'add_to_cart' }], await rig.rows());
}
const toThanks = (page) => page.goto(`${shop.url}/thanks`);
const toAnotherSite = (page) => page.goto(shop.url.replace('127.0.0.1', 'localhost'));
const sentTimes = async () => {
  const ids = (await rig.raw()).map((row) => row.event_id);
  assert.equal(new Set(ids).size, 1, 'one event id');
  return ids.length;
};

test('a page that is left for the next of its shop sends what is on its way once', async () => {
  assert.deepEqual(await leaveDuringFlush(toThanks), { ok: 1 });
  assert.equal(await sentTimes(), 1);
});

test('a page that is left for another site sends what is on its way twice, and it counts once', async () => {
  assert.deepEqual(await leaveDuringFlush(toAnotherSite), { ok: 1 });
  assert.equal(await sentTimes(), 2);
});

test('without dedupe, leaving for another site makes two of one', async () => {
  assert.deepEqual(await leaveDuringFlush(toAnotherSite, ['no_dedupe']), { duplicated: 1 });
});

test('a 500 is tried again with a mark, a 429 is not', async () => {
  const page = await visit({ init: { capture_pageview: false } });
  rig.failures = [{ status: 500 }];
  await page.click('#add');
  await stored(1);
  assert.deepEqual(
    rig.events().map((r) => [r.status, /retry_count=1/.test(r.path)]),
    [
      [500, false],
      [200, true],
    ],
  );
  rig.failures = [{ status: 429 }];
  await page.evaluate(() => window.posthog.capture('after_429'));
  await until(() => rig.events().length, (n) => n === 3, 'the 429');
  await page.evaluate(() => window.posthog.capture('later'));
  await stored(2);
  assert.deepEqual(
    judge(
      [{ event_name: 'add_to_cart' }, { event_name: 'after_429' }, { event_name: 'later' }],
      await rig.rows(),
    ),
    { ok: 2, lost: 1 },
  );
});

test('an ad blocker takes the client’s record, and the server’s stands', async () => {
  const page = await visit({ blocked: true });
  await page.click('#add');
  await pay(page);
  await stored(1);
  await shop.posthog.flush();
  assert.deepEqual(
    judge(
      [{ event_name: 'add_to_cart' }, { event_name: 'purchase', fields: { revenue: 9.99 } }],
      await rig.rows(),
    ),
    { lost: 1, ok: 1 },
  );
});

test('a page without consent sends nothing', async () => {
  const page = await visit({ init: { opt_out_capturing_by_default: true } });
  await page.click('#add');
  await page.evaluate(() => window.verifyIdentity());
  await stored(1);
  assert.deepEqual(
    judge([{ event_name: 'add_to_cart', mustNot: true }], await rig.rows(), ['identity_verified']),
    { ok: 1 },
  );
  assert.equal(rig.events().filter((r) => r.path.startsWith('/e/')).length, 0);
});
