// SPDX-License-Identifier: Apache-2.0
// A shop for the examples of `parallax serve`: a page with one button, and a backend. Both send
// events of the shared format to a pipeline, the page through the backend, as first-party
// collectors do. `bug` is what it does wrong:
//   double: the page fires the purchase twice, with an id each;
//   cents: the backend sends the amount in minor units;
//   silent: the backend forgets the purchase.
import { randomUUID } from 'node:crypto';
import http from 'node:http';

const page = (bug) => `<!doctype html><meta charset="utf-8"><title>Shop</title>
<p><button>Buy</button> <span></span>
<script type="module">
  const user = 'web-' + crypto.randomUUID(), order_id = 'o-' + crypto.randomUUID();
  window.shop = { user, order_id };
  const post = (url, body) => fetch(url, { method: 'POST', body: JSON.stringify(body) });
  const track = (event_name, event_id, more) =>
    post('/collect', { event_name, event_id, user_id: user, source: 'client',
                       client_ts: new Date().toISOString(), ...more });
  track('page_view', crypto.randomUUID());
  document.querySelector('button').onclick = async () => {
    const event_id = crypto.randomUUID();
    const more = { currency: 'EUR', revenue: 12.5, properties: { order_id } };
    await track('purchase', event_id, more);
    ${bug === 'double' ? "await track('purchase', crypto.randomUUID(), more);" : ''}
    await post('/buy', { user, order_id, sku: 'mug', event_id });
    document.querySelector('span').textContent = 'Thank you';
  };
</script>`;

async function bodyOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString());
}

async function send(pipeline, event) {
  const common = { device_id: 'd-shop', session_id: 's-shop', schema_version: 1 };
  const batch = [{ ...common, ...event }];
  const body = JSON.stringify({ batch, sent_at: new Date().toISOString() });
  const answer = await fetch(`${pipeline}/v1/events`, { method: 'POST', body });
  if (!answer.ok) throw new Error(`the pipeline answered ${answer.status}`);
}

async function buy(pipeline, bug, order) {
  if (bug === 'silent') return;
  await send(pipeline, {
    event_name: 'purchase',
    event_id: order.event_id ?? randomUUID(),
    user_id: order.user,
    source: 'server',
    server_ts: new Date().toISOString(),
    currency: 'EUR',
    revenue: bug === 'cents' ? 1250 : 12.5,
    properties: { order_id: order.order_id },
  });
}

/** Sells until `stop()`; `url` is its front page. */
export async function openShop(pipeline, bug = '') {
  const server = http.createServer(async (request, response) => {
    try {
      if (request.url === '/collect') await send(pipeline, await bodyOf(request));
      if (request.url === '/buy') await buy(pipeline, bug, await bodyOf(request));
      const isPage = request.method === 'GET';
      response.writeHead(200, { 'content-type': isPage ? 'text/html' : 'application/json' });
      response.end(isPage ? page(bug) : '{"paid":"12.50"}');
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return { url: `http://127.0.0.1:${server.address().port}`, stop };
}
