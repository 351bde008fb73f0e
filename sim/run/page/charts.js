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
  AriaComponent,
  BarChart,
  GridComponent,
  LegendComponent,
  LineChart,
  MarkAreaComponent,
  MarkLineComponent,
  SVGRenderer,
  TooltipComponent,
]);

const all = new Set();

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    font: getComputedStyle(document.body).fontFamily,
    ink: of('ink'),
    soft: of('soft'),
    line: of('line'),
    page: of('page'),
    window: of('window'),
    band: of('band'),
    pass: of('pass'),
    fail: of('fail'),
    unknown: of('unknown'),
    series: [1, 2, 3, 4, 5, 6, 7].map((i) => of(`series-${i}`)),
  };
}

/** The options that all charts share. */
function base(c, label) {
  return {
    animation: false,
    aria: { enabled: true, label: { enabled: true, general: { withoutTitle: `${label}. ` } } },
    textStyle: { fontFamily: c.font, color: c.ink, fontSize: 12 },
    color: c.series,
    grid: { left: 8, right: 16, top: 50, bottom: 8, containLabel: true },
    legend: {
      top: 0,
      left: 0,
      icon: 'roundRect',
      itemWidth: 14,
      itemHeight: 4,
      itemGap: 16,
      textStyle: { color: c.ink },
    },
    tooltip: {
      trigger: 'axis',
      backgroundColor: c.page,
      borderColor: c.line,
      confine: true,
      textStyle: { color: c.ink, fontSize: 12 },
      axisPointer: { lineStyle: { color: c.soft } },
    },
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
 * A chart that fills its frame. `option(colours)` gives the ECharts option; `update()` draws it
 * again when what it shows has changed.
 */
export function chart(label, option, height = 260) {
  const frame = h('div', {
    class: 'chart',
    style: `height:${height}px`,
    role: 'img',
    'aria-label': label,
  });
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

/** The axis of buckets of time, and behind it one on which spans have their exact ends. */
export function timeAxes(c, run) {
  const names = axis(c, {
    type: 'category',
    data: run.buckets.map((b) => b.label),
    splitLine: { show: false },
    axisLabel: { interval: labelled(run), formatter: (text) => text.replace(' 00:00', '') },
  });
  return [names, { type: 'value', min: 0, max: run.buckets.length, show: false }];
}

/** Over days, labels stand at midnights only. */
function labelled(run) {
  const perDay = 86400e6 / run.time.bucket_us;
  const days = run.buckets.length / perDay;
  if (days < 3 || perDay < 1) return 'auto';
  const step = perDay * Math.ceil(days / 10);
  return (index) => index % step === 0;
}

/** Spans in which faults may strike, as bands behind a chart over time: a series of their own. */
export function windowBands(c, run) {
  const timed = run.windows.filter((w) => !w.always);
  if (timed.length === 0) return [];
  const place = (us) => Math.min(Math.max(us / run.time.bucket_us, 0), run.buckets.length);
  return [
    {
      type: 'line',
      xAxisIndex: 1,
      data: [],
      silent: true,
      markArea: {
        silent: true,
        itemStyle: { color: c.window },
        label: { color: c.soft, fontSize: 11, position: 'insideTopLeft' },
        data: timed.map((w, i) => [
          { name: w.name, xAxis: place(w.from), label: { offset: [0, 14 * (i % 4)] } },
          { xAxis: place(w.until) },
        ]),
      },
    },
  ];
}

/** Deploys as lines through a chart over time: a series of their own. */
export function deployLines(c, run) {
  const deploys = run.report.deploys ?? [];
  if (deploys.length === 0) return [];
  return [
    {
      type: 'line',
      xAxisIndex: 1,
      data: [],
      silent: true,
      markLine: {
        silent: true,
        symbol: 'none',
        lineStyle: { color: c.ink, type: 'solid', width: 1 },
        label: { color: c.ink, fontSize: 11, position: 'insideEndTop', formatter: '{b}' },
        data: deploys.map((d) => ({ name: d.label, xAxis: d.at_us / run.time.bucket_us })),
      },
    },
  ];
}
