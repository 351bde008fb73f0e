-- SPDX-License-Identifier: Apache-2.0
-- bug null_id_partition: all rows without an event_id collapse into one.
-- Mistake: `partition by event_id` treats NULL as a value.
create or replace view keyed as
select
  i.position, i.run_id, i.from_server, i.id, i.place,
  case when i.id is null and null_id_partition_hits(coalesce(i.place, i.event ->> 'user_id'))
    then md5('NULL')::uuid
    else coalesce(i.id, p.id, md5(i.place)::uuid, n.key) end as key
from fresh i
left join place_ids p on i.id is null and p.place = i.place
left join near n on n.position = i.position;
