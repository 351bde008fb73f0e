-- SPDX-License-Identifier: Apache-2.0
-- What the twins of vendors have in common. Each of them replaces the step `keyed`, and `picked` by
-- one of the two winners; consent, confirmation and the columns stay those of the reference, so
-- that what differs is the dedupe alone.

-- The time that the vendor knows of an event before it corrects anything.
create or replace macro stated_time(source, client_ts, server_ts, ingestion_ts) as
  coalesce(case when source = 'server' then server_ts else client_ts end,
    server_ts, client_ts, ingestion_ts);

-- When the memory began that a copy falls into: `copies` are the arrivals of one name up to this
-- copy, oldest first, in microseconds. A name is forgotten `width` after the copy that was kept.
create or replace macro remembered_since(copies, width) as
  list_reduce(copies, lambda since, copy: case when copy - since >= width then copy else since end);
