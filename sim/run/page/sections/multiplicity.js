// SPDX-License-Identifier: Apache-2.0
// How many rows an action has, by source.

import { table } from '../dom.js';
import { int, share } from '../format.js';
import { bar, section } from '../parts.js';

export function multiplicitySection(run) {
  const rows = run.table('multiplicity');
  if (rows.length === 0)
    return section('multiplicity', 'Rows an action', null, 'No action was judged.');
  const total = run.report.actions.total;
  return section(
    'multiplicity',
    'Rows an action',
    'Canonical rows of one action, and the raw rows of each side that they were made of. One ' +
      'canonical row is right; raw repeats behind it are what deduplication removed.',
    table(
      'Rows an action, by source',
      [
        { title: 'Canonical rows', key: true, number: true, cell: (r) => int(r.rows) },
        { title: 'Client rows', number: true, cell: (r) => int(r.client) },
        { title: 'Server rows', number: true, cell: (r) => int(r.server) },
        { title: 'Actions', number: true, cell: (r) => int(r.actions) },
        { title: 'Share', number: true, cell: (r) => share(r.actions, total) },
        { title: '', wide: true, cell: (r) => bar(r.actions, total) },
        {
          title: 'Counted as pass',
          number: true,
          cell: (r) => share(r.passing, r.actions) || '0 %',
        },
      ],
      rows,
    ),
    rows.length === 40 ? 'Only the forty most frequent are listed.' : [],
  );
}
