// SPDX-License-Identifier: Apache-2.0
// The fault ledger: what was to strike, what did, and when.

import { h, icon, table } from '../dom.js';
import { int, span } from '../format.js';
import { section } from '../parts.js';
import { byBucket } from '../run.js';

export function faultsSection(run) {
  const { faults } = run.report;
  if (faults.length === 0)
    return section('faults', 'Fault ledger', null, 'This scenario has no faults.');
  const strikes = run.table('strikes');
  const window = (name) => run.windows.find((w) => w.name === name);
  return section(
    'faults',
    'Fault ledger',
    'Every decision of every fault is in the ledger. A fault that never struck proves ' +
      'nothing, so it makes the run inconclusive.',
    table(
      'Faults',
      [
        {
          title: 'Fault',
          key: true,
          cell: (f) =>
            h('div', {}, f.name, f.kind !== f.name ? h('div', { class: 'about' }, f.kind) : ''),
        },
        {
          title: 'Whom, and how',
          cell: (f) =>
            h('div', { class: 'about' }, setting(run.scenario.faults?.[faults.indexOf(f)])),
        },
        { title: 'When', cell: (f) => when(window(f.name)) },
        {
          title: 'Struck',
          number: true,
          cell: (f) => h('span', { class: f.struck || f.may_miss ? null : 'off' }, int(f.struck)),
        },
        { title: 'Passed over', number: true, cell: (f) => int(f.skipped) },
        { title: 'Not reached', number: true, cell: (f) => int(f.unreached) },
        {
          title: 'Strikes over time',
          wide: true,
          cell: (f) =>
            spark(
              byBucket(
                run,
                strikes.filter((s) => s.fault === f.name),
                (s) => s.strikes,
              ),
              f.name,
            ),
        },
      ],
      faults,
    ),
  );
}

/** What the scenario says of a fault besides its kind, name and time. */
function setting(fault) {
  const { fault: kind, name, when: window, may_miss: miss, ...rest } = fault ?? {};
  const text = (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
  return Object.entries(rest)
    .map(([key, value]) => `${key} ${text(value)}`)
    .join(', ');
}

const when = (w) =>
  !w || w.always ? 'always' : `${w.from <= 0 ? 'start' : span(w.from)} to ${span(w.until)}`;

/** Bars of strikes, one a bucket. */
function spark(values, name) {
  const most = Math.max(...values, 1);
  const path = values.map((v, i) => (v ? `M${i} 20v${(-19 * v) / most - 1}h0.8V20z` : '')).join('');
  const drawing = icon(path, 'spark');
  drawing.setAttribute('viewBox', `0 0 ${values.length} 20`);
  drawing.setAttribute('preserveAspectRatio', 'none');
  drawing.setAttribute('aria-hidden', 'false');
  drawing.setAttribute('role', 'img');
  drawing.setAttribute(
    'aria-label',
    `${name}: at most ${int(most)} strikes in ${values.length} parts of the time`,
  );
  return drawing;
}
