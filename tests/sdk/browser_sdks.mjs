// SPDX-License-Identifier: Apache-2.0
// The browser SDKs of vendors behind one face, each with its own words and habits, and a page that
// has one of them in it.
// An entry: `script`, the vendor's build for pages; `start(host, optOut, batched)`, run in the page,
// which sets `window.shop` to {track(event, fields), identify(user, traits)}; `isEvents`, its
// requests; `yes`, what its collector answers; `identified`, the event that an identify leaves;
// `after`, what becomes of one event when the first answer to it is such a status;
// `retriesWithNext`, it tries again only when the next event comes.
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';

export const segment = {
  name: 'segment',
  script: '@segment/analytics-next/dist/umd/index.js',
  isEvents: ({ method, url }) => method === 'POST' && url.startsWith('/v1/'),
  yes: '{"success":true}',
  identified: 'identify',
  after: { 500: 'ok', 429: 'ok' },
  start: (host, optOut, batched) => {
    const { host: apiHost } = new URL(host);
    const settings = { apiKey: 'wk', apiHost: `${apiHost}/v1`, protocol: 'http' };
    if (batched) settings.deliveryStrategy = { strategy: 'batching', config: { size: 10, timeout: 250 } };
    const analytics = window.AnalyticsNext.AnalyticsBrowser.load(
      { writeKey: 'wk', cdnSettings: { integrations: { 'Segment.io': settings } } },
      { disable: optOut },
    );
    window.shop = {
      track: (event, fields) => analytics.track(event, fields),
      identify: (user, traits) => analytics.identify(user, traits),
    };
  },
};

export const snowplow = {
  name: 'snowplow',
  script: '@snowplow/browser-tracker/dist/index.umd.min.js',
  isEvents: ({ method, url }) => method === 'POST' && url.endsWith('/tp2'),
  yes: 'ok',
  identified: null,
  after: { 500: 'ok', 429: 'ok' },
  retriesWithNext: true,
  start: (host, optOut, batched) => {
    const tracking = window.snowplowBrowserTracking;
    if (optOut) document.cookie = 'no_tracking=1; path=/';
    const tracker = tracking.newTracker('shop', host, {
      appId: 'shop',
      bufferSize: batched ? 10 : 1,
      discoverRootDomain: false,
    });
    tracker.setOptOutCookie('no_tracking');
    window.shop = {
      track: (event, data) =>
        tracking.trackSelfDescribingEvent({
          event: { schema: `iglu:com.shop/${event}/jsonschema/1-0-0`, data },
        }),
      identify: (user) => tracking.setUserId(user),
      flush: () => tracking.flushBuffer(),
    };
  },
};

export const mixpanel = {
  name: 'mixpanel',
  script: 'mixpanel-browser/dist/mixpanel.umd.js',
  isEvents: ({ method, url }) => method === 'POST' && url.startsWith('/track'),
  yes: '{"status":1,"error":null}',
  identified: '$identify',
  after: { 500: 'ok', 429: 'ok' },
  start: (host, optOut) => {
    window.mixpanel.init('token', {
      api_host: host,
      batch_flush_interval_ms: 250,
      ignore_dnt: true,
      record_sessions_percent: 0,
      opt_out_tracking_by_default: optOut,
    });
    window.shop = {
      track: (event, fields) => window.mixpanel.track(event, fields),
      identify: (user) => window.mixpanel.identify(user),
    };
  },
};

const pageOf = (sdk, host, { optOut = false, batched = false }) => `<!doctype html>
<title>Shop</title>
<script src="/sdk.js"></script>
<script>
  (${sdk.start})(${JSON.stringify(host)}, ${optOut}, ${batched});
  document.title = 'Shop, ready';
</script>`;

/** A shop whose pages have the SDK in them. `host`: where it sends. */
export async function openShop(sdk, host, options = {}) {
  const script = await readFile(join(process.env.PARALLAX_SDK_MODULES, sdk.script));
  const server = http.createServer((request, response) => {
    const isScript = request.url === '/sdk.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : pageOf(sdk, host, options));
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
