-- SPDX-License-Identifier: Apache-2.0
-- policy amplitude: insert_id and device_id for 7 days; the first one stays.
-- Learnt from Amplitude's documents on HTTP V2: without an insert_id, event_id (a counter, our
-- sequence number), client time and device stand in. One insert_id from two devices, or from an app
-- and a server that knows no device, is two events.
-- step: keyed -- one key an event that is ingested
create or replace temp view keyed as
with named as (
  select *,
    case
      when coalesce(event_id, '') <> '' then concat_ws(chr(31), 'id', event_id, concat(device_id))
      when sequence_id is not null and client_ts is not null
        then concat_ws(chr(31), 'counter', sequence_id, client_ts, concat(device_id))
      else concat('row ', position)
    end as name
  from identified
),
known as (
  select *,
    remembered_since(list(epoch_us(ingestion_ts)) over (
      partition by run, name order by arrival
      rows between unbounded preceding and current row), 604_800_000_000) as since
  from named
)
select
  arrival, run, source = 'server' as from_server, id, place,
  md5(concat_ws(chr(31), name, since))::uuid as key
from known;
