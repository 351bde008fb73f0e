// SPDX-License-Identifier: Apache-2.0
// What had to hold: rule, expected, actual, delta, tolerance; and the parts of what did not.

import { h, table } from '../dom.js';
import { capital, counted, int, words } from '../format.js';
import { chip, section, struckBy } from '../parts.js';

const rank = { fail: 0, unknown: 1, pass: 2 };

export function assertionsSection(run) {
  const assertions = [...run.report.assertions].sort((a, b) => rank[a.verdict] - rank[b.verdict]);
  if (assertions.length === 0)
    return section('assertions', 'Assertions', null, 'This run was not judged.');
  const holding = assertions.filter((a) => a.verdict === 'pass').length;
  return section(
    'assertions',
    'Assertions',
    `${holding} of ${assertions.length} hold.`,
    table(
      'Assertions',
      [
        { title: 'Verdict', key: true, cell: (a) => chip(a.verdict) },
        {
          title: 'Assertion',
          wide: true,
          cell: (a) =>
            h(
              'div',
              {},
              h('strong', {}, a.name),
              h('div', { class: 'about' }, a.rule),
              a.expected_to_fail
                ? h('div', { class: 'about' }, 'Expected to fail: failing is what passes.')
                : null,
              a.why ? h('div', { class: `why ${a.verdict}` }, a.why) : null,
            ),
        },
        { title: 'Expected', cell: (a) => values(a.expected) },
        { title: 'Actual', cell: (a) => values(a.actual) },
        { title: 'Delta', number: true, cell: (a) => values(a.delta) },
        { title: 'Tolerance', cell: (a) => values(a.tolerance) },
        {
          title: 'Looked at',
          number: true,
          cell: (a) =>
            a.sample_needed ? `${int(a.sample)} of ${int(a.sample_needed)} needed` : int(a.sample),
        },
      ],
      assertions,
    ),
    assertions.filter((a) => a.lines.length || a.causes.length).map(detail),
  );
}

/** "1.00 USD; 2.00 EUR", a line each. */
const values = (text) =>
  h(
    'div',
    { class: 'values' },
    text.split('; ').map((value) => h('div', {}, value)),
  );

/** One assertion by bucket or column, and its causes. Open where it fails. */
function detail(assertion) {
  const off = assertion.lines.filter((line) => line.verdict !== 'pass').length;
  return h(
    'details',
    { class: 'assertion', open: assertion.found !== 'pass' && assertion.lines.length <= 40 },
    h(
      'summary',
      {},
      h('strong', {}, assertion.name),
      ' ',
      [
        assertion.lines.length && counted(assertion.lines.length, 'part'),
        off && `${off} off`,
        assertion.causes.length && counted(assertion.causes.length, 'cause'),
      ]
        .filter(Boolean)
        .join(', '),
    ),
    assertion.lines.length
      ? table(
          `${assertion.name} in parts`,
          [
            { title: 'Part', key: true, cell: (l) => l.bucket || 'all' },
            { title: 'Verdict', cell: (l) => chip(l.verdict) },
            { title: 'Expected', number: true, cell: (l) => l.expected },
            { title: 'Actual', number: true, cell: (l) => l.actual },
            { title: 'Delta', number: true, cell: (l) => l.delta },
          ],
          assertion.lines,
        )
      : null,
    assertion.causes.length
      ? h(
          'ul',
          { class: 'plain' },
          assertion.causes.map((cause) =>
            h(
              'li',
              {},
              counted(cause.actions, 'action'),
              ` (${words(cause.verdict)}): ${words(cause.cause)}. `,
              h(
                'span',
                { class: 'about' },
                cause.about,
                cause.faults.length ? ` ${capital(struckBy(cause.faults))}.` : '',
              ),
              cause.examples
                .slice(0, 3)
                .map((id) => [' ', h('a', { href: `#action=${id}`, class: 'id' }, id)]),
            ),
          ),
        )
      : null,
  );
}
