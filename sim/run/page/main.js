// SPDX-License-Identifier: Apache-2.0
// Builds the page from its data, in the order in which one reads it.

import { drawAll, redrawAll } from './charts.js';
import { h } from './dom.js';
import { mark } from './parts.js';
import { kindOf, readRun } from './run.js';
import { actionsSection } from './sections/actions.js';
import { assertionsSection } from './sections/assertions.js';
import { causesSection } from './sections/causes.js';
import { configSection } from './sections/config.js';
import { countsSection } from './sections/counts.js';
import { explanationSection } from './sections/explanation.js';
import { faultsSection } from './sections/faults.js';
import { funnelSection } from './sections/funnel.js';
import { identitySection } from './sections/identity.js';
import { latencySection } from './sections/latency.js';
import { multiplicitySection } from './sections/multiplicity.js';
import { ratioSection } from './sections/ratio.js';
import { skewSection } from './sections/skew.js';
import { verdictSection, verdictWords } from './sections/verdict.js';
import { makeThemeButton, whilePrinting } from './theme.js';

const run = readRun(document.getElementById('data').textContent);
const actions = actionsSection(run);
const sections = [
  verdictSection(run),
  causesSection(run),
  explanationSection(run),
  assertionsSection(run),
  ratioSection(run),
  countsSection(run),
  latencySection(run),
  skewSection(run),
  multiplicitySection(run),
  funnelSection(run),
  identitySection(run),
  actions.node,
  faultsSection(run),
  configSection(run),
];

const kind = kindOf(run.report.verdict);
const what = `${run.report.scenario}, seed ${run.report.seed}`;
document.title = `${verdictWords[kind]}: ${what}`;
const title = (node) => (node.id === 'verdict' ? 'Verdict' : node.querySelector('h2').textContent);
document.getElementById('page').append(
  h('a', { class: 'skip', href: '#verdict' }, 'To the verdict'),
  h(
    'header',
    { class: 'top' },
    h('span', { class: 'brand' }, mark(kind), 'Parallax'),
    h('span', { class: 'of' }, `${run.report.scenario}, seed ${run.report.seed}`),
    makeThemeButton(redrawAll),
  ),
  h(
    'div',
    { class: 'layout' },
    h(
      'nav',
      { 'aria-label': 'Sections' },
      h(
        'ul',
        {},
        sections.map((node) => h('li', {}, h('a', { href: `#${node.id}` }, title(node)))),
      ),
    ),
    h(
      'main',
      {},
      sections,
      h(
        'footer',
        {},
        `Parallax ${run.report.parallax}. Times are UTC. `,
        'Everything on this page is inside this file.',
      ),
    ),
  ),
);

/** #search=WORDS and #action=ID are links into the actions; all others are sections. */
function follow() {
  const [, what, value] = /^#(search|action)=(.*)$/.exec(location.hash) ?? [];
  if (!what || !actions.search) return;
  const words = decodeURIComponent(value);
  if (what === 'search') actions.search(words);
  else actions.open(words);
  actions.node.scrollIntoView();
}
window.addEventListener('hashchange', follow);
follow();

const links = new Map([...document.querySelectorAll('nav a')].map((a) => [a.hash.slice(1), a]));
const inView = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const [id, link] of links)
        id === entry.target.id
          ? link.setAttribute('aria-current', 'true')
          : link.removeAttribute('aria-current');
    }
  },
  { rootMargin: '-15% 0px -75% 0px' },
);
sections.forEach((node) => inView.observe(node));

whilePrinting(drawAll, redrawAll);
