// SPDX-License-Identifier: Apache-2.0
// Why client rows per server row moved: sentences first, then the waterfall and the tables.

import { h, table } from '../dom.js';
import { section } from '../parts.js';

export function explanationSection(run) {
  const title = 'Why the ratio moved';
  const e = run.report.explanation;
  if (!e)
    return section(
      'explanation',
      title,
      null,
      'This scenario names no deploys, so nothing was held against them. ' +
        'The command parallax explain explains the folder of any run.',
    );
  const moved = e.finding === 'cause' || e.finding === 'mix';
  return section(
    'explanation',
    moved ? title : 'Why the ratio stood still',
    null,
    h(
      'ul',
      { class: 'sentences' },
      e.sentences.map((text) => h('li', {}, text)),
    ),
    e.waterfall.length ? [h('h3', {}, 'From before to after'), waterfall(e)] : [],
    e.suspects.length ? [h('h3', {}, 'Which rows, by score'), suspects(e)] : [],
    e.finding === 'cause' ? [h('h3', {}, 'Rows of one action'), multiplicities(e)] : [],
    e.parts.length ? [h('h3', {}, 'Mix or rate'), parts(e)] : [],
    e.finding === 'cause' ? [h('h3', {}, 'What to report meanwhile'), safe(e)] : [],
  );
}

/** JSON has no infinity: null is a ratio without any server row. */
const ratio = (value) => (value === null ? 'no server row' : value.toFixed(4));
const percent = (value) => `${(100 * value).toFixed(value >= 0.1 ? 1 : 2)} %`;
/** Ten-thousandths with a sign: 1533 -> "+0.1533". */
export const stepText = (by) =>
  `${by < 0 ? '−' : '+'}${(Math.abs(by) / 10000).toFixed(4)}`;
const step = (value) => stepText(Math.round(value * 10000));

/** Where each bar of the waterfall begins and ends, as shares of the width. */
export function spansOf(before, steps) {
  const ends = [];
  let at = Math.round(before * 10000);
  for (const { ten_thousandths: by } of steps) ends.push([at, (at += by)]);
  const all = [Math.round(before * 10000), ...ends.flat()];
  const low = Math.min(...all);
  const width = Math.max(...all) - low || 1;
  return ends.map(([a, b]) => [(Math.min(a, b) - low) / width, Math.abs(b - a) / width]);
}

function waterfall(e) {
  const spans = spansOf(e.before.ratio, e.waterfall);
  const steps = e.waterfall.map((s, i) => ({ ...s, span: spans[i] }));
  const told = (s, value) => (s.before || s.after ? percent(value) : '');
  const rows = [
    { text: 'before', number: ratio(e.before.ratio) },
    ...steps.map((s) => ({
      text: s.text,
      number: stepText(s.ten_thousandths),
      before: told(s, s.before),
      after: told(s, s.after),
      bar: floating(s),
    })),
    { text: 'after', number: ratio(e.after.ratio) },
  ];
  return table(
    'Waterfall',
    [
      { title: '', key: true, cell: (r) => r.text },
      { title: 'Ratio', number: true, cell: (r) => r.number },
      { title: '', wide: true, cell: (r) => r.bar },
      { title: 'True before', number: true, cell: (r) => r.before },
      { title: 'And after', number: true, cell: (r) => r.after },
    ],
    rows,
    { class: 'waterfall' },
  );
}

function floating({ ten_thousandths: by, span: [from, width] }) {
  const style = `margin-left:${100 * from}%;width:${Math.max(100 * width, 0.5)}%`;
  const kind = by < 0 ? 'pass' : 'fail';
  return h('span', { class: `bar ${kind}`, 'aria-hidden': 'true' }, h('span', { style }));
}

const suspects = (e) =>
  table(
    'Which rows, by score',
    [
      { title: 'Where', key: true, cell: (s) => s.where },
      { title: 'Score', number: true, cell: (s) => s.score.toFixed(0) },
      { title: 'Of the actions', number: true, cell: (s) => percent(s.share) },
      { title: 'Ratio before', number: true, cell: (s) => ratio(s.before) },
      { title: 'After', number: true, cell: (s) => ratio(s.after) },
      { title: 'Of the move', number: true, cell: (s) => step(s.excess) },
    ],
    e.suspects,
  );

const multiplicities = (e) =>
  table(
    'Rows of one action, before and after',
    [
      { title: 'Client, server', key: true, cell: (m) => `${m.client}, ${m.server}` },
      { title: 'Before', number: true, cell: (m) => percent(m.before) },
      { title: 'After', number: true, cell: (m) => percent(m.after) },
    ],
    e.multiplicities,
  );

const parts = (e) =>
  table(
    'Mix or rate, by attribute',
    [
      { title: 'By', key: true, cell: (p) => p.by },
      { title: 'Of the mix', number: true, cell: (p) => step(p.mix) },
      { title: 'Of rates', number: true, cell: (p) => step(p.rate) },
      { title: '± (95 %)', number: true, cell: (p) => ratio(1.96 * p.rate_error) },
    ],
    e.parts,
  );

const safe = (e) =>
  table(
    'What to report meanwhile',
    [
      { title: 'Share of what happened', key: true, cell: (m) => m.name },
      { title: 'Before', number: true, cell: (m) => percent(m.before) },
      { title: 'After', number: true, cell: (m) => percent(m.after) },
      { title: '', cell: (m) => (m.stands_still ? 'stands still' : '') },
    ],
    e.safe,
  );
