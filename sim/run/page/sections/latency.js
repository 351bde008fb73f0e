// SPDX-License-Identifier: Apache-2.0
// How long things took: answers to SDKs, actions on their way to the table, requests of a load.

import { axis, chart, timeAxes, windowBands } from '../charts.js';
import { choice, h, table } from '../dom.js';
import { int, share, span } from '../format.js';
import { numbers, section } from '../parts.js';
import { byBucket } from '../run.js';

// A load goes as fast as its rate says, whatever the simulated time: only its wall time means
// something.
export function latencySection(run) {
  const kinds = run.table('latency');
  const parts = run.load ? loadParts(run) : kinds.length ? simulated(run, kinds) : [];
  return section(
    'latency',
    'Latency',
    null,
    parts.length ? parts : 'Nothing was accepted: there is no latency.',
  );
}

/** The least length of a step of the distributions: ten steps a factor of ten. */
const stepLabel = (step) => (step === 0 ? '< 1 µs' : span(Math.round(10 ** ((step - 1) / 10))));

function simulated(run, kinds) {
  const out = [
    h('h3', {}, 'In simulated time'),
    h(
      'p',
      { class: 'lead' },
      'From sending a batch to its answer, by side; and from the action to its row’s ingestion.',
    ),
    table(
      'Latency in simulated time',
      [
        { title: 'Kind', key: true, cell: (r) => r.kind },
        { title: 'Count', number: true, cell: (r) => int(r.n) },
        ...['p50', 'p90', 'p99', 'p999', 'max'].map((name) => ({
          title: name === 'p999' ? 'p99.9' : name,
          number: true,
          cell: (r) => span(r[name]),
        })),
      ],
      kinds,
    ),
  ];
  const label = 'Percentiles over time';
  let kind = kinds[0].kind;
  let shown = [];
  const over = chart(label, (c) => ({
    xAxis: timeAxes(c, run),
    yAxis: axis(c, { type: 'log', axisLabel: { formatter: span } }),
    tooltip: { trigger: 'axis', valueFormatter: span, confine: true },
    series: [
      ...['p50', 'p90', 'p99'].map((name, i) => ({
        type: 'line',
        name,
        symbol: ['circle', 'rect', 'triangle'][i],
        symbolSize: 5,
        data: shown.map((r) => (r[name] === null ? null : Math.max(r[name], 1))),
      })),
      ...windowBands(c, run),
    ],
  }));
  const spread = chart(
    'Distribution',
    (c) =>
      distribution(
        c,
        run
          .table('latency_distribution')
          .filter((r) => r.kind === kind)
          .map((r) => [r.step, r.n]),
        'count',
      ),
    200,
  );
  const below = h('div', {});
  const picker = choice(
    'Kind',
    kinds.map((r) => r.kind),
    (name) => {
      kind = name;
      const rows = run.table('latency_over_time').filter((r) => r.kind === kind);
      shown = byBucket(run, rows, (r) => r, { n: 0, p50: null, p90: null, p99: null }).map(
        (r, i) => ({ ...r, label: run.buckets[i].label }),
      );
      below.replaceChildren(
        numbers(
          label,
          [
            { title: 'From (UTC)', key: true, cell: (b) => b.label },
            { title: 'Count', number: true, cell: (b) => int(b.n) },
            ...['p50', 'p90', 'p99'].map((p) => ({
              title: p,
              number: true,
              cell: (b) => span(b[p]),
            })),
          ],
          () => shown,
        ),
      );
      over.update();
      spread.update();
    },
  );
  return [
    ...out,
    picker,
    h('h4', {}, label),
    over.frame,
    below,
    h('h4', {}, 'Distribution'),
    spread.frame,
  ];
}

function distribution(c, steps, unit) {
  const counts = new Map(steps);
  const first = Math.min(...counts.keys());
  const last = Math.max(...counts.keys());
  const all = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return {
    legend: { show: false },
    grid: { left: 8, right: 16, top: 24, bottom: 8, containLabel: true },
    xAxis: axis(c, { type: 'category', data: all.map(stepLabel), splitLine: { show: false } }),
    yAxis: axis(c, { type: 'value', minInterval: 1, name: unit }),
    series: [
      { type: 'bar', name: unit, barCategoryGap: '8%', data: all.map((s) => counts.get(s) ?? 0) },
    ],
  };
}

const kindsOfLoad = {
  latency: ['latency', 'planned sending to answer'],
  service: ['service time', 'sending to answer'],
  lag: ['generator’s lag', 'how late the generator itself was'],
};

function loadParts(run) {
  const { load } = run;
  const told = run.report.load;
  const names = Object.keys(kindsOfLoad);
  const shown = ['10 %', '50 %', '90 %', '95 %', '99 %', '99.9 %', '99.99 %', '100 %'];
  const parts = [100000, 500000, 900000, 950000, 990000, 999000, 999900, 1000000];
  const at = (name, share) => load[name].percentiles.find(([s]) => s === share)?.[1];
  const label = 'Latency by percentile';
  const curve = chart(label, (c) => ({
    xAxis: axis(c, {
      type: 'category',
      data: load.latency.percentiles.map(([s]) => `${s / 1e4} %`),
    }),
    yAxis: axis(c, { type: 'log', axisLabel: { formatter: span } }),
    tooltip: { trigger: 'axis', valueFormatter: span, confine: true },
    series: names.map((name, i) => ({
      type: 'line',
      name: kindsOfLoad[name][0],
      symbol: ['circle', 'rect', 'triangle'][i],
      symbolSize: 6,
      data: load[name].percentiles.map(([, us]) => Math.max(us, 1)),
    })),
  }));
  const spread = chart(
    'Distribution of latency',
    (c) => distribution(c, load.latency.distribution, '‰ of requests'),
    200,
  );
  return [
    h('h3', {}, 'The load, in wall time'),
    told ? loadFacts(told) : [],
    table(
      'Latency of the load',
      [
        {
          title: 'Kind',
          key: true,
          cell: (name) =>
            h('div', {}, kindsOfLoad[name][0], h('div', { class: 'about' }, kindsOfLoad[name][1])),
        },
        { title: 'Requests', number: true, cell: (name) => int(load[name].count) },
        ...parts.map((share, i) => ({
          title: i === parts.length - 1 ? 'max' : shown[i],
          number: true,
          cell: (name) => span(at(name, share)),
        })),
      ],
      names,
    ),
    h('h4', {}, label),
    curve.frame,
    h('h4', {}, 'Distribution of latency'),
    spread.frame,
  ];
}

function loadFacts(told) {
  const rate = (n) => `${int(Math.round(n))} /s`;
  const rows = [
    ['Asked', told.asked, ''],
    ['Sent in time', int(told.sent.events), share(told.sent.events, told.planned.events)],
    ['Accepted', int(told.accepted.events), share(told.accepted.events, told.planned.events)],
    ['Not sent', int(told.not_sent.events), share(told.not_sent.events, told.planned.events)],
    ['Rate accepted', rate(told.events_per_s), `${rate(told.requests_per_s)} requests`],
    ['Waited for in vain', int(told.censored), 'requests'],
    ['Generator', told.generator.bottleneck || 'kept up', `${share(told.generator.busy, 1)} busy`],
  ];
  return table(
    'What the load achieved',
    [
      { title: 'Events', key: true, cell: (r) => r[0] },
      { title: '', number: true, cell: (r) => r[1] },
      { title: '', cell: (r) => r[2] },
    ],
    rows,
    { class: 'narrow' },
  );
}
