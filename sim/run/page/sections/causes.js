// SPDX-License-Identifier: Apache-2.0
// Causes ranked by actions or by the money that the actions carry, and when they happened.

import { axis, chart, timeAxes, windowBands } from '../charts.js';
import { choice, h, table } from '../dom.js';
import { capital, int, money, share, words } from '../format.js';
import { bar, chip, markedBy, numbers, section, struckBy } from '../parts.js';
import { byBucket, kindOf } from '../run.js';

export function causesSection(run) {
  const causes = rankable(run);
  if (causes.length === 0)
    return section(
      'causes',
      'Causes',
      null,
      run.judged
        ? 'Every action has its one correct row: there is nothing to explain.'
        : 'This run was not judged.',
    );
  const wrong = causes.filter((c) => kindOf(c.verdict) !== 'pass');
  const passing = causes.filter((c) => kindOf(c.verdict) === 'pass');
  return section(
    'causes',
    'Causes',
    'Why actions are not simply ok, from the ledger: what each side recorded, and what faults ' +
      'and the wire did to it.',
    wrong.length ? ranking(run, wrong) : h('p', { class: 'none' }, 'No action is wrong.'),
    wrong.length ? overTime(run) : [],
    passing.length
      ? [
          h('h3', {}, 'Counted as a pass'),
          h(
            'p',
            { class: 'lead' },
            'Coverage that was lost before the pipeline could see it, and outcomes that ' +
              'nobody knew and that came right.',
          ),
          causeTable(run, 'Causes that pass', passing),
        ]
      : [],
  );
}

/** One entry a verdict and cause, with its sentence, and the faults and mark that the report knows. */
function rankable(run) {
  const found = new Map();
  for (const row of run.table('causes')) {
    const key = `${row.verdict}/${row.cause}`;
    if (!found.has(key))
      found.set(key, {
        verdict: row.verdict,
        cause: row.cause,
        about: run.causes[row.cause],
        actions: 0,
        money: [],
      });
    const entry = found.get(key);
    entry.actions += row.actions;
    if (row.money !== null) entry.money.push({ currency: row.currency, amount: row.money });
  }
  for (const told of [...run.report.causes, ...run.report.assertions.flatMap((a) => a.causes)]) {
    const entry = found.get(`${told.verdict}/${told.cause}`);
    if (!entry) continue;
    entry.faults ??= told.faults;
    entry.mark ??= told.mark;
  }
  return [...found.values()].sort((a, b) => b.actions - a.actions);
}

/** The currency with the most money: amounts of several are not added. */
function mainCurrency(causes) {
  const sums = new Map();
  for (const { currency, amount } of causes.flatMap((c) => c.money))
    sums.set(currency, (sums.get(currency) ?? 0) + Number(amount));
  return [...sums].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function ranking(run, causes) {
  const currency = mainCurrency(causes);
  const holder = h('div', {});
  const amount = (cause) => Number(cause.money.find((m) => m.currency === currency)?.amount ?? 0);
  const orders = { actions: (a, b) => b.actions - a.actions };
  if (currency)
    orders[`${words(run.plan.money)} in ${currency}`] = (a, b) =>
      amount(b) - amount(a) || b.actions - a.actions;
  const rank = (order) =>
    holder.replaceChildren(
      causeTable(run, 'Causes of failure, ranked', [...causes].sort(orders[order])),
    );
  return [choice('Rank by', Object.keys(orders), rank), holder];
}

function causeTable(run, label, causes) {
  const total = run.report.actions.total;
  const most = Math.max(...causes.map((c) => c.actions));
  const columns = [
    { title: 'Verdict', key: true, cell: (c) => chip(c.verdict) },
    {
      title: 'Cause',
      wide: true,
      cell: (c) => [
        c.cause === 'none' ? 'no cause to name' : h('strong', {}, words(c.cause)),
        c.about ? h('div', { class: 'about' }, c.about) : '',
        c.faults?.length ? h('div', { class: 'about' }, struckBy(c.faults)) : '',
        c.mark ? h('div', { class: 'about' }, markedBy(c.mark)) : '',
      ],
    },
    {
      title: 'Actions',
      number: true,
      cell: (c) => [int(c.actions), bar(c.actions, most, kindOf(c.verdict))],
    },
    { title: 'Share', number: true, cell: (c) => share(c.actions, total) },
  ];
  if (causes.some((c) => c.money.length))
    columns.push({
      title: capital(words(run.plan.money)),
      number: true,
      cell: (c) => c.money.map((m) => h('div', {}, money(m.amount, m.currency))),
    });
  columns.push({
    title: '',
    cell: (c) =>
      h(
        'a',
        {
          class: 'id',
          href: `#search=${encodeURIComponent(`verdict:${c.verdict} cause:${c.cause}`)}`,
        },
        'Show actions',
        h('span', { class: 'offscreen' }, ` that are ${words(c.verdict)}: ${words(c.cause)}`),
      ),
  });
  return table(label, columns, causes);
}

function overTime(run) {
  const rows = run.table('verdicts_over_time').filter((r) => kindOf(r.verdict) !== 'pass');
  const verdicts = [...new Set(rows.map((r) => r.verdict))].sort();
  const series = verdicts.map((verdict) => ({
    verdict,
    values: byBucket(
      run,
      rows.filter((r) => r.verdict === verdict),
      (r) => r.actions,
    ),
  }));
  const label = 'Actions that do not pass, by the time at which they happened';
  const drawing = chart(label, (c) => ({
    aria: { enabled: true, decal: { show: verdicts.length > 1 } },
    xAxis: timeAxes(c, run),
    yAxis: axis(c, { type: 'value', minInterval: 1, name: 'actions' }),
    series: [
      ...series.map(({ verdict, values }) => ({
        type: 'bar',
        stack: 'wrong',
        name: words(verdict),
        data: values,
        barCategoryGap: '12%',
        color: verdicts.length === 1 ? c[kindOf(verdict)] : undefined,
      })),
      ...windowBands(c, run),
    ],
  }));
  return [
    h('h3', {}, label),
    drawing.frame,
    numbers(
      label,
      [
        { title: 'From (UTC)', key: true, cell: (b) => b.label },
        ...series.map((s) => ({
          title: words(s.verdict),
          number: true,
          cell: (b) => int(s.values[b.index]),
        })),
      ],
      () => run.buckets.map((b, index) => ({ ...b, index })),
    ),
  ];
}
