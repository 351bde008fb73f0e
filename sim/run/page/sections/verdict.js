// SPDX-License-Identifier: Apache-2.0
// The verdict, what was run, and the command that repeats it.

import { copyButton, h } from '../dom.js';
import { int, share, span } from '../format.js';
import { mark } from '../parts.js';
import { kindOf } from '../run.js';

export const verdictWords = { pass: 'Pass', fail: 'Fail', unknown: 'Inconclusive' };

export function verdictSection(run) {
  const { report } = run;
  const kind = kindOf(report.verdict);
  const because = report.because || (kind === 'pass' ? 'All assertions hold.' : '');
  return h(
    'section',
    { id: 'verdict', class: `verdict ${kind}`, 'aria-labelledby': 'verdict-title' },
    h(
      'div',
      { class: 'headline' },
      mark(kind),
      h(
        'div',
        {},
        h(
          'h1',
          { id: 'verdict-title' },
          h('span', { class: 'word' }, verdictWords[kind]),
          h('span', { class: 'what' }, ` ${report.scenario}, seed ${report.seed}`),
        ),
        because ? h('p', { class: 'because' }, because) : null,
        report.about ? h('p', { class: 'about' }, report.about) : null,
      ),
    ),
    run.judged ? figures(run) : null,
    rerun(report.rerun),
    h(
      'dl',
      { class: 'facts' },
      facts(run).map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
    ),
  );
}

function figures(run) {
  const { actions, rows } = run.report;
  const sum = (kind) =>
    Object.entries(actions)
      .filter(([name]) => name !== 'total' && kindOf(name) === kind)
      .reduce((all, [, n]) => all + n, 0);
  const kept = actions.ok + actions.recovered;
  const list = [
    ['Actions', actions.total, 'what users really did'],
    ['Kept right', kept, share(kept, actions.total)],
    [
      'Excused',
      actions.excused,
      `${share(actions.excused, actions.total)} lost before the pipeline`,
    ],
    ['Wrong', sum('fail'), share(sum('fail'), actions.total), sum('fail') ? 'fail' : null],
    [
      'Not evaluated',
      sum('unknown'),
      share(sum('unknown'), actions.total),
      sum('unknown') ? 'unknown' : null,
    ],
    [
      'Rows',
      rows.total,
      `${int(rows.phantom)} phantom, ${int(rows.foreign)} foreign`,
      rows.phantom ? 'fail' : null,
    ],
  ];
  return h(
    'ul',
    { class: 'figures' },
    list.map(([name, n, note, kind]) =>
      h(
        'li',
        { class: kind },
        h('span', { class: 'name' }, name),
        h('strong', {}, int(n)),
        h('span', { class: 'note' }, note),
      ),
    ),
  );
}

const rerun = (command) =>
  !command
    ? null
    : h(
        'div',
        { class: 'rerun' },
        h('h2', { class: 'small' }, 'Run it again'),
        h(
          'div',
          { class: 'command' },
          h('pre', { tabindex: '0', 'aria-label': 'Command that repeats this run' }, command),
          copyButton(command, 'the command'),
        ),
      );

function facts(run) {
  const { report, clock, time } = run;
  const short = (us) => clock.full(us).slice(0, 16);
  return [
    ['Target', report.target],
    ['Simulated', `${short(0)} to ${short(time.length_us)} UTC (${span(time.length_us)})`],
    ['Took', `${span(report.timing.total_us)} of wall time`],
    ['Run id', report.run_id],
    ['Scenario hash', report.scenario_hash],
    ['Parallax', report.parallax],
  ].filter(([, value]) => value);
}
