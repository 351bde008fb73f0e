// SPDX-License-Identifier: Apache-2.0
// Light and dark: as the system says, until the button says otherwise. Paper is always light.

import { h } from './dom.js';

const root = document.documentElement;
const system = window.matchMedia('(prefers-color-scheme: dark)');

/** A page opened from a file may not be allowed to keep anything. */
const kept = {
  get() {
    try {
      return localStorage.getItem('parallax-theme');
    } catch {
      return null;
    }
  },
  set(theme) {
    try {
      localStorage.setItem('parallax-theme', theme);
    } catch {
      return;
    }
  },
};

const current = () => root.dataset.theme ?? (system.matches ? 'dark' : 'light');

export function makeThemeButton(changed) {
  if (kept.get()) root.dataset.theme = kept.get();
  const button = h('button', { type: 'button', class: 'theme', onclick: turn });
  const label = () => (button.textContent = current() === 'dark' ? 'Light' : 'Dark');
  function turn() {
    root.dataset.theme = current() === 'dark' ? 'light' : 'dark';
    kept.set(root.dataset.theme);
    label();
    changed();
  }
  system.addEventListener('change', () => {
    label();
    changed();
  });
  label();
  return button;
}

export function whilePrinting(draw, redraw) {
  let before;
  window.addEventListener('beforeprint', () => {
    before = root.dataset.theme;
    root.dataset.theme = 'light';
    draw();
    redraw();
  });
  window.addEventListener('afterprint', () => {
    if (before === undefined) delete root.dataset.theme;
    else root.dataset.theme = before;
    redraw();
  });
}
