// SPDX-License-Identifier: Apache-2.0
// What was run: the effective scenario and the target, secrets masked.

import { copyButton, h, table } from '../dom.js';
import { int, span, words } from '../format.js';
import { section } from '../parts.js';

export function configSection(run) {
  const { report } = run;
  const delivery = Object.entries(report.delivery).filter(([, value]) => typeof value === 'number');
  const statuses = Object.entries(report.delivery.statuses ?? {});
  const timing = Object.entries(report.timing).map(([name, us]) => [
    words(name.replace(/_us$/, '')),
    us,
  ]);
  return section(
    'config',
    'Delivery and configuration',
    null,
    h(
      'div',
      { class: 'pair' },
      table(
        'Delivery',
        [
          { title: 'Delivery', key: true, cell: ([name]) => words(name) },
          { title: 'Count', number: true, cell: ([, n]) => int(n) },
        ],
        [
          ...delivery,
          ...statuses.map(([status, n]) => [`HTTP ${status}`, n]),
          ...(report.delivery.errors ?? []).map((e) => [e.error, e.count]),
        ],
      ),
      table(
        'Timing',
        [
          { title: 'Timing', key: true, cell: ([name]) => name },
          { title: 'Took', number: true, cell: ([, us]) => span(us) },
        ],
        timing,
      ),
    ),
    json('Effective scenario', run.scenario),
    json('Target', run.target ?? 'none was written'),
  );
}

function json(title, value) {
  const text = JSON.stringify(value, null, 2);
  return h(
    'details',
    { class: 'json' },
    h('summary', {}, title),
    h(
      'div',
      { class: 'command' },
      h('pre', { tabindex: '0', 'aria-label': title }, text),
      copyButton(text, title),
    ),
  );
}
