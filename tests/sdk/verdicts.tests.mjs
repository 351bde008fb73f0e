// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { judge } from './verdicts.mjs';

const row = (changes = {}) => ({
  event_name: 'purchase',
  user_id: 'u1',
  source: 'server',
  event_ts: '2026-03-02T12:00:00.000Z',
  revenue: 9.99,
  properties: { order: 'o1' },
  ...changes,
});
const action = {
  event_name: 'purchase',
  key: ['order', 'o1'],
  user_id: 'u1',
  source: 'server',
  fields: { revenue: 9.99 },
  between: [Date.parse('2026-03-02T11:59:00Z'), Date.parse('2026-03-02T12:01:00Z')],
};

test('each planted defect has its verdict, and the right row has none', () => {
  const cases = [
    ['ok', [row()]],
    ['lost', []],
    ['duplicated', [row(), row()]],
    ['misattributed', [row({ user_id: 'u2' })]],
    ['distorted', [row({ revenue: 999 })]],
    ['distorted', [row({ source: 'client' })]],
    ['mistimed', [row({ event_ts: '2026-03-02T12:02:00.000Z' })]],
  ];
  for (const [verdict, rows] of cases) assert.deepEqual(judge([action], rows), { [verdict]: 1 });
});

test('a row of nothing that was done is a phantom, one that must not be is leaked', () => {
  const other = row({ event_name: 'refund' });
  assert.deepEqual(judge([action], [row(), other]), { ok: 1, phantom: 1 });
  assert.deepEqual(judge([action], [row(), other], ['refund']), { ok: 1 });
  assert.deepEqual(judge([{ ...action, mustNot: true }], [row()]), { leaked: 1 });
});
