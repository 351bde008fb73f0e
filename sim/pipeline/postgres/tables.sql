-- SPDX-License-Identifier: Apache-2.0
-- The reference pipeline on PostgreSQL alone: what it keeps. All of it lies in the schema
-- `parallax` of one database; several runs may lie there side by side, told apart by their run_id.
create schema if not exists parallax;
set search_path = parallax;

-- Every event as it was sent, duplicates included: raw data is never repaired, only read better.
-- `position` is given when a row is written, but rows become visible when their transaction ends,
-- in another order: "everything above the last position" would skip the slow ones for ever. So the
-- models go by `written_by`, the transaction: below the oldest one still running, nothing new can
-- appear any more.
create table if not exists raw_events (
  position     bigint generated always as identity primary key,
  ingestion_ts timestamptz not null default clock_timestamp(),
  event        jsonb not null,
  written_by   xid8 not null default pg_current_xact_id()
);
create index if not exists raw_events_written_by on raw_events (written_by);

-- The data contract, one row an event type: which side must confirm it, whose fields are the
-- client's, which fields both sides send.
create table if not exists contract (
  event_name    text primary key,
  confirmed_by  text,
  client_fields text[] not null,
  shared_fields text[] not null
);

-- What is known of each raw row that counts: the action it belongs to.
create table if not exists event_keys (
  position    bigint primary key,
  run_id      text not null,
  from_server boolean not null,
  id          uuid,
  place       text,
  key         uuid not null
);
create index if not exists event_keys_key on event_keys (run_id, key);
create index if not exists event_keys_place on event_keys (place);
create index if not exists event_keys_without_id on event_keys (place) where id is null;

-- One row a user action.
create table if not exists clean_events (
  run_id text not null,
  key uuid not null,
  event_id uuid,
  event_name text not null,
  user_id text,
  device_id text,
  session_id text,
  sequence_id bigint,
  client_ts timestamptz,
  server_ts timestamptz,
  event_ts timestamptz,
  ingestion_ts timestamptz not null,
  source text,
  is_server_authoritative boolean not null,
  schema_version bigint,
  consent_state text,
  currency text,
  revenue jsonb,
  tax jsonb,
  context jsonb,
  properties jsonb,
  client_rows bigint not null,
  server_rows bigint not null,
  primary key (run_id, key)
);

-- Transactions below it are in the tables above.
create table if not exists model_state (horizon xid8 not null);
insert into model_state select '0'::xid8 where not exists (select from model_state);

-- Of one refresh: the raw rows to look at, the same as `identified` sees them, and the actions that
-- they touch.
create unlogged table if not exists pending (position bigint primary key);
create unlogged table if not exists fresh (
  position bigint primary key, ingestion_ts timestamptz, event jsonb, run_id text, event_name text,
  from_server boolean, id uuid, place text, instant timestamptz);
create unlogged table if not exists touched (run_id text, key uuid, primary key (run_id, key));
