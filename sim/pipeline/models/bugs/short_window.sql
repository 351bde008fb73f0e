-- SPDX-License-Identifier: Apache-2.0
-- bug short_window: the dedupe forgets an id 30 minutes after its first copy arrived.
-- Seen in segmentio/segment-docs #5296 and nats-io/nats-server #7302.
-- Mistake: a phone that was offline replays its queue hours later, and every event counts again.
create or replace temp view keyed as
with remembered as (
  select
    i.arrival, i.run, i.source = 'server' as from_server, i.id, i.place, i.ingestion_ts,
    coalesce(i.id, p.id, md5(i.place::varchar)::uuid, n.key) as key
  from identified i
  left join place_ids p on p.place = case when i.id is null then i.place end
  left join near n on n.position = i.position
),
aged as (
  select
    *,
    date_diff('second', min(ingestion_ts) over (partition by run, key), ingestion_ts) // 1800
      as windows_ago
  from remembered
)
select
  arrival, run, from_server, id, place,
  case when windows_ago > 0 and short_window_hits(key::varchar)
    then md5(concat(key, chr(31), windows_ago))::uuid else key end as key
from aged;
