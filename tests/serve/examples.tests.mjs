// SPDX-License-Identifier: Apache-2.0
// The examples that the documentation of `parallax serve` shows, against a shop and the built-in
// pipeline: green where the shop is right, red with the verdict where a bug is planted.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { openShop } from './shop.mjs';

const { PARALLAX_BINARY, PARALLAX_NODE_MODULES, PARALLAX_SOURCE } = process.env;
const ms_max = 120_000;
let folder, pipeline, serve;

/** A server of the program, once it listens. */
async function start(words) {
  const child = spawn(PARALLAX_BINARY, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((done) => child.once('exit', done));
  const url = await new Promise((found, fail) => {
    const late = setTimeout(() => fail(new Error(`${words[0]} does not listen`)), ms_max);
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
      const match = said.match(/listening on (http:\S+),/);
      if (match) clearTimeout(late), found(match[1]);
    });
    child.once('exit', (code) => fail(new Error(`${words[0]} ended with ${code}`)));
  });
  const stop = (signal = 'SIGINT') => {
    child.kill(signal);
    return ended;
  };
  return { url, stop };
}

const startServe = () =>
  start(['serve', '--target', join(folder, 'target.json'), '--listen', '127.0.0.1:0', '--out',
    join(folder, 'runs')]);

/** {code, out} of a command; $PARALLAX and $SHOP are set. */
function run(command, words, shop) {
  const env = { ...process.env, PARALLAX: serve.url, SHOP: shop?.url ?? '', CHROMIUM: chromium() };
  delete env.NODE_TEST_CONTEXT; // The inner test is one of its own.
  return new Promise((done) => {
    execFile(command, words, { env, cwd: join(folder, 'examples'), timeout: ms_max },
      (error, out, err) => done({ code: error ? (error.code ?? 1) : 0, out: out + err }));
  });
}

function chromium() {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome'])
    try {
      return execFileSync('which', [name], { encoding: 'utf8' }).trim();
    } catch {
      continue;
    }
  throw new Error('Chromium is missing: install the package chromium (./parallax test does it)');
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parallax-serve-'));
  await cp(join(PARALLAX_SOURCE, 'sim/run/serve/examples'), join(folder, 'examples'),
    { recursive: true });
  await symlink(PARALLAX_NODE_MODULES, join(folder, 'examples', 'node_modules'));
  pipeline = await start(['pipeline', '--listen', '127.0.0.1:0', '--data', join(folder, 'data')]);
  const target = {
    send: { kind: 'http', url: `${pipeline.url}/v1/events` },
    read: { kind: 'http', url: `${pipeline.url}/v1/clean_events` },
    settle: { quiet: '300ms', limit: '60s' },
  };
  await writeFile(join(folder, 'target.json'), JSON.stringify(target));
  serve = await startServe();
});

after(async () => {
  await serve?.stop();
  await pipeline?.stop();
  await rm(folder, { recursive: true, force: true });
});

const examples = [
  { name: 'pytest', command: 'python3', words: ['-m', 'pytest', '-q', 'test_checkout.py'] },
  { name: 'Playwright', command: process.execPath, words: ['--test', 'checkout.spec.mjs'] },
];
const shops = [
  { bug: '', says: /pass/ },
  { bug: 'cents', says: /distorted, wrong_unit[^]*revenue is 1250(\.0)? instead of "12\.50"/ },
  { bug: 'silent', of: 'pytest', says: /lost, [^]*no row stands for it/ },
  { bug: 'double', of: 'Playwright', says: /duplicated, id_regenerated/ },
];
for (const example of examples)
  for (const { bug, says, of } of shops) {
    if (of && of !== example.name) continue;
    test(`the ${example.name} example in a shop ${bug ? `that is ${bug}` : 'that is right'}`, async () => {
      const shop = await openShop(pipeline.url, bug);
      const { code, out } = await run(example.command, example.words, shop);
      await shop.stop();
      assert.equal(code === 0, bug === '', out);
      assert.match(out, says);
    });
  }

test('the lines for a shell, k6 and Cypress in the help do what stands there', async () => {
  const help = await readFile(join(PARALLAX_SOURCE, 'sim/run/help/serve.md'), 'utf8');
  const block = help.match(/```sh\n(API=[^]*?)```/)[1].replaceAll('http://127.0.0.1:8300', serve.url);
  const { code, out } = await run('bash', ['-euc', block]);
  assert.equal(code, 0, out);
  assert.match(out, /"verdict": "fail"/);
  assert.match(out, /purchase a-1 \(order_id o-17, user alice\): lost/);
  assert.match(out, /<testsuite/);
});

test('what was acknowledged outlives kill -9', async () => {
  const post = async (path, body) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(serve.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 201, await answer.clone().text());
    return answer.json();
  };
  const { run: id } = await post('/v1/runs', { name: 'crash' });
  let acknowledged = 0;
  const killed = new Promise((done) => setTimeout(() => done(serve.stop('SIGKILL')), 300));
  for (;;)
    try {
      await post(`/v1/runs/${id}/actions`, { name: 'view', user: `u-${acknowledged}` });
      ++acknowledged;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      break; // The connection is gone.
    }
  await killed;
  serve = await startServe();
  const { runs } = await (await fetch(`${serve.url}/v1/runs`)).json();
  const kept = runs.find((one) => one.run === id).actions;
  assert.ok(acknowledged > 0, 'nothing was acknowledged before the kill');
  // One more may have been on the disk already when the answer was cut off.
  assert.ok(kept === acknowledged || kept === acknowledged + 1, `${kept} of ${acknowledged}`);
});
