// SPDX-License-Identifier: Apache-2.0
// What an SDK's test stands on: a pipeline of its own behind a relay, which fails on demand and
// counts, and verdicts on the rows that came of it.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const wait_max_ms = 30_000;

/** Packages of vendors, as tests/sdk/package-lock.json pins them. */
export const sdk = createRequire(join(process.env.PARALLAX_SDK_MODULES, 'any.js'));

/** Ends in an error when `what` does not come in time. */
export async function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${what} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Starts `parallax pipeline`; `bugs` are its switches. */
async function startPipeline(bugs) {
  const data = await mkdtemp(join(tmpdir(), 'parallax-sdk-'));
  const words = ['pipeline', '--listen', '127.0.0.1:0', '--data', data];
  for (const bug of bugs) words.push('--bug', bug);
  const child = spawn(process.env.PARALLAX_BINARY, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((done) => child.once('exit', done));
  const url = await within(
    wait_max_ms,
    'starting the pipeline',
    new Promise((found, fail) => {
      let said = '';
      child.once('exit', (code) => fail(new Error(`the pipeline ended with ${code}`)));
      child.stdout.on('data', (text) => {
        said += text;
        const match = said.match(/listening on (http:\S+),/);
        if (match) found(match[1]);
      });
    }),
  );
  const stop = async () => {
    child.kill('SIGINT');
    await within(wait_max_ms, 'stopping the pipeline', ended);
    await rm(data, { recursive: true, force: true });
  };
  return { url, stop };
}

const bodyOf = async (stream) => {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
};

/**
 * A pipeline with a relay before it.
 * `url`: what an SDK takes for its host. `requests`: {method, path, status, bytes} of what came.
 * `failures`: what to answer the next requests that send events, in turn: {status, headers, body,
 * stored, held_ms}, or a function of the request's body that says so; with `stored` the pipeline gets
 * the request all the same, and its answer is lost; `held_ms`: how long the answer takes.
 */
export async function makeRig({ bugs = [], isEvents = (r) => r.method === 'POST' } = {}) {
  const pipeline = await startPipeline(bugs);
  const rig = { failures: [], requests: [] };
  let unrecorded = 0; // Requests that came whole and do not stand in `requests` yet.
  const forward = (request, body) =>
    new Promise((done, fail) => {
      const headers = { ...request.headers, host: new URL(pipeline.url).host };
      delete headers['transfer-encoding'];
      headers['content-length'] = body.length;
      const onward = http.request(
        pipeline.url + request.url,
        { method: request.method, headers },
        async (answer) =>
          done({ status: answer.statusCode, headers: answer.headers, body: await bodyOf(answer) }),
      );
      onward.on('error', fail);
      onward.end(body);
    });
  const server = http.createServer(async (request, response) => {
    const body = await bodyOf(request);
    ++unrecorded;
    const answer = await record(request, body).finally(() => --unrecorded);
    if (!answer) return response.destroy();
    if (answer.held_ms) await new Promise((done) => setTimeout(done, answer.held_ms));
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body ?? '');
  });
  /** Gives what to answer, or nothing where the pipeline is stopped already. */
  const record = async (request, body) => {
    let failure = isEvents(request) ? rig.failures.shift() : undefined;
    if (typeof failure === 'function') failure = failure(body);
    const passes = !failure || failure.stored;
    // A visitor may still send when the pipeline is stopped already.
    const stored = passes ? await forward(request, body).catch(() => null) : undefined;
    if (stored === null) return null;
    const answer = failure ?? stored;
    const headers = { ...answer.headers };
    delete headers['transfer-encoding'];
    if (failure && request.headers.origin) {
      headers['access-control-allow-origin'] = request.headers.origin;
      headers['access-control-allow-credentials'] = 'true';
    }
    rig.requests.push({
      method: request.method,
      path: request.url,
      status: answer.status,
      bytes: body.length,
      body,
    });
    return { status: answer.status, headers, body: answer.body, held_ms: failure?.held_ms };
  };
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  rig.url = `http://127.0.0.1:${server.address().port}`;
  const table = async (name) => {
    const answer = await fetch(`${pipeline.url}/v1/${name}`);
    if (answer.status !== 200) throw new Error(`${name}: HTTP ${answer.status}`);
    const lines = (await answer.text()).split('\n').filter(Boolean);
    // The pipeline has a row before it answers: who sees one finds its request in `requests`.
    await until(() => unrecorded, (count) => count === 0, 'recording what was sent');
    return lines.map((line) => JSON.parse(line));
  };
  rig.rows = () => table('clean_events');
  rig.raw = () => table('raw_events');
  rig.deadLetters = () => table('dead_letters');
  rig.events = () => rig.requests.filter((r) => isEvents({ method: r.method, url: r.path }));
  rig.stop = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await pipeline.stop();
  };
  return rig;
}

/** Asks again until `holds(await ask())`, and gives what was answered. */
export async function until(ask, holds, what) {
  const end = Date.now() + wait_max_ms;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${wait_max_ms} ms`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
