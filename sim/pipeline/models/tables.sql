-- SPDX-License-Identifier: Apache-2.0
-- What the warehouse keeps, and what the steps of clean_events.sql read from.

-- One row a user action: what the pipeline is for. Any DuckDB can read it when the pipeline has
-- stopped. It has no order; /v1/clean_events gives it by event_ts, event_id, run_id, key.
create table if not exists clean_events (
  event_id      uuid,                -- null where no copy of the event had one
  event_name    varchar not null,
  user_id       varchar,
  device_id     varchar,
  session_id    varchar,
  sequence_id   bigint,              -- 1, 2, ... within the session
  client_ts     timestamp,           -- UTC; the device's clock
  server_ts     timestamp,           -- UTC; the backend's clock
  event_ts      timestamp,           -- server_ts, else client_ts
  ingestion_ts  timestamp not null,  -- of the first copy
  source        varchar not null,    -- client | server: the side the row is from
  is_server_authoritative boolean not null,
  schema_version bigint,
  consent_state varchar,             -- granted | denied
  run_id        varchar,
  currency      varchar,
  revenue       varchar,             -- money as the JSON number that was sent: never a binary float
  tax           varchar,
  context       varchar,             -- JSON object
  properties    varchar,             -- JSON object: every other business field
  client_rows   bigint not null,     -- copies from each side
  server_rows   bigint not null,
  run           ubigint not null,    -- run_id as a number: its hash, 0 for none
  key           uuid not null        -- of the action, unique within the run
);

-- What is known of each raw row that counts, by the action it belongs to. Small on purpose: it is
-- searched at every refresh, and leads back to the whole row in the log.
create table if not exists action_keys (
  arrival hugeint not null,  -- order of arrival; arrival_position() is the place in the log
  run     ubigint not null,
  source  varchar not null,
  id      uuid,
  place   ubigint,
  key     uuid not null
);

-- Up to which position of the log the tables above reach, by which models they were made, and up to
-- where the log is known to have been whole. In the same transaction as the rows, so that a crash
-- can neither count an event twice nor lose one.
create table if not exists model_state (modelled bigint, models ubigint, log_end bigint);
insert into model_state select 0, 0, 0 where not exists (from model_state);

-- The two halves of an order of arrival: 2^64 * microseconds + position.
create or replace temp macro arrival_position(arrival) as (arrival & 18446744073709551615)::bigint;
create or replace temp macro arrival_time(arrival) as make_timestamp((arrival >> 64)::bigint);

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
--   revenue, tax: the JSON number that was sent; context, properties: JSON objects
set variable first_row = 0;
set variable end_row = 0;
create or replace temp table related_rows (position bigint);
create or replace temp view raw_events as
select * from event_log(getvariable('first_row'), getvariable('end_row'))
union all
select unnest(raw_event(position)) from related_rows;

-- The data contract, one row a business field: which side is authoritative, which sides send it.
create or replace temp table contract_fields (
  event_name varchar, field varchar, owner varchar, on_client boolean, on_server boolean);
-- Events that count only when this side confirmed them (login_success: the server).
create or replace temp table contract_events (event_name varchar, confirmed_by varchar);

-- The rows of action_keys that the step `picked` is to look at.
create or replace temp table keyed_rows as from action_keys limit 0;

-- How often the models were refreshed. Only bug any_row_wins looks at it.
create or replace temp table refreshes (n bigint);
insert into refreshes values (0);
