-- SPDX-License-Identifier: Apache-2.0
-- From raw_events to clean: exactly one canonical row for each user action.
--
-- Each action was filmed by up to two cameras, the client and the server, and each film may arrive
-- several times, late, out of order, or without its event_id. The steps, each a view:
--
--   raw_events -> eligible -> identified -> keyed -> picked -> actions -> merged -> clean
--                                  \-> place_ids, near -/
--
-- An action's id and its place in the session are numbers, and `keyed` and `picked` work on narrow
-- rows of numbers. Their result, the table `actions`, is kept up to date by refresh.sql; the wide
-- rows are fetched by their positions when somebody reads `clean`.
-- A file in bugs/ replaces one of these steps by the same step with a mistake in it.

-- step: eligible -- rows that may be counted at all: who refused consent is not in the data
create or replace temp view eligible as
select *
from raw_events
where consent_state is distinct from 'denied';

-- step: identified -- the event_id by value, and when the event happened
-- What is no UUID ('' for example), and the zero UUID that some SDKs send for "none", is a missing
-- id, not a shared one. Then `place`, the n-th event of a session, stands in for it.
create or replace temp view identified as
select
  *,
  nullif(event_uuid, '00000000-0000-0000-0000-000000000000'::uuid) as id,
  coalesce(server_ts, client_ts) as instant
from eligible;

-- step: contract -- one row an event type: fields the client is authoritative for, fields both send
create or replace view contract as
select
  event_name,
  any_value(confirmed_by) as confirmed_by,
  coalesce(string_agg(field, ',' order by field) filter (owner = 'client'), '') as client_owned,
  coalesce(list(field order by field) filter (owner = 'client'), []) as client_fields,
  coalesce(list(field order by field) filter (on_client and on_server), []) as shared_fields
from contract_events left join contract_fields using (event_name)
group by event_name;

-- step: place_ids -- the id that another row of the same action carries
create or replace temp view place_ids as
select place, min(id) as id
from identified
where id is not null and place in (select place from idless_rows)
group by place;

-- step: near -- last resort, no id and no place: rows that say the same, close in time
-- Rows belong together while the gap to the row before is at most 60 seconds. A calendar minute as
-- part of a key would cut 00:00:59 from 00:01:01. "Say the same" means the fields both sides send;
-- without a contract, all of them.
create or replace temp view near as
with alike as (
  select
    position,
    instant,
    concat_ws(chr(31), coalesce(run_id, ''), coalesce(user_id, ''), i.event_name,
      case when c.event_name is null
        then concat_ws(chr(31), currency, revenue, tax, properties)
        else array_to_string(list_transform(c.shared_fields, lambda f: concat(
          case f when 'revenue' then revenue when 'tax' then tax when 'currency' then currency
          else json_extract(properties, '$."' || f || '"')::varchar end)), chr(31))
      end) as said
  from identified i left join contract c on c.event_name = i.event_name
  where position in (select position from idless_rows where place is null)
),
gaps as (
  select *, lag(instant) over (partition by said order by instant, position) as before
  from alike
),
islands as (
  select *, count(*) filter (before is null or instant - before > interval 60 seconds)
              over (partition by said order by instant, position) as island
  from gaps
)
select position, md5(concat(said, chr(31), island))::uuid as key
from islands;

-- step: keyed -- one key an action: its id, else the id its other row has, else a composite key
create or replace temp view keyed as
select
  i.arrival, i.run, i.source = 'server' as from_server, i.id, i.place,
  coalesce(i.id, p.id, md5(i.place::varchar)::uuid, n.key) as key
from identified i
left join place_ids p on p.place = case when i.id is null then i.place end
left join near n on n.position = i.position;

-- step: picked -- the row of each side that stands for the action: the first to arrive
-- The order must be total: with ties left open, two reads could pick different rows. `arrival` is
-- unique, and leads to the row's position in the log.
create or replace temp view picked as
with sides as (
  select
    run, key, id,
    case when not from_server then arrival end as client_arrival,
    case when from_server then arrival end as server_arrival
  from keyed_rows
)
select
  run,
  key,
  max(id) as id,
  arrival_position(min(client_arrival)) as client_position,
  arrival_position(min(server_arrival)) as server_position,
  arrival_time(least(min(client_arrival), min(server_arrival))) as ingestion_ts,
  count(client_arrival) as client_rows,
  count(server_arrival) as server_rows
from sides
group by run, key;

-- step: merged -- each field from the side that is authoritative for it, else from the other one
-- The server wins unless the contract gives a field to the client. merge_fields(a, b, names) does
-- the same inside a JSON object: the fields of a, except those in `names` which are b's, and what
-- one side lacks (no key, or null) from the other. It copies numbers digit by digit.
create or replace view merged as
select
  p.run,
  p.key,
  p.id as event_id,
  coalesce(s.event_name, c.event_name) as event_name,
  coalesce(s.user_id, c.user_id) as user_id,
  coalesce(s.device_id, c.device_id) as device_id,
  coalesce(s.session_id, c.session_id) as session_id,
  coalesce(s.sequence_id, c.sequence_id) as sequence_id,
  coalesce(c.client_ts, s.client_ts) as client_ts,
  coalesce(s.server_ts, c.server_ts) as server_ts,
  coalesce(s.server_ts, c.server_ts, c.client_ts, s.client_ts) as event_ts,
  p.ingestion_ts,
  coalesce(s.source, c.source) as source,
  s is not null as is_server_authoritative,
  coalesce(s.schema_version, c.schema_version) as schema_version,
  coalesce(s.consent_state, c.consent_state) as consent_state,
  coalesce(s.run_id, c.run_id) as run_id,
  coalesce(s.currency, c.currency) as currency,
  case when list_contains(k.client_fields, 'revenue')
    then coalesce(c.revenue, s.revenue) else coalesce(s.revenue, c.revenue) end as revenue,
  case when list_contains(k.client_fields, 'tax')
    then coalesce(c.tax, s.tax) else coalesce(s.tax, c.tax) end as tax,
  coalesce(c.context, s.context) as context,
  merge_fields(s.properties, c.properties, k.client_owned) as properties,
  p.client_rows,
  p.server_rows,
  k.confirmed_by
from (
  select *, raw_event(client_position) as c, raw_event(server_position) as s from actions
) p
left join contract k on k.event_name = coalesce(s.event_name, c.event_name);

-- step: clean -- an event that a side must confirm counts only when that side was heard
create or replace view clean as
select * exclude (confirmed_by)
from merged
where confirmed_by is null
  or (confirmed_by = 'server' and server_rows > 0)
  or (confirmed_by = 'client' and client_rows > 0);

-- step: daily_totals -- the rollup that dashboards read: rows and money by day, event and currency
-- A row counts on the day of its event time in UTC, whenever it arrived. Amounts are exact decimals.
create or replace view daily_totals as
select
  run_id,
  date_trunc('day', event_ts)::timestamp as day,
  event_name,
  currency,
  count(*) as rows,
  sum(try_cast(revenue as decimal(30, 6)))::varchar as revenue,
  sum(try_cast(tax as decimal(30, 6)))::varchar as tax
from clean
group by run_id, day, event_name, currency;
