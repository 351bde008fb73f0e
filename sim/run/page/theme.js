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

let chosen = kept.get();
const wanted = () => chosen ?? (system.matches ? 'dark' : 'light');
/** The style sheet knows themes by this name alone. */
const show = () => (root.dataset.theme = wanted());

export function makeThemeButton(changed) {
  const button = h('button', { type: 'button', class: 'theme', onclick: turn });
  function update() {
    button.textContent = show() === 'dark' ? 'Light' : 'Dark';
  }
  function turn() {
    chosen = wanted() === 'dark' ? 'light' : 'dark';
    kept.set(chosen);
    update();
    changed();
  }
  system.addEventListener('change', () => {
    update();
    changed();
  });
  update();
  return button;
}

export function whilePrinting(draw, redraw) {
  window.addEventListener('beforeprint', () => {
    root.dataset.theme = 'light';
    draw();
    redraw();
  });
  window.addEventListener('afterprint', () => {
    show();
    redraw();
  });
}
