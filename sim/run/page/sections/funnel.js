// SPDX-License-Identifier: Apache-2.0
// The funnel of sessions: what happened, what could reach the table, what the table says.

import { table } from '../dom.js';
import { int, share } from '../format.js';
import { bar, section } from '../parts.js';

export function funnelSection(run) {
  const steps = run.table('funnel');
  if (steps.length < 2 || steps[0].happened === 0)
    return section(
      'funnel',
      'Funnel',
      null,
      steps.length < 2 ? 'This scenario has fewer than two steps.' : 'No session was played.',
    );
  const cells = (key, kind) => [
    { title: kind, number: true, cell: (s) => [int(s[key]), bar(s[key], steps[0].happened, key)] },
    { title: 'of first', number: true, cell: (s) => share(s[key], steps[0][key]) },
  ];
  return section(
    'funnel',
    'Funnel',
    'Sessions that came to a step after the step before it. What could arrive leaves out what ' +
      'consent, sampling and faults kept from the pipeline.',
    table(
      'Funnel',
      [
        { title: 'Step', key: true, cell: (s) => `${s.step}. ${s.event_name}` },
        ...cells('happened', 'Happened'),
        ...cells('reachable', 'Could arrive'),
        ...cells('measured', 'Measured'),
      ],
      steps,
    ),
  );
}
