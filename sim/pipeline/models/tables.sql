-- SPDX-License-Identifier: Apache-2.0
-- What the warehouse keeps, and what the steps of clean_events.sql read from.

-- One row a user action, in narrow columns: which raw rows stand for it. `merged` fetches their
-- fields from the log when somebody reads, so that the wide columns are not stored a second time.
create table if not exists actions (
  run             ubigint not null,    -- run_id as a number: its hash, 0 for none
  key             uuid not null using compression uncompressed,  -- unique within the run
  id              uuid using compression uncompressed,           -- null: no copy had an event_id
  client_position bigint,
  server_position bigint,
  ingestion_ts    timestamp not null,  -- of the first copy
  client_rows     bigint not null,     -- copies from each side
  server_rows     bigint not null
);

-- What is known of each raw row that counts, by the action it belongs to. Small on purpose: it is
-- searched at every refresh, and leads back to the whole row in the log: arrival_position(arrival).
-- Hashes and random ids do not compress, and trying to would be most of the work of storing them.
create table if not exists action_keys (
  arrival     hugeint not null using compression uncompressed,
  run         ubigint not null,
  from_server boolean not null,
  id          uuid using compression uncompressed,
  place       ubigint using compression uncompressed,
  key         uuid not null using compression uncompressed
);

-- Up to which position of the log the tables above reach, by which models they were made, and up to
-- where the log is known to have been whole. In the same transaction as the rows, so that a crash
-- can neither count an event twice nor lose one.
create table if not exists model_state (modelled bigint, models ubigint, log_end bigint);
insert into model_state select 0, 0, 0 where not exists (from model_state);

-- The two halves of an order of arrival: 2^64 * microseconds + position.
create or replace macro arrival_position(arrival) as (arrival & 18446744073709551615)::bigint;
create or replace macro arrival_time(arrival) as make_timestamp((arrival >> 64)::bigint);

-- Every stored event is a row of raw_events, duplicates included: raw data is never repaired, only
-- read better. It is not copied into the warehouse: event_log and raw_event read the durable log in
-- place. The models look at the rows that are new, and at those of before whose action may become
-- another one by them (refresh.sql). Columns, besides those of the wire:
--   position    ordinal in the log: unique, in the order of storing
--   event_id    as sent: may be missing, '', a zero UUID or in capitals
--   event_uuid  event_id by value: ABC... and abc... are the same number; null when it is no UUID
--   run         run_id as a number
--   place       a number for "the n-th event of a session": made of run, user, event name, session
--               and sequence number. It needs no clock, so skewed devices and the turn of a minute
--               cannot break it. Null without a session or a sequence number
--   arrival     the order of arrival as one number: ingestion_ts, then position
--   sent_at     what the batch stated, by the sender's clock; null where it stated nothing
--   revenue, tax: the JSON number that was sent; context, properties: JSON objects
set variable first_row = 0;
set variable end_row = 0;
create or replace temp table related_rows (position bigint);
-- Of these rows, those without an id. They are few, and looked for once: the log is wide.
create or replace temp table idless_rows (position bigint, place ubigint);
create or replace temp view raw_events as
select * from event_log(getvariable('first_row'), getvariable('end_row'))
union all
select unnest(raw_event(position)) from related_rows;

-- The data contract, one row a business field: which side is authoritative, which sides send it.
create or replace table contract_fields (
  event_name varchar, field varchar, owner varchar, on_client boolean, on_server boolean);
-- Events that count only when this side confirmed them (login_success: the server).
create or replace table contract_events (event_name varchar, confirmed_by varchar);

-- What the step `picked` looks at: the rows of the actions that are touched (refresh.sql).
create or replace temp table fresh_keys as from action_keys limit 0;
create or replace temp table old_keys as from action_keys limit 0;
create or replace temp view keyed_rows as from fresh_keys union all from old_keys;

-- How often the models were refreshed. Only bug any_row_wins looks at it.
create or replace table refreshes (n bigint);
insert into refreshes values (0);
