// SPDX-License-Identifier: Apache-2.0
// posthog-node, unmodified, against the embedded pipeline.
import assert from 'node:assert/strict';
import test, { afterEach } from 'node:test';
import { makeRig, sdk } from './rig.mjs';
import { assertAllRight, judge } from './verdicts.mjs';

const { PostHog } = sdk('posthog-node');

let rig;
afterEach(() => rig.stop());

const clientOf = (options = {}) =>
  new PostHog('phc_test', { host: rig.url, flushInterval: 50, fetchRetryDelay: 20, ...options });

const minute = 60_000;
const aboutNow = () => [Date.now() - minute, Date.now() + minute];

/** Captures `count` orders of user u1 and returns them as actions. */
function captureOrders(client, count) {
  const actions = [];
  for (let n = 0; n < count; ++n) {
    const fields = { revenue: 9.99 + n, currency: 'EUR', order: `o${n}` };
    client.capture({ distinctId: 'u1', event: 'purchase', properties: fields });
    actions.push({
      event_name: 'purchase',
      key: ['order', `o${n}`],
      user_id: 'u1',
      source: 'server',
      fields,
      between: aboutNow(),
    });
  }
  return actions;
}

test('captured events are flushed by shutdown and stand as they were sent', async () => {
  rig = await makeRig();
  const client = clientOf({ flushInterval: 60_000 });
  const actions = captureOrders(client, 3);
  await client.shutdown();
  assertAllRight(actions, await rig.rows());
  assert.equal(rig.events().length, 1, 'one batch');
  assert.equal(rig.requests[0].path, '/batch/');
});

test('forty-five events at once are one batch', async () => {
  rig = await makeRig();
  const client = clientOf();
  const actions = captureOrders(client, 45);
  await client.shutdown();
  assertAllRight(actions, await rig.rows());
  assert.equal(rig.events().length, 1);
});

test('identify, alias and group arrive as events of their users', async () => {
  rig = await makeRig();
  const client = clientOf();
  client.identify({ distinctId: 'u1', properties: { plan: 'pro', $anon_distinct_id: 'anon1' } });
  client.alias({ distinctId: 'u1', alias: 'anon0' });
  client.groupIdentify({ groupType: 'company', groupKey: 'acme', properties: { size: 7 } });
  await client.shutdown();
  assertAllRight(
    [
      { event_name: '$identify', user_id: 'u1', source: 'server' },
      { event_name: '$create_alias', user_id: 'u1', fields: { alias: 'anon0' } },
      { event_name: '$groupidentify', fields: { $group_key: 'acme' } },
    ],
    await rig.rows(),
  );
});

test('a 500 and a 429 are tried again, and nothing stands twice', async () => {
  for (const status of [500, 429]) {
    rig = await makeRig();
    rig.failures = [{ status }, { status, stored: true }];
    const client = clientOf();
    const actions = captureOrders(client, 2);
    await client.shutdown();
    assertAllRight(actions, await rig.rows());
    assert.deepEqual(
      rig.events().map((r) => r.status),
      [status, status, 200],
    );
    const bodies = rig.events().map((r) => r.body.toString('latin1'));
    assert.equal(new Set(bodies).size, 1, 'a retry has the same bytes');
    assert.equal((await rig.raw()).length, 4, 'the answer that was lost had been stored');
    if (status === 500) await rig.stop();
  }
});

test('a pipeline that does not remove duplicates is found out', async () => {
  rig = await makeRig({ bugs: ['no_dedupe'] });
  rig.failures = [{ status: 503, stored: true }];
  const client = clientOf();
  const actions = captureOrders(client, 2);
  await client.shutdown();
  assert.deepEqual(judge(actions, await rig.rows()), { duplicated: 2 });
});

test('an outage longer than the retries loses the batch, and only that', async () => {
  rig = await makeRig();
  rig.failures = Array.from({ length: 4 }, () => ({ status: 503 }));
  const client = clientOf();
  const lost = captureOrders(client, 2);
  await client.flush().catch(() => {});
  client.capture({ distinctId: 'u1', event: 'visit' });
  await client.shutdown();
  const rows = await rig.rows();
  assert.deepEqual(judge([...lost, { event_name: 'visit' }], rows), { lost: 2, ok: 1 });
});

test('who opted out leaves no row', async () => {
  rig = await makeRig();
  const client = clientOf();
  await client.optOut();
  client.capture({ distinctId: 'u1', event: 'visit' });
  await client.shutdown();
  assert.deepEqual(judge([{ event_name: 'visit', mustNot: true }], await rig.rows()), { ok: 1 });
  assert.equal(rig.events().length, 0);
});
