// SPDX-License-Identifier: Apache-2.0
// The search over sampled actions: words that all have to hold.
//
//   verdict:lost,duplicated  one of these          -verdict:ok      none of these
//   user:u-17  event:purchase  cause:double_fire  fault:drop  action:a-17  id:<event_id>
//   u-17                     any of the above begins with it

const keys = ['verdict', 'cause', 'user', 'event', 'action', 'id', 'fault', 'session', 'device'];

/** What each key of the search looks at in an action's story: a list of texts. */
const texts = {
  verdict: (s) => [s.action.verdict, ...s.action.findings.split(', ')],
  cause: (s) => [s.action.cause],
  user: (s) => [s.action.user_id],
  event: (s) => [s.action.event_name],
  action: (s) => [s.action.action_id],
  id: (s) => [...s.emissions, ...s.rows].map((e) => e.event_id ?? ''),
  fault: (s) =>
    [...s.emissions, ...s.attempts].flatMap((e) => (e.faults ? e.faults.split(', ') : [])),
  session: (s) => [s.action.session_id],
  device: (s) => [s.action.device_id],
};

/** "-verdict:ok u-17" -> { tests, problem }. `problem` says what is wrong with the words. */
export function parse(query) {
  const tests = [];
  let problem = '';
  for (const word of query.trim().split(/\s+/).filter(Boolean)) {
    const [, minus, key, values] = /^(-?)(?:([a-z_]+):)?(.*)$/i.exec(word);
    if (key && !keys.includes(key)) {
      problem = `There is no “${key}:”. Known: ${keys.map((k) => `${k}:`).join(' ')}`;
      continue;
    }
    if (!values) continue;
    const wanted = values.toLowerCase().split(',').filter(Boolean);
    // The headline and all findings can be asked for; excluding looks at the headline alone, or
    // -verdict:ok would also take away what is wrong besides.
    const look = key
      ? [minus && key === 'verdict' ? (s) => [s.action.verdict] : texts[key]]
      : Object.values(texts);
    const fits =
      key && key !== 'id'
        ? (text) => wanted.includes(text.toLowerCase())
        : (text) => wanted.some((value) => text.toLowerCase().startsWith(value));
    tests.push((story) => look.some((of) => of(story).some(fits)) !== (minus === '-'));
  }
  return { tests, problem };
}

export function find(stories, query) {
  const { tests, problem } = parse(query);
  return { found: stories.filter((story) => tests.every((test) => test(story))), problem };
}
