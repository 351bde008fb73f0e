// SPDX-License-Identifier: Apache-2.0
// Parts that several sections share: verdict chips, chart frames with their table, empty sections.

import { h, icon, table } from './dom.js';
import { int, words } from './format.js';
import { kindOf } from './run.js';

// Shapes differ, so that no verdict is told by colour alone: tick in a circle, cross in an octagon,
// question mark in a diamond.
const shapes = {
  pass: ['M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1z', 'M4.8 8.2l2.2 2.3 4.3-4.8'],
  fail: ['M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z', 'M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2'],
  unknown: ['M8 .8L15.2 8 8 15.2.8 8z', 'M6.2 6.4a1.9 1.9 0 1 1 2.7 1.7c-.6.3-.9.6-.9 1.2M8 11v.6'],
};

export const mark = (kind) => icon(shapes[kind], `mark ${kind}`);

export const chip = (verdict) =>
  h('span', { class: `chip ${kindOf(verdict)}` }, mark(kindOf(verdict)), words(verdict));

/** A section of the page. `body`: nodes, or a sentence for a section without anything to show. */
export function section(id, title, lead, ...body) {
  return h(
    'section',
    { id, 'aria-labelledby': `${id}-title` },
    h('h2', { id: `${id}-title` }, title),
    lead ? h('p', { class: 'lead' }, lead) : null,
    body.flat().map((part) => (typeof part === 'string' ? h('p', { class: 'none' }, part) : part)),
  );
}

/** "struck by drop (3), delay (1)" of a cause of the report; "" where no fault struck. */
export const struckBy = (faults = []) =>
  faults.length ? `struck by ${faults.map((f) => `${f.name} (${int(f.actions)})`).join(', ')}` : '';

/** "marked by country = JP: 33 of 34 such actions": what tells a cause's actions from all others. */
export const markedBy = (mark) =>
  mark ? `marked by ${mark.where}: ${int(mark.hit)} of ${int(mark.all)} such actions` : '';

/** A share as a bar behind its number, for tables. */
export const bar = (part, whole, kind = 'plain') =>
  h(
    'span',
    { class: `bar ${kind}`, 'aria-hidden': 'true' },
    h('span', { style: `width:${whole ? Math.max((100 * part) / whole, part > 0 ? 1 : 0) : 0}%` }),
  );

/** The numbers behind a chart, folded away; for keyboards, screen readers and copying. */
export function numbers(label, columns, rows) {
  const holder = h('details', { class: 'numbers' }, h('summary', {}, `Numbers of “${label}”`));
  holder.addEventListener('toggle', () => {
    if (holder.open && holder.childElementCount === 1) holder.append(table(label, columns, rows()));
  });
  return holder;
}
