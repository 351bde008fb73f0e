// SPDX-License-Identifier: Apache-2.0
// Every vendor's server SDK, unmodified, against the embedded pipeline: what it captures, sends in
// batches, sends again after a failure, and loses.
import assert from 'node:assert/strict';
import test, { afterEach } from 'node:test';
import { nodeSdks } from './node_sdks.mjs';
import { makeRig, within } from './rig.mjs';
import { assertAllRight, judge } from './verdicts.mjs';

const time_max_ms = 60_000;
const minute = 60_000;

let rig;
afterEach(() => rig.stop());

/** Mixpanel sends one event a GET. */
const isEvents = ({ method, url }) => method === 'POST' || url.startsWith('/track');

/** Tracks `count` orders of one user and returns them as actions. */
function trackOrders(client, count) {
  return Array.from({ length: count }, (_, n) => {
    const fields = { revenue: 9.5 + n, currency: 'EUR', order: `o${n}` };
    client.track('purchase', 'user-1', fields);
    return {
      event_name: 'purchase',
      key: ['order', `o${n}`],
      user_id: 'user-1',
      source: 'server',
      fields,
      between: [Date.now() - minute, Date.now() + minute],
    };
  });
}

const end = (client) => within(time_max_ms, 'the end of the SDK', client.end());

for (const { name, make, identified, after } of nodeSdks) {
  test(`${name}: captures and identifies, and says when it is done`, async () => {
    rig = await makeRig({ isEvents });
    const client = make(rig.url);
    const actions = trackOrders(client, 2);
    client.identify('user-1', { plan: 'pro' });
    await end(client);
    if (identified) actions.push({ event_name: identified, user_id: 'user-1', source: 'server' });
    assertAllRight(actions, await rig.rows());
    assert.deepEqual(await rig.deadLetters(), []);
    assert.ok(rig.requests.every((r) => r.status === 200));
  });

  test(`${name}: forty events at once each stand once`, async () => {
    rig = await makeRig({ isEvents });
    const client = make(rig.url);
    const actions = trackOrders(client, 40);
    await end(client);
    assertAllRight(actions, await rig.rows());
  });

  for (const [status, verdict] of Object.entries(after)) {
    test(`${name}: an event whose first answer is ${status} is ${verdict}`, async () => {
      rig = await makeRig({ isEvents });
      rig.failures = [{ status: Number(status), headers: { 'retry-after': '1' } }];
      const client = make(rig.url);
      const actions = trackOrders(client, 1);
      await end(client);
      assert.deepEqual(judge(actions, await rig.rows()), { [verdict]: 1 });
    });
  }

  if (after[500] === 'lost') continue;
  test(`${name}: an answer that is lost sends twice, and dedupe is all that counts it once`, async () => {
    for (const [bugs, verdict] of [
      [[], 'ok'],
      [['no_dedupe'], 'duplicated'],
    ]) {
      rig = await makeRig({ isEvents, bugs });
      rig.failures = [{ status: 503, stored: true }];
      const client = make(rig.url);
      const actions = trackOrders(client, 1);
      await end(client);
      assert.deepEqual(judge(actions, await rig.rows()), { [verdict]: 1 });
      if (verdict === 'ok') await rig.stop();
    }
  });
}
