// SPDX-License-Identifier: Apache-2.0
// Makes one run folder of each kind of outcome, for the tests of the page:
//   node make_runs.mjs PARALLAX REPOSITORY OUT
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [parallax, repository, out] = process.argv.slice(2);
const scenario = (name) => join(repository, 'scenarios', `${name}.json`);

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

// Nothing listens on the discard port.
const nowhere = join(out, 'nowhere.json');
writeFileSync(
  nowhere,
  JSON.stringify({
    send: { kind: 'http', url: 'http://127.0.0.1:9/v1/events' },
    read: { kind: 'http', url: 'http://127.0.0.1:9/rows?run_id={run_id}' },
    settle: { quiet: '0s', limit: '1s' },
  }),
);

// A text that would be markup, and would end the element that holds the data.
const hostile = '</script><b id=injected>&amp;</b><!-- <script>';
const few = ['--set', '/population/users=20'];
const bugs = ['--bug', 'no_dedupe', '--bug', 'cents_major'];
const runs = {
  pass: [0, 'run', scenario('smoke/plain')],
  fail: [1, 'run', scenario('fault/mixed'), ...bugs, '--set', `/about="${hostile}"`],
  jump: [0, 'run', scenario('incident/ratio-jump'), '--set', '/population/users=1500'],
  unknown: [2, 'run', scenario('smoke/plain'), '--target', nowhere, ...few],
  unjudged: [2, 'run', scenario('smoke/plain'), '--target', nowhere, '--shard', '1/2', ...few],
  empty: [
    2,
    'run',
    scenario('smoke/plain'),
    '--set',
    '/population/users=1',
    '--set',
    '/time/length="1s"',
  ],
  load: [0, 'load', scenario('smoke/plain'), '--rate', '2k', '--duration', '1s'],
};
for (const [name, [code, ...words]] of Object.entries(runs)) {
  const ran = spawnSync(parallax, [...words, '--out', join(out, name), '-q'], {
    encoding: 'utf8',
    timeout: 240_000,
  });
  assert.equal(ran.status, code, `${name}: ${words.join(' ')}\n${ran.stdout}${ran.stderr}`);
}
