-- SPDX-License-Identifier: Apache-2.0
-- Facts of one event of a run: a row an action, with the rows that each side has of it and, where
-- they are not what is expected, why. From the ledger, the canonical rows, and, where the target
-- gives them, its raw rows and what it rejected; never from what the faults say of themselves.
--
-- The caller has made: views actions, emissions, attempts, deliveries, rows (the run folder's
-- tables); tables raw (event_id, source, event_name, server_ts, client_ts) and rejected (event_id,
-- source, event_name, reason), empty where has_raw is false; variables event, has_raw, start_us,
-- bucket_us.

create or replace temp table wanted as
select *, not refused and sampled and consent_state = 'granted' as counts
from actions
where event_name = getvariable('event');

-- Which action an id stands for; also ids that a side made anew.
create or replace temp table ids as
select lower(event_id) as event_id, any_value(action_id) as action_id
from emissions semi join wanted using (action_id)
where event_id is not null
group by 1;

create or replace temp table recorded as
select action_id, source, count(*) filter (fate = 'queued') as recorded,
  any_value(withheld) filter (withheld <> 'no') as withheld, max(schema_version) as schema_version
from emissions semi join wanted using (action_id)
group by action_id, source;

create or replace temp table delivered as
select action_id, source, count(*) as deliveries,
  count(*) filter (receipt = 'accepted') as acknowledged
from deliveries semi join wanted using (action_id) join attempts a using (attempt_id, source)
group by action_id, source;

create or replace temp table stored as
select action_id, source, count(*) filter (event_name = getvariable('event')) as named,
  count(*) filter (event_name <> getvariable('event')) as renamed,
  max(event_name) filter (event_name <> getvariable('event')) as other_name
from raw join ids using (event_id)
group by action_id, source;

create or replace temp table refused_rows as
select action_id, source, any_value(reason) as reason
from rejected join ids using (event_id)
group by action_id, source;

-- What the canonical rows were made of; a target that does not say has one row of its source.
create or replace temp table counted as
select action_id, side.source, sum(side.n)::bigint as n
from (
  select action_id, unnest([
    {'source': 'client', 'n': coalesce(client_rows, (source = 'client')::int, 0)},
    {'source': 'server', 'n': coalesce(server_rows, (source = 'server')::int, 0)}]) as side
  from rows semi join wanted using (action_id)
)
group by action_id, side.source;

create or replace temp table sides as
select w.action_id, s.source, w.counts::int as expected, w.refused,
  greatest(coalesce(c.n, 0) - coalesce(t.renamed, 0), 0) as n,
  coalesce(r.recorded, 0) as recorded, r.withheld, r.schema_version,
  coalesce(d.deliveries, 0) as deliveries, coalesce(d.acknowledged, 0) as acknowledged,
  coalesce(t.named, 0) as named, t.other_name, x.reason
from wanted w
  cross join (values ('client'), ('server')) s(source)
  left join counted c using (action_id, source)
  left join recorded r using (action_id, source)
  left join delivered d using (action_id, source)
  left join stored t using (action_id, source)
  left join refused_rows x using (action_id, source);

create or replace temp table reasoned as
select *, case
    when n = expected then ''
    when n > expected and refused then source || ' row of an action that the backend refused'
    when n > expected and expected = 0 then source || ' row without consent or outside the sample'
    when n > expected and recorded > 1 then source || ' row repeated: recorded again'
    when n > expected then source || ' row repeated: sent again'
    when reason is not null then source || ' row missing: rejected, ' || reason
    when recorded = 0 and withheld is not null then source || ' row missing: withheld, ' || withheld
    when recorded = 0 then source || ' row missing: never recorded'
    when named = 0 and other_name is not null
      then source || ' row missing: it arrived as ' || other_name
    when named > 0 then source || ' row missing: stored, and not counted'
    when acknowledged > 0 and getvariable('has_raw')
      then source || ' row missing: acknowledged, and not stored'
    when acknowledged > 0 then source || ' row missing: acknowledged, and not in the table'
    when deliveries > 0 then source || ' row missing: sent, and never acknowledged'
    else source || ' row missing: recorded, and never sent'
  end as why
from sides;

create or replace temp table facts as
select w.*,
  ((epoch_us(w.happened_at) - getvariable('start_us')) // getvariable('bucket_us'))::bigint
    as fact_bucket,
  c.expected as fact_expected, c.n as fact_client, s.n as fact_server,
  c.why as why_client, s.why as why_server,
  c.schema_version as client_schema_version, s.schema_version as server_schema_version
from wanted w
  join reasoned c on c.action_id = w.action_id and c.source = 'client'
  join reasoned s on s.action_id = w.action_id and s.source = 'server';
