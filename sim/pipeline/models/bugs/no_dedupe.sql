-- SPDX-License-Identifier: Apache-2.0
-- bug no_dedupe: raw rows go straight to the clean table.
-- Seen in umami-software/umami: ingestion without an idempotency key.
-- Mistake: the key is the row, not the action.
create or replace view keyed as
select
  i.position, i.run_id, i.source, i.ingestion_ts, i.id,
  case when no_dedupe_hits(coalesce(i.id::varchar, i.place, i.user_id))
    then md5(i.position::varchar)::uuid
    else coalesce(i.id, p.id, md5(i.place)::uuid, n.key) end as key
from identified i
left join place_ids p on i.id is null and p.place = i.place
left join near n on n.position = i.position;
