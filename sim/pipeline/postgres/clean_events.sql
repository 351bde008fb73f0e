-- SPDX-License-Identifier: Apache-2.0
-- From raw_events to clean_events: exactly one canonical row for each user action, kept up to date
-- incrementally. The steps, each a view over the raw rows that a refresh works on:
--
--   raw_events -> eligible -> identified -> keyed -> picked -> merged -> (upsert) clean_events
--
-- A file in bugs/ replaces one of these steps by the same step with a mistake in it. A refresh looks
-- at few rows of large tables: `offset 0` keeps the planner at looking them up one by one.
set search_path = parallax;

-- Texts as what they should be; null where they are something else, or one bad event would stop
-- the pipeline for everybody.
create or replace function as_uuid(said text) returns uuid immutable language sql as $$
  select case when said ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then said::uuid end
$$;
create or replace function as_time(said text) returns timestamptz immutable language sql as $$
  select case when said ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$' then said::timestamptz end
$$;
create or replace function as_object(said jsonb) returns jsonb immutable language sql as $$
  select case when jsonb_typeof(said) = 'object' then said else '{}' end
$$;
create or replace function as_integer(said text) returns bigint immutable language sql as $$
  select case when said ~ '^-?\d{1,18}$' then said::bigint end
$$;

drop view if exists eligible, identified, near, place_ids, keyed, picked, merged cascade;

-- step: eligible -- rows that may be counted at all: who refused consent is not in the data
create or replace view eligible as
select
  raw.position, ingestion_ts, event,
  coalesce(event ->> 'run_id', '') as run_id,
  event ->> 'event_name' as event_name,
  coalesce(event ->> 'source' = 'server', false) as from_server
from pending p cross join lateral (
  select * from raw_events r where r.position = p.position offset 0) as raw
where event ->> 'event_name' is not null
  and event ->> 'consent_state' is distinct from 'denied';

-- step: identified -- the event_id by value, the place in the session, and when it happened
-- What is no UUID ('' for example), and the zero UUID that some SDKs send for "none", is a missing
-- id, not a shared one. `place`, the n-th event of a session, stands in for it: it needs no clock.
create or replace view identified as
select
  e.*,
  nullif(as_uuid(event ->> 'event_id'), '00000000-0000-0000-0000-000000000000') as id,
  case when event ->> 'session_id' is not null and event ->> 'sequence_id' is not null
    then concat_ws(chr(31), run_id, event ->> 'user_id', event_name, event ->> 'session_id',
                   event ->> 'sequence_id') end as place,
  coalesce(as_time(event ->> 'server_ts'), as_time(event ->> 'client_ts')) as instant
from eligible e;

-- step: near -- last resort, no id and no place: rows that say the same, close in time
-- Rows belong together while the gap to the row before is at most 60 seconds. A calendar minute as
-- part of a key would cut 00:00:59 from 00:01:01. "Say the same" means the fields both sides send;
-- without a contract, all of them.
create or replace view near as
with alike as (
  select
    position, instant,
    concat_ws(chr(31), run_id, event ->> 'user_id', i.event_name,
      case when c.event_name is null
        then concat(event -> 'currency', event -> 'revenue', event -> 'tax', event -> 'properties')
        else (select string_agg(coalesce(event -> f, event -> 'properties' -> f)::text, chr(31)
                                order by f)
              from unnest(c.shared_fields) as f) end) as said
  from fresh i left join contract c using (event_name)
  where id is null and place is null
),
gaps as (
  select *, lag(instant) over (partition by said order by instant, position) as before
  from alike
),
islands as (
  select *, count(*) filter (where before is null or instant - before > interval '60 seconds')
              over (partition by said order by instant, position) as island
  from gaps
)
select position, md5(concat(said, chr(31), island))::uuid as key
from islands;

-- step: place_ids -- the id that another row of the same action carries
create or replace view place_ids as
select w.place, min(known.id::text)::uuid as id
from (select distinct place from fresh where id is null and place is not null) as w
cross join lateral (
  select id from event_keys k where k.place = w.place and k.id is not null
  union all
  select id from fresh f where f.place = w.place and f.id is not null
  offset 0) as known
group by w.place;

-- step: keyed -- one key an action: its id, else the id its other row has, else a composite key
create or replace view keyed as
select
  i.position, i.run_id, i.from_server, i.id, i.place,
  coalesce(i.id, p.id, md5(i.place)::uuid, n.key) as key
from fresh i
left join place_ids p on i.id is null and p.place = i.place
left join near n on n.position = i.position;

-- step: picked -- the row of each side that stands for the action: the first to arrive
create or replace view picked as
select
  run_id, key,
  min(id::text)::uuid as id,
  min(position) filter (where not from_server) as client_position,
  min(position) filter (where from_server) as server_position,
  min(position) as first_position,
  count(*) filter (where not from_server) as client_rows,
  count(*) filter (where from_server) as server_rows
from touched t cross join lateral (
  select position, id, from_server from event_keys k
  where k.run_id = t.run_id and k.key = t.key offset 0) as rows
group by run_id, key;

-- step: merged -- each field from the side that is authoritative for it, else from the other one
-- The server wins unless the contract gives a field to the client; what a side lacks, or has as
-- null, comes from the other. is_server_authoritative says whether the server was heard at all.
create or replace view merged as
select
  p.run_id, p.key, p.id as event_id,
  coalesce(s.event, c.event) ->> 'event_name' as event_name,
  coalesce(s.event ->> 'user_id', c.event ->> 'user_id') as user_id,
  coalesce(s.event ->> 'device_id', c.event ->> 'device_id') as device_id,
  coalesce(s.event ->> 'session_id', c.event ->> 'session_id') as session_id,
  as_integer(coalesce(s.event ->> 'sequence_id', c.event ->> 'sequence_id')) as sequence_id,
  as_time(coalesce(c.event ->> 'client_ts', s.event ->> 'client_ts')) as client_ts,
  as_time(coalesce(s.event ->> 'server_ts', c.event ->> 'server_ts')) as server_ts,
  coalesce(as_time(s.event ->> 'server_ts'), as_time(c.event ->> 'server_ts'),
           as_time(c.event ->> 'client_ts'), as_time(s.event ->> 'client_ts')) as event_ts,
  f.ingestion_ts,
  coalesce(s.event, c.event) ->> 'source' as source,
  s.event is not null as is_server_authoritative,
  as_integer(coalesce(s.event ->> 'schema_version', c.event ->> 'schema_version'))
    as schema_version,
  coalesce(s.event ->> 'consent_state', c.event ->> 'consent_state') as consent_state,
  coalesce(s.event ->> 'currency', c.event ->> 'currency') as currency,
  case when 'revenue' = any (k.client_fields)
    then coalesce(c.event -> 'revenue', s.event -> 'revenue')
    else coalesce(s.event -> 'revenue', c.event -> 'revenue') end as revenue,
  case when 'tax' = any (k.client_fields)
    then coalesce(c.event -> 'tax', s.event -> 'tax')
    else coalesce(s.event -> 'tax', c.event -> 'tax') end as tax,
  coalesce(c.event -> 'context', s.event -> 'context') as context,
  as_object(c.event -> 'properties') || as_object(s.event -> 'properties')
    || jsonb_strip_nulls(as_object(c.event -> 'properties'))
    || jsonb_strip_nulls(as_object(s.event -> 'properties'))
    || coalesce((select jsonb_object_agg(own.key, own.value)
                 from jsonb_each(as_object(c.event -> 'properties')) as own
                 where own.key = any (k.client_fields) and own.value <> 'null'), '{}')
    as properties,
  p.client_rows, p.server_rows,
  -- An event that a side must confirm counts only when that side was heard.
  k.confirmed_by is null
    or (k.confirmed_by = 'server' and p.server_rows > 0)
    or (k.confirmed_by = 'client' and p.client_rows > 0) as confirmed
from picked p
cross join lateral (
  select ingestion_ts from raw_events where position = p.first_position offset 0) as f
left join lateral (
  select event from raw_events where position = p.client_position offset 0) as c on true
left join lateral (
  select event from raw_events where position = p.server_position offset 0) as s on true
left join contract k on k.event_name = coalesce(s.event, c.event) ->> 'event_name';

-- step: store_rows -- an action's row is replaced by what is known of it now
create or replace procedure store_rows() language sql as $$
  insert into parallax.clean_events
  select
    run_id, key, event_id, event_name, user_id, device_id, session_id, sequence_id, client_ts,
    server_ts, event_ts, ingestion_ts, source, is_server_authoritative, schema_version,
    consent_state, currency, revenue, tax, context, properties, client_rows, server_rows
  from parallax.merged
  where confirmed
  on conflict (run_id, key) do update set
    event_id = excluded.event_id, event_name = excluded.event_name, user_id = excluded.user_id,
    device_id = excluded.device_id, session_id = excluded.session_id,
    sequence_id = excluded.sequence_id, client_ts = excluded.client_ts,
    server_ts = excluded.server_ts, event_ts = excluded.event_ts,
    ingestion_ts = excluded.ingestion_ts, source = excluded.source,
    is_server_authoritative = excluded.is_server_authoritative,
    schema_version = excluded.schema_version, consent_state = excluded.consent_state,
    currency = excluded.currency, revenue = excluded.revenue, tax = excluded.tax,
    context = excluded.context, properties = excluded.properties,
    client_rows = excluded.client_rows, server_rows = excluded.server_rows
$$;

-- step: daily_totals -- the rollup that dashboards read: rows and money by day, event and currency
create or replace view daily_totals as
select
  run_id,
  date_trunc('day', event_ts at time zone 'UTC') at time zone 'UTC' as day,
  event_name,
  currency,
  count(*) as rows,
  sum(case jsonb_typeof(revenue) when 'number' then revenue::numeric end) as revenue,
  sum(case jsonb_typeof(tax) when 'number' then tax::numeric end) as tax
from clean_events
group by 1, 2, 3, 4;

-- Brings clean_events up to date: only actions that new raw rows touch are made again. From empty
-- tables it is the full rebuild, and the result is the same however the rows are cut.
create or replace procedure refresh_clean_events() language plpgsql as $$
declare
  before xid8;
  now_ended xid8;
begin
  set local search_path = parallax;
  select horizon into before from model_state for update;
  now_ended := pg_snapshot_xmin(pg_current_snapshot());
  truncate pending, fresh, touched;
  insert into pending
  select position from raw_events where written_by >= before and written_by < now_ended;
  insert into fresh select * from identified;
  analyze fresh;
  -- Rows of before without an id whose key the new rows may change: a new one gives the id of their
  -- place, or is near them in time.
  truncate pending;
  insert into pending
  select k.position
  from event_keys k
  where k.id is null and (
    k.place in (select place from fresh where id is not null)
    or (k.place is null and exists (select from fresh where id is null and place is null)));
  insert into fresh select * from identified;
  insert into touched
  select distinct k.run_id, k.key from event_keys k join pending using (position);
  delete from event_keys k using pending p where k.position = p.position;
  insert into event_keys select position, run_id, from_server, id, place, key from keyed;
  insert into touched
  select distinct k.run_id, k.key from fresh join event_keys k using (position)
  on conflict do nothing;
  analyze touched;
  call store_rows();
  -- Actions whose rows all went to another one.
  delete from clean_events c using touched t
  where c.run_id = t.run_id and c.key = t.key
    and not exists (select from event_keys k where k.run_id = t.run_id and k.key = t.key);
  update model_state set horizon = now_ended;
end
$$;
