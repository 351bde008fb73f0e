// SPDX-License-Identifier: Apache-2.0
// What became of each thing that a test did: the verdicts of Parallax, for a handful of actions.
import assert from 'node:assert/strict';

const valueOf = (row, field) => row[field] ?? row.properties?.[field] ?? row.context?.[field];

function verdictOn(action, rows) {
  if (rows.length === 0) return action.mustNot ? 'ok' : 'lost';
  if (action.mustNot) return 'leaked';
  if (rows.length > 1) return 'duplicated';
  const [row] = rows;
  for (const field of ['user_id', 'device_id', 'session_id'])
    if (action[field] !== undefined && row[field] !== action[field]) return 'misattributed';
  if (action.source !== undefined && row.source !== action.source) return 'distorted';
  for (const [field, wanted] of Object.entries(action.fields ?? {}))
    if (JSON.stringify(valueOf(row, field)) !== JSON.stringify(wanted)) return 'distorted';
  const at = Date.parse(row.event_ts);
  if (action.between && !(at >= action.between[0] && at <= action.between[1])) return 'mistimed';
  return 'ok';
}

/**
 * `actions`: {event_name, key?: [field, value], user_id?, source?, fields?, between?, mustNot?}; an
 * action's rows are those of its name in which the field has the value. Rows of no action are
 * phantoms, unless their name is among `besides`: what an SDK records by itself.
 */
export function judge(actions, rows, besides = []) {
  const verdicts = {};
  const owned = new Set();
  for (const action of actions) {
    const own = rows.filter(
      (row) =>
        row.event_name === action.event_name &&
        (!action.key || valueOf(row, action.key[0]) === action.key[1]),
    );
    own.forEach((row) => owned.add(row));
    const verdict = verdictOn(action, own);
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  }
  const phantom = rows.filter((row) => !owned.has(row) && !besides.includes(row.event_name));
  if (phantom.length > 0) verdicts.phantom = phantom.length;
  return verdicts;
}

export function assertAllRight(actions, rows, besides = []) {
  assert.deepEqual(judge(actions, rows, besides), { ok: actions.length }, JSON.stringify(rows));
}
