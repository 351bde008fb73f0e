// SPDX-License-Identifier: Apache-2.0
// Bundles the page and its charts into one HTML text and writes it as a C++ source:
//   node build.mjs NODE_MODULES OUT.cpp
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [modules, out] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const esbuild = createRequire(join(modules, 'any.js'))('esbuild');

async function bundle(entry, loader) {
  const result = await esbuild.build({
    entryPoints: [join(here, entry)],
    bundle: true,
    minify: true,
    write: false,
    target: 'es2020',
    format: loader === 'css' ? undefined : 'iife',
    nodePaths: [modules],
    legalComments: 'eof',
    logLevel: 'warning',
  });
  return result.outputFiles[0].text;
}

// A raw string literal may be 64 KiB by the standard; g++ joins neighbours.
function literal(text) {
  const pieces = text.match(/[^]{1,16000}/g) ?? [''];
  return pieces.map((piece) => `R"page~(${piece})page~"`).join('\n');
}

// Nothing in a script or style may end its element.
const script = (await bundle('main.js', 'js')).replaceAll('</script', '<\\/script');
const style = (await bundle('page.css', 'css')).replaceAll('</style', '<\\/style');
const html = readFileSync(join(here, 'page.html'), 'utf8');
const put = { STYLE: style, SCRIPT: script };
const filled = html.replace(/<!-- (STYLE|SCRIPT) -->/g, (whole, name) => put[name]);
const [before, after] = filled.split('<!-- DATA -->');
if (after === undefined) throw new Error('page.html has no place for the data');

writeFileSync(
  out,
  `#include "sim/run/report_page.h"
parallax::PageTemplate parallax::embedded_page() {
  static const char before[] =
${literal(before)};
  static const char after[] =
${literal(after)};
  return {{before, sizeof before - 1}, {after, sizeof after - 1}};
}
`,
);
