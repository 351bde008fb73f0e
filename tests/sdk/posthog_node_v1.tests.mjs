// SPDX-License-Identifier: Apache-2.0
// posthog-node, unmodified, in its mode v1, whose collector answers event by event.
import assert from 'node:assert/strict';
import test, { afterEach } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { makeRig, sdk } from './rig.mjs';
import { assertAllRight, judge } from './verdicts.mjs';

process.env.POSTHOG_CAPTURE_MODE = 'v1';
const { PostHog } = sdk('posthog-node');

let rig;
afterEach(() => rig.stop());

const isEvents = ({ method, url }) => method === 'POST' && url.startsWith('/i/v1/');
const clientOf = () =>
  new PostHog('phc_test', { host: rig.url, flushInterval: 50, fetchRetryDelay: 20 });

const jsonOf = (body) => JSON.parse(body[0] === 0x1f ? gunzipSync(body) : body);
const idsOf = (request) => jsonOf(request.body).batch.map((event) => event.uuid);
/** Answers a request with a result for its event number `n`, which is not stored; nor is the rest. */
const named = (n, result) => (body) => {
  const results = Object.fromEntries(
    jsonOf(body).batch.map((event, i) => [event.uuid, { result: i === n ? result : 'ok' }]),
  );
  return { status: 200, body: JSON.stringify({ results }) };
};

function captureOrders(client, count) {
  return Array.from({ length: count }, (_, n) => {
    const fields = { revenue: 9.99, currency: 'EUR', order: `o${n}` };
    client.capture({ distinctId: 'u1', event: 'purchase', properties: fields });
    return { event_name: 'purchase', key: ['order', `o${n}`], user_id: 'u1', source: 'server', fields };
  });
}

test('captures in mode v1, and each event is acknowledged', async () => {
  rig = await makeRig({ isEvents });
  const client = clientOf();
  const actions = captureOrders(client, 3);
  await client.shutdown();
  assertAllRight(actions, await rig.rows());
  assert.deepEqual(
    rig.events().map((r) => [r.path, r.status]),
    [['/i/v1/analytics/events', 200]],
  );
});

test('an event that is wanted again is sent again, alone', async () => {
  rig = await makeRig({ isEvents });
  rig.failures = [named(1, 'retry')];
  const client = clientOf();
  const actions = captureOrders(client, 3);
  await client.shutdown();
  const [first, second] = rig.events();
  assert.deepEqual(idsOf(second), [idsOf(first)[1]]);
  // The relay stored nothing of the first request, so the two that it acknowledged are lost.
  assert.deepEqual(judge(actions, await rig.rows()), { lost: 2, ok: 1 });
});

test('an event that is dropped is not sent again', async () => {
  rig = await makeRig({ isEvents });
  const client = clientOf();
  client.on('error', () => {});
  const actions = captureOrders(client, 1);
  client.capture({ distinctId: 'u1', event: 'e'.repeat(201) });
  await client.shutdown();
  assert.equal(rig.events().length, 1);
  actions.push({ event_name: 'e'.repeat(201), mustNot: true });
  assertAllRight(actions, await rig.rows());
});

test('a 503 is tried again with the next number, and nothing stands twice', async () => {
  rig = await makeRig({ isEvents });
  rig.failures = [{ status: 503, stored: true }];
  const client = clientOf();
  const actions = captureOrders(client, 2);
  await client.shutdown();
  assertAllRight(actions, await rig.rows());
  assert.equal((await rig.raw()).length, 4);
});
