// SPDX-License-Identifier: Apache-2.0
// Draws what /events says. Every event has the whole state, so that a lost one costs nothing; only the
// rates are made here, from the difference to the event before.

const seconds_max = 60, seconds_min = 10;  // Of wall time on an axis.
const phases = ['starting', 'traffic', 'ledger', 'settle', 'judge', 'tables', 'judged'];

const at = (id) => document.getElementById(id);
const many = (n) => Math.round(n).toLocaleString('en');
const svg = (name, attributes) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};
const tag = (name, text, attributes = {}) => {
  const element = document.createElement(name);
  element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

/** The least "round" number that is not below `value`. */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((round) => round >= value) ?? value;
}

/** Lines over x from 0 to 1; a point is [x, y], null is a gap. Between `low` and a round top. */
function draw(figure, series, { low = 0, high, format = many, ends = ['', ''] }) {
  const width = 420, height = 140, left = 52, bottom = 18, top = 6;
  const values = series.flatMap(({ points }) => points.filter(Boolean).map((point) => point[1]));
  const most = high ?? ceiling(Math.max(...values, low + 1e-9));
  const x = (share) => left + share * (width - left - 6);
  const y = (value) => top + (1 - (value - low) / (most - low)) * (height - top - bottom);
  const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img' });
  const last = series.map(({ name, points }) => `${name} ${format(points.filter(Boolean).at(-1)?.[1] ?? 0)}`);
  picture.append(svg('title', {}));
  picture.firstChild.textContent = last.join(', ');
  for (const value of [low, (low + most) / 2, most]) {
    picture.append(svg('line', { class: 'grid', x1: left, x2: width - 6, y1: y(value), y2: y(value) }));
    const text = svg('text', { x: left - 6, y: y(value) + 4, 'text-anchor': 'end' });
    text.textContent = format(value);
    picture.append(text);
  }
  ends.forEach((words, i) => {
    const text = svg('text', { x: i ? width - 6 : left, y: height - 3, 'text-anchor': i ? 'end' : 'start' });
    text.textContent = words;
    picture.append(text);
  });
  for (const { points, style } of series) {
    let path = '', pen = 'M';
    for (const point of points) {
      if (point) path += `${pen}${x(point[0]).toFixed(1)} ${y(Math.min(Math.max(point[1], low), most)).toFixed(1)}`;
      pen = point ? 'L' : 'M';
    }
    picture.append(svg('path', { class: style, d: path }));
  }
  figure.querySelector('svg')?.remove();
  figure.append(picture);
}

function legend(figure, entries) {
  if (figure.querySelector('.legend')) return;
  const box = tag('div', '', { class: 'legend' });
  for (const [words, style] of entries) {
    const entry = tag('span', '');
    entry.append(tag('i', '', { class: style }), words);
    box.append(entry);
  }
  figure.append(box);
}

let before;
let history = [];

function remember(state) {
  const now = state.elapsed_ms / 1000;
  if (before && now < before.now) history = [];
  const counts = state.counts;
  if (!counts) return;
  if (before && now > before.now) {
    const span = now - before.now;
    history.push({
      now,
      sent: Math.max(0, (counts.events - before.events) / span),
      asked: state.load?.asked_s,
      achieved: state.load?.achieved_s,
      latency: state.load ? state.load.latency_p99_us / 1000 : undefined,
    });
    history = history.filter((point) => point.now > now - seconds_max);
  }
  before = { now, events: counts.events };
}

const seconds_shown = () =>
  Math.max(seconds_min, Math.ceil((history.at(-1)?.now ?? 0) - (history[0]?.now ?? 0)));

const over_time = (key) => {
  const end = history.at(-1)?.now ?? 0, seconds = seconds_shown();
  return history.map((point) => (point[key] === undefined ? null : [1 - (end - point.now) / seconds, point[key]]));
};

function draw_rates(state) {
  const figure = at('rate');
  const ends = [`${seconds_shown()} s ago`, 'now'];
  if (state.load) {
    draw(figure, [{ name: 'achieved', points: over_time('achieved'), style: 'one' },
                  { name: 'asked', points: over_time('asked'), style: 'two' }], { ends });
    legend(figure, [['achieved', 'one'], ['asked', 'two']]);
    at('latency').hidden = false;
    draw(at('latency'), [{ name: 'p99', points: over_time('latency'), style: 'one' }],
         { ends, format: (n) => n.toLocaleString('en', { maximumSignificantDigits: 3 }) });
  } else {
    draw(figure, [{ name: 'sent', points: over_time('sent'), style: 'one' }], { ends });
  }
}

function draw_ratio(state) {
  const sides = state.sides ?? [];
  const some = sides.some(([client, server]) => client + server > 0);
  at('ratio').hidden = !some;
  if (!some) return;
  const enough = 20;  // Of less, a ratio is noise.
  const points = sides.map(([client, server], i) =>
    server >= enough ? [(i + 0.5) / sides.length, client / server] : null);
  const values = points.filter(Boolean).map((point) => point[1]);
  const low = Math.floor(Math.min(0.9, ...values) * 10) / 10;
  const high = Math.ceil(Math.max(1.1, ...values) * 10) / 10;
  const end = new Date(Date.parse(state.start) + state.length_s * 1000).toISOString();
  draw(at('ratio'), [{ name: 'client per server', points, style: 'one' }],
       { low, high, format: (n) => n.toFixed(2), ends: [state.start.slice(0, 10), end.slice(0, 10)] });
}

function draw_tiles(state) {
  const { counts, load, end } = state;
  const tiles = [];
  if (end) {
    for (const [verdict, n] of Object.entries(end.actions))
      if (n > 0) tiles.push([verdict, n, !['ok', 'recovered', 'excused'].includes(verdict)]);
  } else if (counts) {
    tiles.push(['actions', counts.actions], ['events sent', counts.events], ['in flight', load?.in_flight ?? counts.in_flight],
               ['attempts accepted', counts.accepted], ['rejected', counts.rejected], ['no answer', counts.unknown],
               ['destroyed by faults', counts.destroyed], ['withheld', counts.withheld], ['given up by the SDK', counts.abandoned]);
    if (load) tiles.push(['failed requests', load.failed, load.failed > 0], ['not sent', load.not_sent, load.not_sent > 0]);
  }
  at('tiles').replaceChildren(...tiles.map(([words, n, bad]) => {
    const tile = tag('div', '', { class: 'tile', 'data-bad': bad ? 'yes' : 'no' });
    tile.append(tag('b', many(n)), tag('span', words));
    return tile;
  }));
}

function draw_faults(state) {
  const faults = state.faults ?? [];
  at('faults').hidden = faults.length === 0;
  const most = Math.max(1, ...faults.map((fault) => fault.struck));
  at('faults').querySelector('tbody').replaceChildren(...faults.map((fault) => {
    const row = document.createElement('tr'), bar = tag('td', ''), line = document.createElement('i');
    line.style.width = `${(100 * fault.struck) / most}%`;
    bar.append(line);
    row.append(tag('td', fault.name), tag('td', many(fault.struck)), bar);
    return row;
  }));
}

function draw_verdict(end) {
  const box = at('verdict');
  box.hidden = !end;
  if (!end) return;
  box.dataset.verdict = end.verdict;
  box.querySelector('h2').textContent = end.verdict;
  box.querySelector('p').textContent = end.because;
  const lines = end.assertions.map(({ name, verdict, why }) => tag('li', `${verdict}: ${name}${why ? `, ${why}` : ''}`));
  lines.push(tag('li', `report: ${end.folder}/report.html`));
  box.querySelector('ul').replaceChildren(...lines);
  at('rerun').textContent = end.rerun;
}

function show(state) {
  if (!state.scenario) return;
  at('scenario').textContent = `${state.scenario}, seed ${state.seed}`;
  at('about').textContent = state.about;
  at('where').textContent = `target: ${state.target}, ${(state.elapsed_ms / 1000).toFixed(0)} s`;
  document.title = `${state.end ? state.end.verdict : state.phase}: ${state.scenario}`;
  const now = phases.indexOf(state.phase);
  at('phases').replaceChildren(...phases.slice(0, -1).map((phase, i) =>
    tag('li', phase, i === now ? { 'aria-current': 'step' } : i < now ? { 'data-done': '' } : {})));
  const bar = document.querySelector('.bar');
  bar.setAttribute('aria-valuenow', Math.round(state.share * 100));
  bar.firstElementChild.style.width = `${state.share * 100}%`;
  at('text').textContent = state.text;
  remember(state);
  draw_verdict(state.end);
  draw_tiles(state);
  draw_rates(state);
  draw_ratio(state);
  draw_faults(state);
}

const events = new EventSource('events');
events.addEventListener('open', () => (at('link').textContent = 'live'));
events.addEventListener('state', (event) => show(JSON.parse(event.data)));
events.addEventListener('over', (event) => {
  events.close();
  show(JSON.parse(event.data));
  at('link').textContent = 'The command has ended; this is what was last seen.';
});
events.addEventListener('error', () => {
  if (events.readyState !== EventSource.CLOSED) at('link').textContent = 'The connection was lost; trying again.';
});
