// SPDX-License-Identifier: Apache-2.0
// Every section renders for every kind of outcome, from the file alone.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { close, dataOf, fileOf, kinds, launch, open, readThrough } from './browser.mjs';

const order = [
  'verdict',
  'causes',
  'explanation',
  'assertions',
  'ratio',
  'counts',
  'latency',
  'skew',
  'multiplicity',
  'funnel',
  'identity',
  'actions',
  'faults',
  'config',
];
const words = {
  pass: 'Pass',
  fail: 'Fail',
  jump: 'Pass',
  unknown: 'Inconclusive',
  unjudged: 'Inconclusive',
  empty: 'Inconclusive',
  load: 'Pass',
};

before(launch);
after(close);

for (const kind of kinds) {
  test(`every section of a run of kind ${kind} renders, without a complaint`, async () => {
    const page = await open(kind);
    await readThrough(page);
    const ids = await page.$$eval('main > section', (sections) => sections.map((s) => s.id));
    assert.deepEqual(ids, order);
    const titles = await page.$$eval('main > section', (sections) =>
      sections.map(
        (s) => document.getElementById(s.getAttribute('aria-labelledby'))?.textContent ?? '',
      ),
    );
    assert.ok(
      titles.every((title) => title.length > 3),
      titles.join(),
    );
    assert.equal(await page.textContent('.word'), words[kind]);
    const text = await page.innerText('main');
    for (const wrong of ['[object', 'undefined', 'NaN', 'Infinity', 'null'])
      assert.ok(!text.includes(wrong), `"${wrong}" stands on the page`);
    for (const id of order)
      assert.ok((await page.innerText(`#${id}`)).split('\n').length >= 2, `${id} says nothing`);
    assert.deepEqual(page.complaints, []);
  });

  test(`the page of a run of kind ${kind} is one file below 5 MB that links nowhere`, async () => {
    assert.ok(statSync(fileOf(kind)).size < 5_000_000);
    const page = await open(kind);
    const links = await page.$$eval('[src], link[href], a[href], img, iframe', (all) =>
      all.map((e) => e.getAttribute('href') ?? e.getAttribute('src')),
    );
    assert.ok(links.length > 10);
    assert.deepEqual(
      links.filter((link) => !/^(#|data:)/.test(link)),
      [],
    );
  });
}

test('the figures at the top are those of the report', async () => {
  const page = await open('fail');
  const { report } = await dataOf(page);
  const told = await page.$$eval('.figures strong', (all) =>
    all.map((e) => Number(e.textContent.replaceAll(',', ''))),
  );
  const { actions, rows } = report;
  const wrong =
    actions.total - actions.ok - actions.recovered - actions.excused - actions.unevaluated;
  assert.deepEqual(told, [
    actions.total,
    actions.ok + actions.recovered,
    actions.excused,
    wrong,
    actions.unevaluated,
    rows.total,
  ]);
  assert.ok(wrong > 0);
});

test('the causes are those of the report, ranked by actions', async () => {
  const page = await open('fail');
  const { report } = await dataOf(page);
  const told = await page
    .locator('#causes table')
    .first()
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => Number(row.cells[2].firstChild.textContent.replaceAll(',', ''))),
    );
  assert.deepEqual(
    told,
    report.causes.map((c) => c.actions).sort((a, b) => b - a),
  );
  assert.ok(told.length > 2);
});

test('a cause says what tells its actions from all others', async () => {
  const page = await open('fail');
  const { report } = await dataOf(page);
  const marked = report.causes.filter((cause) => cause.mark);
  assert.ok(marked.length > 0);
  const text = await page.innerText('#causes');
  for (const { mark } of marked)
    assert.ok(text.includes(`marked by ${mark.where}: `), `${mark.where} is not in ${text}`);
});

test('causes can be ranked by revenue', async () => {
  const page = await open('fail');
  const amounts = () =>
    page
      .locator('#causes table')
      .first()
      .locator('tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) =>
          Number(/([\d,.]+) USD/.exec(row.cells[4].textContent)?.[1].replaceAll(',', '') ?? 0),
        ),
      );
  const options = await page.$$eval('#causes select option', (all) => all.map((o) => o.value));
  assert.deepEqual(options, ['actions', 'revenue in USD']);
  await page.selectOption('#causes select', options[1]);
  const ranked = await amounts();
  assert.deepEqual(
    ranked,
    [...ranked].sort((a, b) => b - a),
  );
  assert.ok(ranked[0] > 0);
});

test('the ratio shows its band, the window of the deploy, and the jump', async () => {
  const page = await open('jump');
  await page.locator('#ratio .chart').scrollIntoViewIfNeeded();
  await page.waitForSelector('#ratio .chart svg');
  const svg = await page.$eval('#ratio .chart', (e) => e.textContent);
  for (const text of [
    'discount_deploy',
    'allowed 0.97 to 1.07',
    'in the table',
    'recorded by the SDKs',
  ])
    assert.ok(svg.includes(text), `${text} is not in ${svg}`);
  await page.click('#ratio details summary');
  await page.waitForSelector('#ratio details tbody tr');
  const ratios = await page.$$eval('#ratio details tbody tr', (rows) =>
    rows.map((r) => Number(r.cells[6].textContent)),
  );
  const mean = (part) => part.reduce((a, b) => a + b, 0) / part.length;
  const half = ratios.length / 2;
  assert.ok(mean(ratios.slice(0, half)) < 1.07 && mean(ratios.slice(half)) > 1.12, ratios.join());
});

test('a load has its percentiles and its rate', async () => {
  const page = await open('load');
  const text = await page.innerText('#latency');
  for (const part of [
    'The load, in wall time',
    'planned sending to answer',
    'Rate accepted',
    '99.99 %',
  ])
    assert.ok(text.includes(part), part);
  const { report } = await dataOf(page);
  const told = await page
    .locator('#latency table')
    .nth(1)
    .locator('tbody tr')
    .first()
    .locator('td')
    .first()
    .textContent();
  assert.equal(Number(told.replaceAll(',', '')), report.load.latency.count);
});

test('a run that was not judged says so instead of showing nothing', async () => {
  const page = await open('unjudged');
  assert.match(await page.innerText('#actions'), /not judged/);
  assert.match(await page.innerText('#verdict'), /shard 1 of 2/);
});

test('the configuration is the effective scenario', async () => {
  const page = await open('jump');
  await page.click('#config .json summary');
  await page.waitForSelector('#config .json pre');
  const shown = JSON.parse(await page.textContent('#config .json pre'));
  assert.equal(shown.population.users, 1500);
  assert.deepEqual(shown, (await dataOf(page)).scenario);
});

test('a text of the run is never markup', async () => {
  const page = await open('fail');
  assert.equal(await page.locator('#injected').count(), 0);
  assert.equal(
    await page.textContent('.verdict .about'),
    '</script><b id=injected>&amp;</b><!-- <script>',
  );
});

test('an explained run shows its answer first, and a waterfall that sums to the move', async () => {
  const page = await open('jump');
  const { report } = await dataOf(page);
  const told = await page.$$eval('#explanation .sentences li', (all) =>
    all.map((e) => e.textContent),
  );
  assert.deepEqual(told, report.explanation.sentences);
  assert.match(told[0], /rose from 1\.0/);
  const numbers = await page.$$eval('#explanation .waterfall tbody tr', (rows) =>
    rows.map((row) => Number(row.children[1].textContent.replace('−', '-'))),
  );
  const [before, after] = [numbers[0], numbers.at(-1)];
  const sum = numbers.slice(1, -1).reduce((all, n) => all + n, before);
  assert.ok(Math.abs(sum - after) < 1e-9, `${numbers}`);
});

test('deploys stand as lines on the ratio over time', async () => {
  const page = await open('jump');
  await readThrough(page);
  const { report } = await dataOf(page);
  const labels = await page.$$eval('#ratio svg text', (all) => all.map((e) => e.textContent));
  for (const deploy of report.deploys) assert.ok(labels.includes(deploy.label), deploy.label);
});
