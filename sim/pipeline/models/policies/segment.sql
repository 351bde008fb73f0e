-- SPDX-License-Identifier: Apache-2.0
-- policy segment: messageId for 24 hours, for 99 % of the copies; the first one stays.
-- Learnt from segment-docs: spec/common.md, duplicate-data guide. The id is global: neither user,
-- name nor payload is looked at. A message without an id gets one of its own.
-- step: keyed -- one key a message that Segment hands on
create or replace temp view keyed as
with named as (
  select *, coalesce(nullif(event_id, ''), concat('row ', position)) as message
  from identified
),
known as (
  select *,
    remembered_since(list(epoch_us(ingestion_ts)) over (
      partition by run, message order by arrival
      rows between unbounded preceding and current row), 86_400_000_000) as since,
    row_number() over (partition by run, message order by arrival) > 1
      and md5_number_lower(concat('segment ', arrival)) % 100 = 0 as missed
  from named
)
select
  arrival, run, source = 'server' as from_server, id, place,
  md5(concat_ws(chr(31), message, case when missed then arrival else since end))::uuid as key
from known;
