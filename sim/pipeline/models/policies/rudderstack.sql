-- SPDX-License-Identifier: Apache-2.0
-- policy rudderstack: messageId for an hour; the first one stays.
-- Learnt from rudderlabs/rudder-server: services/dedup, Dedup.dedupWindow 3600 s. It is off in the
-- open source server unless Dedup.enableDedup says otherwise: --bug no_dedupe plays that one. The
-- gateway fills a missing messageId with a UUID.
-- step: keyed -- one key a message that the processor hands on
create or replace temp view keyed as
with named as (
  select *, coalesce(nullif(event_id, ''), concat('row ', position)) as message
  from identified
),
known as (
  select *,
    remembered_since(list(epoch_us(ingestion_ts)) over (
      partition by run, message order by arrival
      rows between unbounded preceding and current row), 3_600_000_000) as since
  from named
)
select
  arrival, run, source = 'server' as from_server, id, place,
  md5(concat_ws(chr(31), message, since))::uuid as key
from known;
