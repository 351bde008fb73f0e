// SPDX-License-Identifier: Apache-2.0
// Client against server over time: what entered the SDKs' queues, and what the clean table was made
// of.

import { axis, chart, deployLines, timeAxes, windowBands } from '../charts.js';
import { choice, h } from '../dom.js';
import { int } from '../format.js';
import { numbers, section } from '../parts.js';
import { byBucket, coarser } from '../run.js';

const enough = 20; // Server records in a bucket below which a ratio is only noise.

export function ratioSection(run) {
  const both = run.plan.actions.filter((a) => a.client && a.server).map((a) => a.name);
  const banded = run.bands.map((b) => b.action);
  both.sort((a, b) => banded.includes(b) - banded.includes(a));
  if (both.length === 0 || run.table('sides').length === 0)
    return section(
      'ratio',
      'Client per server over time',
      null,
      both.length
        ? 'No emission and no row to count.'
        : 'No event of this scenario is recorded by both sides.',
    );
  const label = 'Client per server, by time';
  let event = both[0];
  let shown = ratios(run, event);
  const drawing = chart(label, (c) => option(c, shown.run, event, shown.rows), 280);
  const columns = [
    { title: 'From (UTC)', key: true, cell: (b) => b.label },
    { title: 'Recorded client', number: true, cell: (b) => int(b.sent_client) },
    { title: 'Recorded server', number: true, cell: (b) => int(b.sent_server) },
    { title: 'Ratio', number: true, cell: (b) => b.sent?.toFixed(3) ?? '' },
    { title: 'Table client', number: true, cell: (b) => int(b.read_client) },
    { title: 'Table server', number: true, cell: (b) => int(b.read_server) },
    { title: 'Ratio', number: true, cell: (b) => b.read?.toFixed(3) ?? '' },
  ];
  const below = h('div', {});
  const picker = choice('Event', both, (name) => {
    event = name;
    shown = ratios(run, name);
    below.replaceChildren(
      total(shown),
      numbers(label, columns, () => shown.rows),
    );
    drawing.frame.hidden = !shown.rows.some((r) => r.read !== null || r.sent !== null);
    drawing.update();
  });
  return section(
    'ratio',
    'Client per server over time',
    'One purchase seen by both cameras is 1 client and 1 server record. The gap between the ' +
      'two lines is what the pipeline itself did.',
    picker,
    drawing.frame,
    below,
  );
}

const over = (client, server) => (server >= enough ? client / server : null);

/** Ratios by time: in buckets so long that most of them hold enough records, or else in quarters. */
function ratios(run, event) {
  const quarter = Math.max(Math.floor(run.buckets.length / 4), 1);
  const lengths = [1, 2, 4, 8, 16].filter((times) => times < quarter);
  for (const times of [...lengths, quarter]) {
    const view = coarser(run, times);
    const rows = ratiosOf(run, view, times, event);
    const busy = rows.filter((r) => r.sent_server + r.read_server > 0);
    const told = busy.filter((r) => r.sent !== null).length;
    if (told >= 0.8 * busy.length || times === quarter) return { run: view, rows };
  }
}

function ratiosOf(run, view, times, event) {
  const counts = ['sent_client', 'sent_server', 'read_client', 'read_server'];
  const rows = run.table('sides').filter((r) => r.event_name === event);
  const fine = byBucket(run, rows, (r) => r, null);
  return view.buckets.map(({ label }, i) => {
    const part = fine.slice(i * times, (i + 1) * times).filter((r) => r !== null);
    const sums = counts.map((name) => [name, part.reduce((all, r) => all + r[name], 0)]);
    const r = Object.fromEntries(sums);
    return {
      ...r,
      label,
      sent: over(r.sent_client, r.sent_server),
      read: over(r.read_client, r.read_server),
    };
  });
}

function total({ rows }) {
  const sum = (name) => rows.reduce((all, row) => all + row[name], 0);
  const drawn = rows.some((r) => r.sent !== null || r.read !== null);
  const ratio = (client, server) => (server ? (client / server).toFixed(3) : 'none');
  return h(
    'p',
    { class: 'note' },
    `Whole run: recorded ${ratio(sum('sent_client'), sum('sent_server'))}, `,
    `table ${ratio(sum('read_client'), sum('read_server'))}. `,
    drawn
      ? `Spans of time with fewer than ${enough} server records show no ratio.`
      : 'These are too few for a ratio over time.',
  );
}

function option(c, run, event, rows) {
  const band = run.bands.find((b) => b.action === event);
  const line = (name, key, extra) => ({
    type: 'line',
    name,
    data: rows.map((r) => r[key]),
    symbol: 'circle',
    symbolSize: 4,
    ...extra,
  });
  const values = rows.flatMap((r) => [r.sent, r.read]).filter((v) => v !== null);
  const ends = band ? [...values, Number(band.low), Number(band.high)] : values;
  const margin = Math.max((Math.max(...ends) - Math.min(...ends)) * 0.1, 0.02);
  return {
    xAxis: timeAxes(c, run),
    yAxis: axis(c, {
      type: 'value',
      name: 'client / server',
      axisLabel: { showMinLabel: false, showMaxLabel: false },
      min: Math.floor(20 * (Math.min(...ends) - margin)) / 20,
      max: Math.ceil(20 * (Math.max(...ends) + margin)) / 20,
    }),
    series: [
      line('in the table', 'read', { lineStyle: { width: 2.5 } }),
      line('recorded by the SDKs', 'sent', { lineStyle: { width: 1.5, type: 'dashed' } }),
      ...(band
        ? [
            {
              type: 'line',
              name: `allowed ${band.low} to ${band.high}`,
              data: [],
              color: c.pass,
              markLine: {
                silent: true,
                symbol: 'none',
                lineStyle: { color: c.pass, type: 'dotted', width: 1.5 },
                label: { color: c.pass, position: 'insideEndTop', formatter: '{c}' },
                data: [{ yAxis: Number(band.low) }, { yAxis: Number(band.high) }],
              },
            },
          ]
        : []),
      ...windowBands(c, run),
      ...deployLines(c, run),
    ],
  };
}
