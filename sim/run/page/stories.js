// SPDX-License-Identifier: Apache-2.0
// The sampled actions with all that is known of each, and their timelines.

import { counted, span, words } from './format.js';
import { kindOf } from './run.js';

const severity = { fail: 0, unknown: 1, pass: 2 };

/** One { action, emissions, attempts, abandons, rows } an action. Worst first, then by time. */
export function readStories(run) {
  const stories = new Map(
    run
      .table('sample_actions')
      .map((action) => [
        action.action_id,
        { action, emissions: [], attempts: [], abandons: [], rows: [] },
      ]),
  );
  for (const list of ['emissions', 'attempts', 'abandons', 'rows'])
    for (const row of run.table(`sample_${list}`)) stories.get(row.action_id)?.[list].push(row);
  const order = (s) => severity[kindOf(s.action.verdict)] * 2 + (s.action.verdict === 'ok');
  return [...stories.values()].sort(
    (a, b) => order(a) - order(b) || a.action.happened_at - b.action.happened_at,
  );
}

/** What happened, oldest first: { us, lane, title, notes[], kind }. */
export function timeline(story) {
  const { action } = story;
  const entries = [
    {
      us: action.happened_at,
      lane: 'action',
      title: action.event_name,
      notes: [
        action.refused && 'refused by the backend: it did not happen',
        action.page && `on page ${action.page}`,
      ],
    },
  ];
  for (const e of story.emissions) entries.push(emission(e));
  for (const a of story.attempts) entries.push(...attempt(a, copies(story)));
  for (const a of story.abandons)
    entries.push({
      us: a.abandoned_at,
      lane: a.source,
      title: `${a.source} SDK gave it up: ${a.why}`,
      notes: [],
      kind: 'fail',
    });
  for (const r of story.rows) entries.push(canonical(r));
  if (story.rows.length === 0)
    entries.push({
      us: Infinity,
      lane: 'table',
      title: 'No canonical row',
      notes: [],
      kind: kindOf(action.verdict) === 'pass' ? 'plain' : 'fail',
    });
  return entries.map((e) => ({ ...e, notes: e.notes.filter(Boolean) })).sort((a, b) => a.us - b.us);
}

const copies = (story) => story.emissions.some((e) => e.copy > 0);
/** "struck by drop (queue), delay (before_send)": both lists as the ledger has them. */
const struck = ({ faults, points }) =>
  faults &&
  `struck by ${points
    .split(', ')
    .map((point, i) => `${faults.split(', ')[i]} (${point})`)
    .join(', ')}`;

const clockNote = (us) => `its clock is ${span(Math.abs(us))} ${us > 0 ? 'fast' : 'slow'}`;

function emission(e) {
  const fate = {
    queued: '',
    destroyed: 'destroyed before it was queued',
    withheld: `withheld: ${e.withheld}`,
  }[e.fate];
  return {
    us: e.captured_at,
    lane: e.source,
    kind: e.fate === 'queued' ? 'plain' : 'fail',
    title: `${e.source} emission${e.copy ? `, copy ${e.copy}` : ''}`,
    notes: [
      e.event_id ? `event_id ${e.event_id}` : 'without event_id',
      struck(e),
      fate,
      e.clock_error_us && clockNote(e.clock_error_us),
      e.field_forms && `fields: ${e.field_forms}`,
    ],
  };
}

function attempt(a, showCopy) {
  const copy = showCopy ? (a.copy ? ` (copy ${a.copy})` : ' (the original)') : '';
  const sent = {
    us: a.attempted_at,
    lane: a.source,
    kind: 'plain',
    title: `${a.source} sends a batch of ${a.size}, try ${a.number}${copy}`,
    notes: [struck(a), a.strike !== 'none' && words(a.strike)],
  };
  if (a.receipt_at === null)
    return [{ ...sent, notes: [...sent.notes, 'no receipt: the run stopped'], kind: 'unknown' }];
  const kind = { accepted: 'pass', rejected: 'fail', unknown: 'unknown' }[a.receipt];
  return [
    sent,
    {
      us: a.receipt_at,
      lane: a.source,
      kind,
      title: `${a.receipt}${copy}`,
      notes: [a.status ? `HTTP ${a.status}` : 'no answer', a.by_fault && 'made by a fault'],
    },
  ];
}

function canonical(r) {
  const raw =
    r.client_rows === null && r.server_rows === null
      ? null
      : `made of ${counted(r.client_rows ?? 0, 'client row')} ` +
        `and ${counted(r.server_rows ?? 0, 'server row')}`;
  return {
    us: r.ingestion_ts ?? r.event_ts ?? Infinity,
    lane: 'table',
    kind: 'row',
    title: `Canonical row ${r.number}${r.source ? ` from the ${r.source}` : ''}`,
    notes: [
      r.event_id ? `event_id ${r.event_id}` : `event_id ${r.id_form}`,
      raw,
      r.late && 'after the deadline',
    ],
  };
}

const envelope = [
  'event_id',
  'user_id',
  'device_id',
  'session_id',
  'sequence_id',
  'currency',
  'consent_state',
];

/**
 * Fields in which what happened, the sides and the rows differ: { name, owner, happened, client[],
 * server[], rows[] }; and how many agree. A value that a side or the table does not have is null.
 */
export function differences(run, story) {
  const plan = run.plan.actions.find((a) => a.name === story.action.event_name);
  const names = [...envelope, ...(plan?.fields.map((f) => f.name) ?? [])];
  const side = (source, name) =>
    story.emissions
      .filter((e) => e.source === source && e.fate !== 'withheld')
      .map((e) => e[name] ?? null);
  const differing = [];
  for (const name of names) {
    const unread = (row) => row.unread.split(', ').includes(name);
    const entry = {
      name,
      owner: plan?.fields.find((f) => f.name === name)?.owner ?? '',
      happened: story.action[name] ?? null,
      client: side('client', name),
      server: side('server', name),
      rows: story.rows.map((row) => (unread(row) ? 'another value' : (row[name] ?? null))),
    };
    if (differs(entry)) differing.push(entry);
  }
  return { differing, agreeing: names.length - differing.length };
}

function differs({ name, happened, client, server, rows }) {
  const said = [happened, ...client, ...server].filter((v) => v !== null);
  const told = rows.filter((v) => v !== null && v !== '');
  if (new Set([...said, ...told].map(String)).size > 1) return true;
  const business = !envelope.includes(name);
  return business && rows.length > 0 && said.length > 0 && rows.some((v) => v === null);
}
