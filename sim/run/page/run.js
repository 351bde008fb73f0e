// SPDX-License-Identifier: Apache-2.0
// The data of the page: what report_page.cpp wrote into it, with the tables as lists of objects.

import { clock } from './format.js';

export function readRun(text) {
  const page = JSON.parse(text);
  const tables = {};
  for (const [name, { columns, rows }] of Object.entries(page.tables))
    tables[name] = rows.map((row) => Object.fromEntries(columns.map((c, i) => [c, row[i]])));
  const { start_us: start, length_us: length, bucket_us: width } = page.time;
  const at = clock(start);
  return {
    ...page,
    judged: 'sampled' in tables,
    /** The rows of a table; none where the run was not judged. */
    table: (name) => tables[name] ?? [],
    clock: at,
    buckets: Array.from({ length: Math.ceil(length / width) }, (_, i) => ({
      us: i * width,
      label: at.bucket(i * width, width),
    })),
  };
}

/** The same run with `times` as many of its buckets taken together. */
export function coarser(run, times) {
  return {
    ...run,
    time: { ...run.time, bucket_us: run.time.bucket_us * times },
    buckets: run.buckets.filter((_, i) => i % times === 0),
  };
}

const passing = new Set(['ok', 'recovered', 'excused', 'pass']);
const open = new Set(['unevaluated', 'unknown']);

/** pass, fail or unknown: what a verdict of an action, an assertion or a run counts as. */
export const kindOf = (verdict) =>
  passing.has(verdict) ? 'pass' : open.has(verdict) ? 'unknown' : 'fail';

/** A value a bucket, in order; `missing` where the table has no row. */
export function byBucket(run, rows, value, missing = 0) {
  const out = run.buckets.map(() => missing);
  for (const row of rows)
    if (row.bucket !== null && row.bucket < out.length) out[row.bucket] = value(row);
  return out;
}
