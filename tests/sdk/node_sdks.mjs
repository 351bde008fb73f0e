// SPDX-License-Identifier: Apache-2.0
// The server SDKs of vendors behind one face, each with its own words and habits.
// An entry makes a client for a host: `track(event, user, fields)`, `identify(user, traits)`, and
// `end()`, which resolves when everything has an outcome. `identified`: the event's name that an
// identify leaves. `after`: what becomes of one batch when the first answer to it is such a status.
import { sdk } from './rig.mjs';

const quiet = { log() {}, warn() {}, error() {}, debug() {}, enable() {}, disable() {} };

function segment(url) {
  const { Analytics } = sdk('@segment/analytics-node');
  const client = new Analytics({ writeKey: 'wk', host: url, flushInterval: 100 });
  client.on('error', () => {});
  return {
    track: (event, userId, properties) => client.track({ event, userId, properties }),
    identify: (userId, traits) => client.identify({ userId, traits }),
    end: () => client.closeAndFlush(),
  };
}

function rudderstack(url) {
  const Rudder = sdk('@rudderstack/rudder-sdk-node');
  const client = new (Rudder.default ?? Rudder)('wk', {
    dataPlaneUrl: url,
    flushInterval: 100,
    logLevel: 'error',
  });
  const outcomes = [];
  const kept = (record) =>
    outcomes.push(new Promise((done) => record((error) => done(error ?? null))));
  return {
    track: (event, userId, properties) =>
      kept((done) => client.track({ event, userId, properties }, done)),
    identify: (userId, traits) => kept((done) => client.identify({ userId, traits }, done)),
    end: async () => {
      await client.flush().catch(() => {});
      await Promise.all(outcomes);
    },
  };
}

function snowplow(url) {
  const { newTracker, buildSelfDescribingEvent } = sdk('@snowplow/node-tracker');
  let settled = () => {};
  const tracker = newTracker(
    { namespace: 'shop', appId: 'shop', encodeBase64: true },
    {
      endpoint: url,
      eventMethod: 'post',
      bufferSize: 100,
      onRequestSuccess: () => settled(),
      onRequestFailure: () => settled(),
    },
  );
  const record = (event, data) =>
    tracker.track(
      buildSelfDescribingEvent({ event: { schema: `iglu:com.shop/${event}/jsonschema/1-0-0`, data } }),
    );
  const flush = () =>
    new Promise((done) => {
      settled = done;
      tracker.flush();
    });
  return {
    track: (event, user, fields) => {
      tracker.setUserId(user);
      record(event, fields);
    },
    identify: (user, traits) => {
      tracker.setUserId(user);
      record('identify', traits);
    },
    // It sends again only when it is told to flush again.
    end: async () => {
      await flush();
      await Promise.race([flush(), new Promise((done) => setTimeout(done, 500))]);
    },
  };
}

function amplitude(url) {
  const { createInstance, Identify } = sdk('@amplitude/analytics-node');
  const client = createInstance();
  const outcomes = [];
  const ready = client.init('key', {
    serverUrl: `${url}/2/httpapi`,
    flushIntervalMillis: 100,
    flushMaxRetries: 3,
    loggerProvider: quiet,
    logLevel: 0,
  }).promise;
  return {
    track: (event, user_id, fields) =>
      outcomes.push(client.track(event, fields, { user_id }).promise),
    identify: (user_id, traits) => {
      const identify = new Identify();
      for (const [key, value] of Object.entries(traits)) identify.set(key, value);
      outcomes.push(client.identify(identify, { user_id }).promise);
    },
    end: async () => {
      await ready;
      await Promise.all(outcomes);
    },
  };
}

function mixpanel(url) {
  const client = sdk('mixpanel').init('token', { host: new URL(url).host, protocol: 'http' });
  const outcomes = [];
  const kept = (record) => outcomes.push(new Promise((done) => record(done)));
  return {
    track: (event, distinct_id, fields) =>
      kept((done) => client.track(event, { distinct_id, ...fields }, done)),
    identify: (distinct_id, traits) => kept((done) => client.people.set(distinct_id, traits, done)),
    end: () => Promise.all(outcomes),
  };
}

export const nodeSdks = [
  { name: 'segment', make: segment, identified: 'identify', after: { 500: 'ok', 429: 'ok' } },
  { name: 'rudderstack', make: rudderstack, identified: 'identify', after: { 500: 'ok', 429: 'ok' } },
  { name: 'snowplow', make: snowplow, identified: 'identify', after: { 500: 'ok', 429: 'ok' } },
  { name: 'amplitude', make: amplitude, identified: '$identify', after: { 500: 'ok', 429: 'ok' } },
  // Its updates of profiles are no events; and it never sends again.
  { name: 'mixpanel', make: mixpanel, identified: null, after: { 500: 'lost', 429: 'lost' } },
];
