// SPDX-License-Identifier: Apache-2.0
// Counts and money of the clean table against the truth.

import { axis, chart, timeAxes, windowBands } from '../charts.js';
import { choice, h, table } from '../dom.js';
import { capital, int, minus, money, share, signed, words } from '../format.js';
import { numbers, section } from '../parts.js';
import { byBucket } from '../run.js';

export function countsSection(run) {
  const counts = run.table('counts');
  if (counts.length === 0)
    return section('counts', 'Counts and revenue', null, 'No action and no row to count.');
  const amounts = run.table('money');
  return section(
    'counts',
    'Counts and revenue',
    'The ledger knows what must be in the table, and what may be there besides because nobody ' +
      'knows whether it arrived.',
    countTable(counts),
    amounts.length
      ? [
          h('h3', {}, `${capital(words(run.plan.money))}, by event and currency`),
          moneyTable(amounts),
        ]
      : [],
    overTime(
      run,
      counts.map((r) => r.event_name),
    ),
  );
}

/** How far `value` is outside of [low, low + more]; 0 inside. */
export const outside = (value, low, more) =>
  value < low ? value - low : value > low + more ? value - low - more : 0;

function countTable(counts) {
  const expected = (r) => (r.may ? `${int(r.must)} to ${int(r.must + r.may)}` : int(r.must));
  return table(
    'Counts against the truth',
    [
      { title: 'Event', key: true, cell: (r) => r.event_name },
      { title: 'Happened', number: true, cell: (r) => int(r.happened) },
      { title: 'Must be there', number: true, cell: expected },
      { title: 'Rows', number: true, cell: (r) => int(r.rows) },
      { title: 'Off by', number: true, cell: (r) => delta(outside(r.rows, r.must, r.may)) },
      { title: 'Kept right', number: true, cell: (r) => share(r.right_rows, r.must + r.may) },
      { title: 'Phantom', number: true, cell: (r) => int(r.phantom) },
    ],
    counts,
  );
}

const delta = (n) => h('span', { class: n ? 'off' : null }, signed(n));

function moneyTable(amounts) {
  const off = (r) => {
    const low = minus(r.rows, r.must);
    if (Number(low) < 0) return low;
    const high = minus(low, r.may);
    return Number(high) > 0 ? high : '0';
  };
  return table(
    'Money against the truth',
    [
      { title: 'Event', key: true, cell: (r) => r.event_name },
      { title: 'Currency', cell: (r) => r.currency || 'none' },
      { title: 'Happened', number: true, cell: (r) => money(r.happened, r.currency) },
      { title: 'Must be there', number: true, cell: (r) => money(r.must, r.currency) },
      { title: 'May be besides', number: true, cell: (r) => money(r.may, r.currency) },
      { title: 'Rows', number: true, cell: (r) => money(r.rows, r.currency) },
      {
        title: 'Off by',
        number: true,
        cell: (r) => h('span', { class: Number(off(r)) ? 'off' : null }, money(off(r), r.currency)),
      },
      {
        title: 'Off by',
        number: true,
        cell: (r) =>
          Number(r.must) ? share(Math.abs(Number(off(r))), Number(r.must)) || '0 %' : '',
      },
    ],
    amounts,
  );
}

function overTime(run, events) {
  const label = 'Rows against the truth, by time';
  let shown = [];
  const drawing = chart(label, (c) => ({
    xAxis: timeAxes(c, run),
    yAxis: axis(c, { type: 'value', minInterval: 1, name: 'actions, rows' }),
    series: [
      {
        type: 'bar',
        name: 'must be there',
        data: shown.map((r) => r.must),
        color: c.band,
        barCategoryGap: '12%',
      },
      {
        type: 'line',
        name: 'rows by their event time',
        data: shown.map((r) => r.rows),
        symbol: 'circle',
        symbolSize: 4,
      },
      ...windowBands(c, run),
    ],
  }));
  const below = h('div', {});
  const picker = choice('Event', events, (event) => {
    const rows = run.table('counts_over_time').filter((r) => r.event_name === event);
    shown = byBucket(run, rows, (r) => r, { must: 0, may: 0, rows: 0 }).map((r, i) => ({
      ...r,
      label: run.buckets[i].label,
    }));
    below.replaceChildren(
      numbers(
        label,
        [
          { title: 'From (UTC)', key: true, cell: (b) => b.label },
          { title: 'Must be there', number: true, cell: (b) => int(b.must) },
          { title: 'May be besides', number: true, cell: (b) => int(b.may) },
          { title: 'Rows', number: true, cell: (b) => int(b.rows) },
          { title: 'Off by', number: true, cell: (b) => signed(outside(b.rows, b.must, b.may)) },
        ],
        () => shown,
      ),
    );
    drawing.update();
  });
  return [h('h3', {}, label), picker, drawing.frame, below];
}
