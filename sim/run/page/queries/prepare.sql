-- SPDX-License-Identifier: Apache-2.0
-- What the other queries stand on. The caller has made: views raw_actions (with `money`, the amount
-- that this page calls revenue), emissions, attempts, deliveries, abandons, verdicts, raw_rows
-- (with `money`); tables steps (step, event_name) and wanted (action_id); macros since(t),
-- microseconds since the scenario's start, and bucket_of(t), the number of the bucket of time.
--
-- The two tables keep only what is counted, and ids as numbers: they are read many times.

create macro id_of(action_id) as substr(action_id, 3)::ubigint;
create macro name_of(text) as case when text is not null then hash(text) end;

-- Every action with its verdict.
create table truth as
select
  v.id,
  v.event_name,
  since(v.happened_at) as us,
  bucket_of(v.happened_at) as bucket,
  v.verdict,
  v.cause,
  v.expectation,
  v.rows,
  a.refused,
  name_of(a.user_id) as user,
  name_of(a.device_id) as device,
  name_of(a.session_id) as session,
  a.currency,
  a.money
from (select *, id_of(action_id) as id from verdicts) v
  join (select *, id_of(action_id) as id from raw_actions) a on a.id = v.id;

-- Every canonical row. Behind it stand as many raw rows of each side as the target says, else the
-- one row that its source tells.
create table clean as
select
  id_of(action_id) as id,
  event_name,
  since(event_ts) as us,
  bucket_of(event_ts) as bucket,
  coalesce(client_rows, (source = 'client')::int, 0) as from_client,
  coalesce(server_rows, (source = 'server')::int, 0) as from_server,
  name_of(user_id) as user,
  name_of(device_id) as device,
  name_of(session_id) as session,
  name_of(event_id) as event,
  id_form,
  late,
  currency,
  money
from raw_rows;

-- Spans of time by kind, in microseconds.
create table latencies as
select source || ' answer' as kind, bucket_of(attempted_at) as bucket,
  epoch_us(receipt_at) - epoch_us(attempted_at) as us
from attempts
where receipt = 'accepted' and receipt_at is not null
union all
select 'action to table', bucket_of(happened_at), epoch_us(ingestion_ts) - epoch_us(happened_at)
from raw_rows
where ingestion_ts is not null and happened_at is not null;

-- Sides of a clock: what faults did to client clocks, and what an analyst sees of it in the table.
create table skews as
select 'injected' as series, clock_error_us as us
from emissions
where source = 'client' and copy = 0 and fate = 'queued'
union all
select 'observed', epoch_us(client_ts) - epoch_us(server_ts)
from raw_rows
where client_ts is not null and server_ts is not null;

-- Nine steps on each side of zero; 0 is less than 100 ms either way.
create macro skew_step(us) as sign(us) * (
  (abs(us) >= 100000)::int + (abs(us) >= 1000000)::int + (abs(us) >= 10000000)::int
  + (abs(us) >= 60000000)::int + (abs(us) >= 600000000)::int + (abs(us) >= 3600000000)::int
  + (abs(us) >= 21600000000)::int + (abs(us) >= 86400000000)::int);
