-- SPDX-License-Identifier: Apache-2.0
-- What the loader fills from the durable log. Every stored event is one row, duplicates included:
-- raw data is never repaired, only read better.

create table if not exists raw_events (
  position        bigint not null,   -- ordinal in the log: unique, in the order of arrival
  event_name      varchar not null,
  event_id        varchar,           -- as sent: may be missing, '', a zero UUID or in capitals
  user_id         varchar,
  device_id       varchar,
  session_id      varchar,
  sequence_id     bigint,            -- 1, 2, ... within the session
  client_ts       timestamp,         -- the device's clock, client rows
  server_ts       timestamp,         -- the backend's clock, server rows
  ingestion_ts    timestamp not null,
  source          varchar not null,  -- client | server
  schema_version  bigint,
  consent_state   varchar,           -- granted | denied
  retry_count     bigint,
  delivery_status varchar,
  run_id          varchar,
  currency        varchar,
  revenue         varchar,           -- money as the JSON number that was sent: never a binary float
  tax             varchar,
  context         varchar,           -- JSON object
  properties      varchar            -- JSON object: every other business field
);

-- Events that break the data contract, with the reason. They were acknowledged, and they are kept.
create table if not exists dead_letters (
  position     bigint not null,
  ingestion_ts timestamp not null,
  reason       varchar not null,
  run_id       varchar,
  event_name   varchar,
  source       varchar,
  event        varchar not null      -- JSON as it was sent
);

-- How far into the log the two tables above reach: written in the same transaction as the rows, so
-- that a crash between them cannot load anything twice or not at all.
create table if not exists load_state (log_offset bigint not null, position bigint not null);
insert into load_state select 0, 0 where not exists (from load_state);

-- The data contract, one row a business field: which side is authoritative, which sides send it.
create or replace table contract_fields (
  event_name varchar, field varchar, owner varchar, on_client boolean, on_server boolean);
-- Events that count only when this side confirmed them (login_success: the server).
create or replace table contract_events (event_name varchar, confirmed_by varchar);

-- How often the models were rebuilt. Only bug any_row_wins looks at it.
create or replace table rebuilds (n bigint);
insert into rebuilds values (0);
