-- SPDX-License-Identifier: Apache-2.0
-- bug no_dedupe: raw rows go straight to the clean table.
-- Mistake: the key is the row, not the action.
create or replace view keyed as
select
  i.position, i.run_id, i.from_server, i.id, i.place,
  case when no_dedupe_hits(coalesce(i.id::text, i.place, i.event ->> 'user_id'))
    then md5(i.position::text)::uuid
    else coalesce(i.id, p.id, md5(i.place)::uuid, n.key) end as key
from fresh i
left join place_ids p on i.id is null and p.place = i.place
left join near n on n.position = i.position;
