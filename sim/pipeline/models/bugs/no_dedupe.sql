-- SPDX-License-Identifier: Apache-2.0
-- bug no_dedupe: raw rows go straight to the clean table.
-- Seen in umami-software/umami: ingestion without an idempotency key.
-- Mistake: the key is the row, not the action.
create or replace temp view keyed as
select
  i.arrival, i.run, i.source = 'server' as from_server, i.id, i.place,
  case when no_dedupe_hits(coalesce(i.id::varchar, i.place::varchar, i.user_id))
    then md5(i.position::varchar)::uuid
    else coalesce(i.id, p.id, md5(i.place::varchar)::uuid, n.key) end as key
from identified i
left join place_ids p on p.place = case when i.id is null then i.place end
left join near n on n.position = i.position;
