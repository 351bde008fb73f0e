// SPDX-License-Identifier: Apache-2.0
// A small shop that is instrumented on both sides, as its makers would: posthog-js in the page,
// posthog-node in the backend. The page hands its distinct_id and the event id of a purchase over.
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { sdk } from './rig.mjs';

const { PostHog } = sdk('posthog-node');
const posthogJs = join(process.env.PARALLAX_SDK_MODULES, 'posthog-js/dist/module.no-external.js');

/** `init`: options of posthog.init beside the host. */
const page = (host, init) => `<!doctype html>
<title>Shop</title>
<h1>Socks</h1>
<button id="add">Add to cart</button>
<button id="pay">Pay</button>
<p id="receipt"></p>
<script type="module">
  import posthog from '/posthog.js';
  window.posthog = posthog;
  posthog.init('phc_test', ${JSON.stringify({
    api_host: host,
    autocapture: false,
    capture_pageleave: false,
    disable_session_recording: true,
    opt_out_useragent_filter: true,
    request_queue_config: { flush_interval_ms: 250 },
    ...init,
  })});
  const tell = (path, body) =>
    fetch(path, { method: 'POST', body: JSON.stringify(body) }).then((answer) => answer.json());
  document.getElementById('add').onclick = () =>
    posthog.capture('add_to_cart', { sku: 'sock', source: 'client' });
  document.getElementById('pay').onclick = async () => {
    const event_id = crypto.randomUUID();
    posthog.capture('purchase', { event_id, revenue: 10.0, currency: 'EUR', screen: 'checkout' });
    const paid = await tell('/api/purchase', {
      distinct_id: posthog.get_distinct_id(),
      event_id,
    });
    document.getElementById('receipt').textContent = paid.order;
  };
  window.verifyIdentity = () =>
    tell('/api/verify-identity', { distinct_id: posthog.get_distinct_id() });
  document.title = 'Shop, ready';
</script>`;

async function jsonOf(request) {
  let text = '';
  for await (const piece of request) text += piece;
  return JSON.parse(text);
}

/** `host`: where both SDKs send. `stop` ends the shop and sends what the backend still has. */
export async function openShop(host, init = {}) {
  const posthog = new PostHog('phc_test', { host, flushInterval: 100, fetchRetryDelay: 20 });
  const answers = {
    '/api/purchase': ({ distinct_id, event_id }) => {
      const order = `order-${event_id.slice(0, 8)}`;
      const properties = { event_id, revenue: 9.99, currency: 'EUR', order };
      posthog.capture({ distinctId: distinct_id, event: 'purchase', properties });
      return { order };
    },
    '/api/verify-identity': ({ distinct_id }) => {
      posthog.capture({ distinctId: distinct_id, event: 'identity_verified' });
      return { distinct_id };
    },
  };
  const server = http.createServer(async (request, response) => {
    const path = new URL(request.url, 'http://shop').pathname;
    if (answers[path]) return response.end(JSON.stringify(answers[path](await jsonOf(request))));
    if (path === '/posthog.js') {
      response.setHeader('content-type', 'text/javascript');
      return response.end(await readFile(posthogJs));
    }
    response.setHeader('content-type', 'text/html');
    return response.end(page(host, init));
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    posthog,
    stop: async () => {
      await posthog.shutdown();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
