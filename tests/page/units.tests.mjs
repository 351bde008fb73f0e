// SPDX-License-Identifier: Apache-2.0
// The page's own arithmetic and its search, without a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as format from '../../sim/run/page/format.js';
import { find, parse } from '../../sim/run/page/search.js';
import { spansOf, stepText } from '../../sim/run/page/sections/explanation.js';
import { differences, timeline } from '../../sim/run/page/stories.js';

test('spans of time have three digits that matter', () => {
  const told = [
    [0, '0 µs'],
    [999, '999 µs'],
    [1500, '1.5 ms'],
    [120_000, '120 ms'],
    [3_036_827, '3.04 s'],
    [125e6, '2m 05s'],
    [3720e6, '1h 02m'],
    [90000e6, '1d 1h'],
    [-40_000, '−40 ms'],
  ];
  for (const [us, text] of told) assert.equal(format.span(us), text);
});

test('money keeps every digit, with the decimals of its currency', () => {
  assert.equal(format.money('1234567.80', 'USD'), '1,234,567.80 USD');
  assert.equal(format.money('8956.00', 'JPY'), '8,956 JPY');
  assert.equal(format.money('90071992547409931.01', 'EUR'), '90,071,992,547,409,931.01 EUR');
  assert.equal(format.money('-0.50', 'EUR'), '−0.50 EUR');
  assert.equal(format.money('1.234', 'USD'), '1.234 USD');
});

test('money is subtracted exactly', () => {
  assert.equal(format.minus('0.30', '0.10'), '0.20');
  assert.equal(format.minus('1', '2.50'), '-1.50');
  assert.equal(format.minus('90071992547409931.01', '0.01'), '90071992547409931.00');
});

test('a share never rounds something to nothing or to all', () => {
  assert.equal(format.share(1, 1e6), '< 0.01 %');
  assert.equal(format.share(999_999, 1e6), '> 99.99 %');
  assert.equal(format.share(0, 10), '0 %');
  assert.equal(format.share(10, 10), '100 %');
  assert.equal(format.share(1, 0), '');
});

const story = (id, verdict, cause, more = {}) => ({
  action: {
    action_id: id,
    verdict,
    findings: verdict,
    cause,
    user_id: 'u-1',
    event_name: 'buy',
    session_id: 's-1',
    device_id: 'd-1',
    ...more,
  },
  emissions: [{ source: 'client', fate: 'queued', event_id: 'abc-def', faults: 'drop, delay' }],
  attempts: [],
  rows: [],
});
const stories = [
  story('a-1', 'ok', 'none'),
  story('a-2', 'lost', 'last_batch'),
  story('a-12', 'lost', 'none', { user_id: 'u-17' }),
];
const ids = (query) => find(stories, query).found.map((s) => s.action.action_id);

test('words of a search all have to hold, and commas are alternatives', () => {
  assert.deepEqual(ids(''), ['a-1', 'a-2', 'a-12']);
  assert.deepEqual(ids('verdict:lost cause:none'), ['a-12']);
  assert.deepEqual(ids('verdict:ok,lost cause:none'), ['a-1', 'a-12']);
  assert.deepEqual(ids('-verdict:ok'), ['a-2', 'a-12']);
  assert.deepEqual(ids('-cause:none'), ['a-2']);
});

test('keys want the whole value, bare words and event ids its beginning', () => {
  assert.deepEqual(ids('user:u-1'), ['a-1', 'a-2']);
  assert.deepEqual(ids('u-1'), ['a-1', 'a-2', 'a-12']);
  assert.deepEqual(ids('u-17'), ['a-12']);
  assert.deepEqual(ids('id:ABC'), ['a-1', 'a-2', 'a-12']);
  assert.deepEqual(ids('fault:delay user:u-17'), ['a-12']);
  assert.deepEqual(ids('fault:del'), []);
});

test('an unknown key is a problem that names the known ones, not an empty answer', () => {
  const { found, problem } = find(stories, 'verdit:ok');
  assert.match(problem, /verdit.*verdict:/);
  assert.equal(found.length, 3);
  assert.equal(parse('verdict:').tests.length, 0);
});

test('only fields that differ are told, and a value that the table lost is a difference', () => {
  const run = {
    plan: {
      actions: [
        {
          name: 'buy',
          fields: [
            { name: 'revenue', owner: 'server' },
            { name: 'sku', owner: 'client' },
          ],
        },
      ],
    },
  };
  const one = story('a-1', 'distorted', 'value_changed', { revenue: '10.00', sku: 'x' });
  one.emissions = [
    { source: 'client', fate: 'queued', revenue: '9.00', sku: 'x', user_id: 'u-1' },
    { source: 'server', fate: 'queued', revenue: '10.00', sku: null, user_id: 'u-1' },
  ];
  one.rows = [{ revenue: '9.00', sku: 'x', user_id: 'u-1', unread: '' }];
  assert.deepEqual(
    differences(run, one).differing.map((d) => d.name),
    ['revenue'],
  );
  one.rows[0].sku = null;
  assert.deepEqual(
    differences(run, one).differing.map((d) => d.name),
    ['revenue', 'sku'],
  );
  one.rows[0].unread = 'user_id';
  assert.deepEqual(
    differences(run, one).differing.map((d) => d.name),
    ['user_id', 'revenue', 'sku'],
  );
});

test('the bars of a waterfall hang together, from the ratio before to the one after', () => {
  const steps = [1500, -300, 400].map((by) => ({ ten_thousandths: by }));
  const spans = spansOf(1.0, steps);
  assert.deepEqual(
    spans.map((span) => span.map((share) => Math.round(share * 1600))),
    [
      [0, 1500],
      [1200, 300],
      [1200, 400],
    ],
  );
  assert.equal(stepText(1533), '+0.1533');
  assert.equal(stepText(-51), '−0.0051');
});

test('a timeline says at which point each fault struck', () => {
  const told = timeline({
    ...story('a-3', 'lost', 'none'),
    abandons: [],
    emissions: [
      {
        captured_at: 1,
        source: 'client',
        fate: 'destroyed',
        event_id: 'abc-def',
        faults: 'renamed, drop',
        points: 'capture, queue',
      },
      { captured_at: 2, source: 'server', fate: 'queued', event_id: 'abc-def', faults: '', points: '' },
    ],
  });
  const notes = told.flatMap((entry) => entry.notes).filter((note) => note.startsWith('struck'));
  assert.deepEqual(notes, ['struck by renamed (capture), drop (queue)']);
});
