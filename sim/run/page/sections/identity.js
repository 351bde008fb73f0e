// SPDX-License-Identifier: Apache-2.0
// Identity: whether the table knows the same people, devices and sessions, and what its ids are
// like.

import { h, table } from '../dom.js';
import { int, share, signed } from '../format.js';
import { section } from '../parts.js';
import { outside } from './counts.js';

export function identitySection(run) {
  const rows = run.table('identity_rows');
  const total = rows.find((r) => r.what === 'rows')?.rows ?? 0;
  if (run.table('identity').length === 0)
    return section('identity', 'Identity', null, 'This run was not judged.');
  const expected = (r) => (r.low === r.high ? int(r.low) : `${int(r.low)} to ${int(r.high)}`);
  const delta = (r) => outside(r.actual, r.low, r.high - r.low);
  return section(
    'identity',
    'Identity',
    `Event ids are ${run.plan.identity}. ` +
      'Rows whose user, device or session is not their action’s count for none.',
    table(
      'Distinct people, devices and sessions',
      [
        { title: 'Distinct', key: true, cell: (r) => r.what },
        { title: 'Must be known', number: true, cell: expected },
        { title: 'In the table', number: true, cell: (r) => int(r.actual) },
        {
          title: 'Off by',
          number: true,
          cell: (r) => h('span', { class: delta(r) ? 'off' : null }, signed(delta(r))),
        },
      ],
      run.table('identity'),
    ),
    table(
      'Rows by what is odd about them',
      [
        { title: 'Rows', key: true, cell: (r) => (r.what === 'rows' ? 'all' : r.what) },
        { title: 'Count', number: true, cell: (r) => int(r.rows) },
        { title: 'Share', number: true, cell: (r) => (r.rows ? share(r.rows, total) : '') },
      ],
      rows,
    ),
  );
}
