// SPDX-License-Identifier: Apache-2.0
// Charts: ECharts as SVG, drawn when they come into view, and anew when the theme changes. Colours
// are the page's own CSS variables.

import { BarChart, LineChart } from 'echarts/charts';
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
} from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

import { h } from './dom.js';

use([
  AriaComponent, BarChart, GridComponent, LegendComponent, LineChart, MarkAreaComponent,
  MarkLineComponent, SVGRenderer, TooltipComponent,
]);

const all = new Set();

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: of('ink'), soft: of('soft'), line: of('line'), page: of('page'), window: of('window'),
    band: of('band'), pass: of('pass'), fail: of('fail'), unknown: of('unknown'),
    series: [1, 2, 3, 4, 5, 6, 7].map((i) => of(`series-${i}`)),
  };
}

/** The options that all charts share. */
function base(c, label) {
  return {
    animation: false,
    aria: { enabled: true, label: { enabled: true, general: { withoutTitle: `${label}. ` } } },
    textStyle: { fontFamily: 'inherit', color: c.ink, fontSize: 12 },
    color: c.series,
    grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
    legend: { top: 0, left: 0, icon: 'roundRect', itemWidth: 14, itemHeight: 4, itemGap: 16,
      textStyle: { color: c.ink } },
    tooltip: { trigger: 'axis', backgroundColor: c.page, borderColor: c.line, confine: true,
      textStyle: { color: c.ink, fontSize: 12 }, axisPointer: { lineStyle: { color: c.soft } } },
  };
}

export const axis = (c, more = {}) => ({
  axisLine: { lineStyle: { color: c.line } },
  axisTick: { lineStyle: { color: c.line } },
  axisLabel: { color: c.soft, hideOverlap: true, ...more.axisLabel },
  splitLine: { lineStyle: { color: c.line } },
  nameTextStyle: { color: c.soft, align: 'left' },
  ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'axisLabel')),
});

/**
 * A chart that fills its frame. `option(colours)` gives the ECharts option; `update()` draws it again
 * when what it shows has changed.
 */
export function chart(label, option, height = 260) {
  const frame = h('div', { class: 'chart', style: `height:${height}px`, role: 'img', 'aria-label': label });
  let drawn = null;
  const self = {
    frame,
    update() {
      if (!drawn) return;
      const c = colours();
      drawn.setOption({ ...base(c, label), ...option(c) }, { notMerge: true });
      frame.setAttribute('aria-label', label);
    },
    draw() {
      if (!drawn) drawn = init(frame, null, { renderer: 'svg', height });
      self.update();
    },
    resize: () => drawn?.resize(),
  };
  all.add(self);
  seen.observe(frame);
  sized.observe(frame);
  self.of = frame;
  return self;
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      for (const one of all) if (one.of === entry.target) one.draw();
    }
  },
  { rootMargin: '300px' },
);

const sized = new ResizeObserver((entries) => {
  for (const entry of entries) for (const one of all) if (one.of === entry.target) one.resize();
});

export const drawAll = () => all.forEach((one) => one.draw());
export const redrawAll = () => all.forEach((one) => one.update());

/** The axis of buckets of time. */
export const timeAxis = (c, run) =>
  axis(c, { type: 'category', data: run.buckets.map((b) => b.label), boundaryGap: true,
    splitLine: { show: false }, axisLabel: { formatter: (text) => text.replace(' 00:00', '') } });

/** Spans in which faults may strike, as bands behind a chart over time. */
export function windowAreas(c, run) {
  const width = run.time.bucket_us;
  const last = run.buckets.length - 1;
  const bucket = (us) => run.buckets[Math.min(Math.max(Math.floor(us / width), 0), last)].label;
  const timed = run.windows.filter((w) => !w.always);
  if (timed.length === 0) return undefined;
  return {
    silent: true,
    itemStyle: { color: c.window },
    label: { color: c.soft, fontSize: 11, position: 'insideTopLeft', overflow: 'truncate' },
    data: timed.map((w, i) => [
      { name: w.name, xAxis: bucket(w.from), label: { offset: [0, 14 * (i % 4)] } },
      { xAxis: bucket(Math.max(w.until - 1, w.from)) },
    ]),
  };
}
