// SPDX-License-Identifier: Apache-2.0
// Links, search, keyboard, dark, print and narrow screens, as people use them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { close, dataOf, follow, launch, open, readThrough } from './browser.mjs';

before(launch);
after(close);

const status = (page) => page.textContent('#actions > [role=status]');
const found = async (page) =>
  Number(/^([\d,]+) action/.exec(await status(page))?.[1].replaceAll(',', ''));
const rowsOf = ({ columns, rows }) =>
  rows.map((row) => Object.fromEntries(columns.map((c, i) => [c, row[i]])));

test('the search finds by verdict, cause, user, event and event_id, and excludes', async () => {
  const page = await open('fail');
  const tables = (await dataOf(page)).tables;
  const actions = rowsOf(tables.sample_actions);
  const is = (test) => actions.filter(test).length;
  const wrong = actions.find((a) => a.verdict === 'duplicated');
  const emission = rowsOf(tables.sample_emissions).find(
    (e) => e.action_id === wrong.action_id && e.event_id,
  );
  const expected = new Map([
    ['verdict:duplicated', is((a) => a.findings.split(', ').includes('duplicated'))],
    ['-verdict:ok', is((a) => a.verdict !== 'ok')],
    [`cause:${wrong.cause}`, is((a) => a.cause === wrong.cause)],
    [`-cause:${wrong.cause},none`, is((a) => ![wrong.cause, 'none'].includes(a.cause))],
    [`user:${wrong.user_id}`, is((a) => a.user_id === wrong.user_id)],
    [`event:purchase -verdict:ok`, is((a) => a.event_name === 'purchase' && a.verdict !== 'ok')],
    [`action:${wrong.action_id}`, 1],
  ]);
  for (const [words, count] of expected) {
    await page.fill('#search-words', words);
    assert.equal(await found(page), count, words);
    assert.ok(count > 0 && count < actions.length, `${words} tells nothing apart`);
  }
  await page.fill('#search-words', `id:${emission.event_id.slice(0, 18)}`);
  assert.ok((await page.innerText('.detail')).includes(emission.event_id));
  await page.fill('#search-words', 'nobody-at-all');
  assert.equal(await found(page), 0);
  assert.match(await page.innerText('.detail'), /No sampled action/);
  await page.fill('#search-words', 'verdit:ok');
  assert.match(await status(page), /There is no “verdit:”.*verdict:/);
});

test('a cause leads to its actions, and an example to its timeline', async () => {
  const page = await open('fail');
  await follow(page, page.locator('#causes table a').first());
  assert.match(await page.inputValue('#search-words'), /^verdict:\w+ cause:\w+$/);
  assert.ok((await found(page)) > 0);
  const example = page.locator('#assertions a.id').first();
  const id = await example.textContent();
  await follow(page, example);
  assert.equal(await page.textContent('.detail h3 code'), id);
  const again = await open('fail', `#action=${id}`);
  assert.equal(await again.textContent('.detail h3 code'), id);
});

test('every link inside the page leads somewhere', async () => {
  for (const kind of ['fail', 'jump']) {
    const page = await open(kind);
    const dead = await page.$$eval('a[href^="#"]', (links) =>
      links
        .map((a) => a.getAttribute('href'))
        .filter((href) => !/^#(search|action)=/.test(href) && !document.querySelector(href)),
    );
    assert.deepEqual(dead, []);
    const ids = await page.$$eval('a[href^="#action="]', (links) =>
      links.map((a) => a.hash.slice(8)),
    );
    const sampled = new Set(
      rowsOf((await dataOf(page)).tables.sample_actions).map((a) => a.action_id),
    );
    assert.deepEqual(
      ids.filter((id) => !sampled.has(id)),
      [],
    );
    assert.ok(ids.length > 0);
  }
});

test('a timeline goes from the action to the table, and tells the fields that differ', async () => {
  const page = await open('fail');
  const rows = rowsOf((await dataOf(page)).tables.sample_rows);
  await page.fill('#search-words', 'event:purchase verdict:distorted');
  const steps = await page.$$eval('.timeline li', (all) =>
    all.map((li) => li.className.split(' ')[0]),
  );
  assert.equal(steps[0], 'action');
  assert.ok(
    steps.includes('table') && (steps.includes('client') || steps.includes('server')),
    steps.join(),
  );
  const id = await page.textContent('.detail h3 code');
  const table = await page.innerText('.detail table');
  const row = rows.find((r) => r.action_id === id);
  assert.ok(table.includes('revenue') && table.includes(row.revenue), table);
});

test('the list grows by fifty, however many actions there are', async () => {
  const page = await open('fail');
  const total = rowsOf((await dataOf(page)).tables.sample_actions).length;
  assert.ok(total > 120);
  assert.equal(await page.locator('.list li').count(), 50);
  await page.click('.more');
  assert.equal(await page.locator('.list li').count(), 100);
  assert.ok((await page.evaluate(() => document.querySelectorAll('*').length)) < 6000);
});

test('the keyboard reaches every control, and shows where it is', async () => {
  const page = await open('fail');
  const all = await page.evaluate(
    () =>
      [
        ...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]'),
      ].filter((e) => e.checkVisibility({ checkVisibilityCSS: true })).length,
  );
  const reached = new Set();
  for (let i = 0; i < all + 20; ++i) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      if (e === document.body) return null;
      e.dataset.reached ??= String(Math.random());
      const style = getComputedStyle(e);
      return [
        e.dataset.reached,
        style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
        e.outerHTML.slice(0, 80),
      ];
    });
    if (!at) break;
    assert.ok(at[1], `no outline around ${at[2]}`);
    reached.add(at[0]);
  }
  assert.ok(reached.size >= all, `${reached.size} of ${all}`);
});

test('controls and regions have names, and headings make an outline', async () => {
  const page = await open('fail');
  await readThrough(page);
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll('a, button, input, select, [role=region], [role=img], nav')]
      .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length))
      .map((e) => e.outerHTML.slice(0, 90)),
  );
  assert.deepEqual(nameless, []);
  const levels = await page.$$eval('h1, h2, h3, h4', (all) => all.map((h) => Number(h.tagName[1])));
  assert.equal(levels.filter((l) => l === 1).length, 1);
  levels.forEach((level, i) =>
    assert.ok(i === 0 || level <= levels[i - 1] + 1, `h${level} after h${levels[i - 1]}`),
  );
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
  const heads = await page.$$eval(
    'table',
    (tables) => tables.filter((t) => !t.querySelector('thead th[scope=col]')).length,
  );
  assert.equal(heads, 0);
});

const luminance = (rgb) => {
  const [r, g, b] = rgb
    .match(/[\d.]+/g)
    .map(Number)
    .map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

for (const theme of ['light', 'dark'])
  test(`texts and verdicts have contrast in the ${theme}`, async () => {
    for (const kind of ['pass', 'fail', 'unknown']) {
      const page = await open(kind, '', { colorScheme: theme });
      const pairs = await page.evaluate(() => {
        const back = (e) => {
          for (; e; e = e.parentElement) {
            const colour = getComputedStyle(e).backgroundColor;
            if (colour !== 'rgba(0, 0, 0, 0)') return colour;
          }
          return 'rgb(255, 255, 255)';
        };
        return [
          '.word',
          '.because',
          '.about',
          '.chip',
          '.note',
          '.lead',
          'nav a',
          'thead th',
          'td',
          'a.id',
        ]
          .map((s) => document.querySelector(s))
          .filter(Boolean)
          .map((e) => [e.className || e.tagName, getComputedStyle(e).color, back(e)]);
      });
      assert.ok(pairs.length > 4);
      for (const [what, ink, paper] of pairs)
        assert.ok(contrast(ink, paper) >= 4.5, `${what}: ${ink} on ${paper}`);
    }
  });

test('the theme follows the system until the button is used, charts with it', async () => {
  const page = await open('fail', '', { colorScheme: 'dark' });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const ink = () => page.locator('#causes .chart svg text').first().getAttribute('fill');
  await page.locator('#causes .chart').scrollIntoViewIfNeeded();
  await page.waitForSelector('#causes .chart svg');
  assert.ok(luminance(await paper()) < 0.1);
  const before = await ink();
  await page.click('.theme');
  assert.ok(luminance(await paper()) > 0.9);
  assert.notEqual(await ink(), before);
  await page.reload();
  assert.ok(luminance(await paper()) > 0.9, 'the choice was forgotten');
  assert.deepEqual(page.complaints, []);
});

test('paper is light, whole and without controls', async () => {
  const page = await open('fail', '', { colorScheme: 'dark' });
  const pdf = await page.pdf({ format: 'A4' });
  assert.ok(pdf.length > 50_000);
  assert.deepEqual(page.complaints, []);
  await page.emulateMedia({ media: 'print' });
  for (const hidden of ['.top', 'nav', '.search', '.list', '.copying'])
    assert.equal(await page.locator(hidden).first().isVisible(), false, hidden);
  for (const shown of ['#verdict', '#assertions table', '.timeline'])
    assert.equal(await page.locator(shown).first().isVisible(), true, shown);
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  assert.ok(
    luminance(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)) > 0.9,
  );
  const charts = await page.$$eval('.chart', (all) =>
    all.map((e) => e.querySelector('svg') !== null),
  );
  assert.ok(charts.length > 4 && charts.every(Boolean), 'a chart below the fold is blank on paper');
});

for (const kind of ['fail', 'load', 'unknown'])
  test(`a narrow screen scrolls in one direction only: ${kind}`, async () => {
    const page = await open(kind, '', { viewport: { width: 420, height: 900 } });
    await readThrough(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 420, `${wide} pixels wide`);
  });

test('the copy button copies the command that repeats the run', async () => {
  const page = await open('jump', '', { permissions: [] });
  await page.evaluate(() => {
    window.copied = '';
    document.execCommand = () =>
      Boolean((window.copied = document.activeElement.value ?? String(getSelection())));
    navigator.clipboard &&
      (navigator.clipboard.writeText = async (text) => {
        window.copied = text;
      });
  });
  await page.click('.rerun .copy');
  await page.waitForFunction(() => document.querySelector('.copied').textContent === 'Copied');
  const copied = await page.evaluate(() => window.copied);
  assert.equal(copied, (await dataOf(page)).report.rerun);
  assert.match(copied, /run .*ratio-jump\.json --seed 118/);
});
