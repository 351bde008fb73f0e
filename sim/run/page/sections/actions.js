// SPDX-License-Identifier: Apache-2.0
// The actions one by one: search, list, and the timeline of the chosen one.

import { h, table } from '../dom.js';
import { counted, int, span, words } from '../format.js';
import { chip, mark, section } from '../parts.js';
import { find } from '../search.js';
import { differences, readStories, timeline } from '../stories.js';

const page = 50; // Actions a step of the list: the page stays quick however many there are.

export function actionsSection(run) {
  const stories = readStories(run);
  if (stories.length === 0)
    return {
      node: section(
        'actions',
        'Actions one by one',
        null,
        run.judged ? 'No action was played.' : 'This run was not judged.',
      ),
    };
  const view = makeView(run, stories);
  const total = run.report.actions.total;
  const node = section(
    'actions',
    'Actions one by one',
    `Showing ${int(stories.length)} of ${int(total)} actions` +
      (stories.length < total ? ': a sample of every verdict and cause.' : '.'),
    view.form,
    view.hints,
    view.status,
    h('div', { class: 'browser' }, view.list, view.detail),
    stories.length < total ? sampleTable(run) : null,
  );
  return { node, search: view.search, open: view.open };
}

function sampleTable(run) {
  return h(
    'details',
    { class: 'numbers' },
    h('summary', {}, 'What the sample holds'),
    table(
      'What the sample holds',
      [
        { title: 'Verdict', key: true, cell: (r) => chip(r.verdict) },
        { title: 'Cause', cell: (r) => (r.cause === 'none' ? '' : words(r.cause)) },
        { title: 'Actions', number: true, cell: (r) => int(r.actions) },
        { title: 'To be seen here', number: true, cell: (r) => int(r.shown) },
      ],
      run.table('sampled'),
    ),
  );
}

function makeView(run, stories) {
  const input = h('input', {
    type: 'search',
    id: 'search-words',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'verdict:duplicated -cause:retransmit u-17',
    oninput: () => search(input.value),
  });
  const form = h(
    'form',
    { role: 'search', class: 'search', onsubmit: (event) => event.preventDefault() },
    h('label', { for: 'search-words' }, 'Search actions'),
    input,
    h('button', { type: 'button', onclick: () => search('') }, 'Clear'),
  );
  const status = h('p', { class: 'note', role: 'status' });
  const list = h('div', { class: 'list' });
  const detail = h('div', { class: 'detail', role: 'region', 'aria-label': 'The chosen action' });

  function search(query, focusFirst = false) {
    if (input.value !== query) input.value = query;
    const { found, problem } = find(stories, query);
    status.textContent =
      problem ||
      (query.trim()
        ? `${counted(found.length, 'action')} found.`
        : `${counted(found.length, 'action')}, worst first.`);
    status.classList.toggle('problem', problem !== '');
    fill(found, page);
    if (found.length) show(found[0]);
    else detail.replaceChildren(h('p', { class: 'none' }, 'No sampled action fits these words.'));
    if (focusFirst) input.focus({ preventScroll: true });
  }

  function fill(found, most) {
    const rows = found.slice(0, most).map((story) =>
      h(
        'li',
        {},
        entry(run, story, () => show(story)),
      ),
    );
    const more =
      found.length > most &&
      h(
        'button',
        {
          type: 'button',
          class: 'more',
          onclick: () => {
            fill(found, most + page);
            list.querySelectorAll('li button')[most]?.focus();
          },
        },
        `Show ${Math.min(page, found.length - most)} more of ${int(found.length - most)}`,
      );
    list.replaceChildren(h('ol', {}, rows), ...(more ? [more] : []));
  }

  function show(story) {
    detail.replaceChildren(...storyNodes(run, story).flat());
    for (const button of list.querySelectorAll('li button'))
      button.setAttribute('aria-current', String(button.dataset.action === story.action.action_id));
  }

  function open(id) {
    search(`action:${id}`);
    return stories.some((s) => s.action.action_id === id);
  }

  search('');
  return { form, hints: hints(run, search), status, list, detail, search, open };
}

/** Searches to begin with: one a verdict that the sample holds. */
function hints(run, search) {
  const verdicts = [
    ...new Set(
      run
        .table('sampled')
        .filter((r) => r.shown)
        .map((r) => r.verdict),
    ),
  ];
  const words = [...verdicts.map((v) => `verdict:${v}`), '-verdict:ok'];
  return h(
    'div',
    { class: 'hints' },
    words.map((word) => h('button', { type: 'button', onclick: () => search(word) }, word)),
    h(
      'span',
      { class: 'note' },
      'Also user: event: cause: fault: session: device: action: id: (event_id); a minus excludes.',
    ),
  );
}

function entry(run, story, choose) {
  const { action } = story;
  return h(
    'button',
    { type: 'button', 'data-action': action.action_id, onclick: choose },
    chip(action.verdict),
    h('span', { class: 'name' }, action.event_name),
    h('span', { class: 'who' }, action.user_id),
    h('span', { class: 'when' }, run.clock.full(action.happened_at).slice(5, 19)),
  );
}

function storyNodes(run, story) {
  const { action } = story;
  const link = (key, value) =>
    h('a', { class: 'id', href: `#search=${encodeURIComponent(`${key}:${value}`)}` }, value);
  return [
    h('h3', {}, chip(action.verdict), ` ${action.event_name} `, h('code', {}, action.action_id)),
    h(
      'p',
      { class: 'note' },
      action.cause === 'none' ? '' : `Cause: ${words(action.cause)}. `,
      `The ledger says: ${words(action.expectation)}. `,
      action.findings.includes(',') ? `Found: ${words(action.findings)}. ` : '',
      'User ',
      link('user', action.user_id),
      ', session ',
      link('session', action.session_id),
      '.',
    ),
    h(
      'ol',
      { class: 'timeline' },
      timeline(story).map((e) => step(run, action, e)),
    ),
    differenceNodes(run, story),
  ];
}

function step(run, action, e) {
  const known = Number.isFinite(e.us);
  return h(
    'li',
    { class: `${e.lane} ${e.kind ?? ''}` },
    h(
      'span',
      { class: 'time' },
      known ? h('time', {}, run.clock.full(e.us).slice(5)) : '',
      known && e.us !== action.happened_at
        ? h(
            'span',
            { class: 'since' },
            `${e.us > action.happened_at ? '+' : ''}${span(e.us - action.happened_at)}`,
          )
        : '',
    ),
    h('span', { class: 'lane' }, e.lane),
    h(
      'span',
      { class: 'told' },
      ['pass', 'fail', 'unknown'].includes(e.kind) ? mark(e.kind) : '',
      h('strong', {}, e.title),
      e.notes.map((note) => h('span', { class: 'note' }, note)),
    ),
  );
}

function differenceNodes(run, story) {
  const { differing, agreeing } = differences(run, story);
  if (differing.length === 0)
    return h('p', { class: 'note' }, `All ${agreeing} fields agree wherever they are present.`);
  const several = (values) =>
    values.length === 0
      ? h('span', { class: 'note' }, 'none')
      : values.map((v) =>
          h('div', {}, v === null ? h('span', { class: 'note' }, 'missing') : String(v)),
        );
  return [
    h('h4', {}, 'Fields that differ'),
    table(
      'Fields that differ',
      [
        {
          title: 'Field',
          key: true,
          cell: (d) =>
            h('div', {}, d.name, d.owner ? h('div', { class: 'about' }, `${d.owner} owns it`) : ''),
        },
        {
          title: 'Happened',
          code: true,
          cell: (d) => (d.happened === null ? '' : String(d.happened)),
        },
        { title: 'Client recorded', code: true, cell: (d) => h('div', {}, several(d.client)) },
        { title: 'Server recorded', code: true, cell: (d) => h('div', {}, several(d.server)) },
        { title: 'Canonical rows', code: true, cell: (d) => h('div', {}, several(d.rows)) },
      ],
      differing,
    ),
    h(
      'p',
      { class: 'note' },
      `${counted(agreeing, 'other field')} agree${agreeing === 1 ? 's' : ''}.`,
    ),
  ];
}
