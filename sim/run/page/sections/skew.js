// SPDX-License-Identifier: Apache-2.0
// Clock skew: what faults did to client clocks, against what an analyst can see of it in the table.

import { axis, chart } from '../charts.js';
import { h, table } from '../dom.js';
import { int, share, span } from '../format.js';
import { numbers, section } from '../parts.js';

const edges = ['0.1 s', '1 s', '10 s', '1 min', '10 min', '1 h', '6 h', '1 day'];
const steps = Array.from({ length: 17 }, (_, i) => i - 8);

function stepLabel(step) {
  if (step === 0) return 'under 0.1 s';
  const from = edges[Math.abs(step) - 1];
  return `${step < 0 ? '−' : '+'}${from}${Math.abs(step) === 8 ? ' or more' : ''}`;
}

const titles = {
  injected: 'injected into client clocks',
  observed: 'observed: client_ts minus server_ts',
};

export function skewSection(run) {
  const rows = run.table('skew');
  const present = ['injected', 'observed'].filter((s) => rows.some((r) => r.series === s));
  if (present.length === 0)
    return section(
      'skew',
      'Clock skew',
      null,
      'No client emission was sent and no row has both times.',
    );
  const sum = (series) => rows.filter((r) => r.series === series).reduce((n, r) => n + r.n, 0);
  const count = (series, step) => rows.find((r) => r.series === series && r.step === step)?.n ?? 0;
  const used = steps.filter((step) => step === 0 || present.some((s) => count(s, step)));
  const wide = steps.filter((step) => step >= used[0] && step <= used.at(-1));
  const label = 'Clock error, share of emissions and rows';
  const percent = (n) => `${n.toFixed(2)} %`;
  const drawing = chart(label, (c) => ({
    xAxis: axis(c, { type: 'category', data: wide.map(stepLabel), splitLine: { show: false } }),
    yAxis: axis(c, { type: 'value', name: '% outside 0.1 s' }),
    tooltip: { trigger: 'axis', valueFormatter: percent, confine: true },
    aria: { enabled: true, decal: { show: present.length > 1 } },
    series: present.map((s) => ({
      type: 'bar',
      name: titles[s],
      data: wide.map((step) => (step === 0 ? null : (100 * count(s, step)) / sum(s))),
    })),
  }));
  return section(
    'skew',
    'Clock skew',
    'A row has both times only where both sides of its action arrived. Clocks that are right ' +
      'make the left-out middle.',
    table(
      'Clock skew',
      [
        { title: 'Series', key: true, cell: (r) => titles[r.series] },
        { title: 'Count', number: true, cell: (r) => int(r.n) },
        { title: 'Under 0.1 s', number: true, cell: (r) => share(count(r.series, 0), r.n) },
        { title: 'p1', number: true, cell: (r) => span(r.p1) },
        { title: 'p50', number: true, cell: (r) => span(r.p50) },
        { title: 'p99', number: true, cell: (r) => span(r.p99) },
      ],
      run.table('skew_summary'),
    ),
    used.length > 1
      ? [
          drawing.frame,
          numbers(
            label,
            [
              { title: 'Error from', key: true, cell: stepLabel },
              ...present.map((s) => ({
                title: titles[s],
                number: true,
                cell: (step) => int(count(s, step)),
              })),
            ],
            () => wide,
          ),
        ]
      : h('p', { class: 'none' }, 'Every clock is right within 0.1 s.'),
  );
}
