// SPDX-License-Identifier: Apache-2.0
// Elements without a framework. Texts only ever become text nodes, so nothing of a run is markup.

/** h('td', { class: 'n' }, 'text', child, [more]) -> element. A function as attribute listens. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined));
  return element;
}

/** An icon of one path or of several, drawn in the text's colour. */
export function icon(paths, className) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', `icon ${className ?? ''}`);
  for (const d of [paths].flat()) {
    const path = document.createElementNS(space, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

/**
 * A table. Columns: { title, cell(row) -> text or node, number, key, wide }; `key` makes it the
 * head of its row. It scrolls by itself where it is too wide, also by keyboard.
 */
export function table(label, columns, rows, attributes = {}) {
  const cell = (column, row) =>
    h(column.key ? 'th' : 'td', { scope: column.key ? 'row' : null, class: classOf(column) }, [
      column.cell(row) ?? '',
    ]);
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label },
    h(
      'table',
      attributes,
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          columns.map((c) => h('th', { scope: 'col', class: classOf(c) }, c.title)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) =>
          h(
            'tr',
            {},
            columns.map((c) => cell(c, row)),
          ),
        ),
      ),
    ),
  );
}

function classOf(column) {
  return (
    [column.number && 'n', column.wide && 'wide', column.code && 'code']
      .filter(Boolean)
      .join(' ') || null
  );
}

export function copyButton(text, what) {
  const status = h('span', { class: 'copied', role: 'status' });
  const button = h(
    'button',
    { type: 'button', class: 'copy', onclick: copy, 'aria-label': `Copy ${what}` },
    'Copy',
  );
  async function copy() {
    status.textContent = (await toClipboard(text)) ? 'Copied' : 'Press Ctrl+C';
    setTimeout(() => (status.textContent = ''), 2000);
  }
  return h('span', { class: 'copying' }, button, status);
}

/** Pages opened from a file have no clipboard of their own in every browser. */
async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h('textarea', { class: 'offscreen' });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

/** <label>TITLE <select>; calls `change(value)` at once with the first option. */
export function choice(title, options, change) {
  const select = h(
    'select',
    { onchange: () => change(select.value) },
    options.map((option) => h('option', { value: option }, option)),
  );
  change(options[0]);
  return h('label', { class: 'choice' }, `${title} `, select);
}
