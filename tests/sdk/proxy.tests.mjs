// SPDX-License-Identifier: Apache-2.0
// posthog-node, unmodified, through `parallax proxy`: real traffic, faults on the wire, a verdict.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { afterEach, beforeEach } from 'node:test';
import { makeRig, sdk, within } from './rig.mjs';

const { PostHog } = sdk('posthog-node');

const wait_max_ms = 30_000;
const plan = (faults) => ({
  name: 'real-shop',
  about: 'What a backend with posthog-node sends.',
  population: { users: 10, currency: 'EUR' },
  actions: {
    purchase: {
      emits: ['server'],
      fields: { order: { type: 'string' }, revenue: { type: 'money', required: true } },
    },
  },
  journeys: { buy: { start: 'pay', states: { pay: { does: 'purchase', next: { leave: 1 } } } } },
  faults,
  assert: [{ that: 'exactly_once' }, { that: 'fields' }],
});

let rig;
let folder;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parallax-proxied-'));
});
afterEach(async () => {
  await rig.stop();
  await rm(folder, { recursive: true, force: true });
});

const ended = (child) => within(wait_max_ms, 'ending', new Promise((done) => child.once('exit', done)));

async function startProxy(faults) {
  await writeFile(join(folder, 'plan.json'), JSON.stringify(plan(faults)));
  const words = ['proxy', '--listen', '127.0.0.1:0', '--upstream', rig.url];
  words.push('--scenario', join(folder, 'plan.json'), '--out', join(folder, 'run'));
  const child = spawn(process.env.PARALLAX_BINARY, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  const url = await within(
    wait_max_ms,
    'starting the proxy',
    new Promise((found, fail) => {
      child.once('exit', (code) => fail(new Error(`the proxy ended with ${code}: ${said}`)));
      child.stdout.on('data', (text) => {
        said += text;
        const match = said.match(/listening on (http:\S+),/);
        if (match) found(match[1]);
      });
    }),
  );
  const stop = async () => {
    const over = ended(child);
    child.kill('SIGINT');
    return [await over, said];
  };
  return { url, stop };
}

async function judged() {
  // The SDK's events state no run id: all rows are read.
  const target = {
    send: { kind: 'http', url: `${rig.url}/v1/events` },
    read: { kind: 'http', url: `${rig.url}/v1/clean_events` },
  };
  await writeFile(join(folder, 'target.json'), JSON.stringify(target));
  const words = ['judge', join(folder, 'run'), '--target', join(folder, 'target.json'), '--quiet'];
  const child = spawn(process.env.PARALLAX_BINARY, words, { stdio: 'inherit' });
  const code = await ended(child);
  return { code, report: JSON.parse(await readFile(join(folder, 'run', 'report.json'), 'utf8')) };
}

async function buy(url, count) {
  const client = new PostHog('phc_test', { host: url, flushInterval: 50, fetchRetryDelay: 20 });
  for (let n = 0; n < count; ++n) {
    const properties = { revenue: (999 + 100 * n) / 100, currency: 'EUR', order: `Order ${n}/24` };
    client.capture({ distinctId: `customer-${n}@shop.example`, event: 'purchase', properties });
    if (n % 5 === 4) await client.flush();
  }
  await client.shutdown();
}

test('orders of a real SDK pass a proxy and are judged by its ledger', async () => {
  rig = await makeRig();
  const proxy = await startProxy([]);
  await buy(proxy.url, 20);
  const [code, said] = await proxy.stop();
  assert.equal(code, 0, said);
  const { code: verdict, report } = await judged();
  assert.equal(verdict, 0, JSON.stringify(report.actions));
  assert.equal(report.actions.ok, 20);
  assert.equal(report.rows.phantom, 0);
});

test('lost answers make a real SDK send again, and the ledger has each attempt', async () => {
  rig = await makeRig();
  const proxy = await startProxy([{ fault: 'answer_lost', nth: 2 }]);
  await buy(proxy.url, 20);
  const [code, said] = await proxy.stop();
  assert.equal(code, 0, said);
  const { code: verdict, report } = await judged();
  assert.equal(verdict, 0, JSON.stringify(report.actions));
  assert.equal(report.actions.ok + report.actions.recovered, 20);
  assert.ok(report.faults[0].struck > 0);
  assert.ok(report.delivery.retries > 0, JSON.stringify(report.delivery));
});
