-- SPDX-License-Identifier: Apache-2.0
-- bug null_id_partition: every row without an event_id falls into one and the same partition.
-- Seen in Velir/dbt-ga4 #193.
-- Mistake: `partition by event_id` treats NULL as a value.
create or replace temp view keyed as
select
  i.arrival, i.run, i.source = 'server' as from_server, i.id, i.place,
  case when i.event_id is null and null_id_partition_hits(coalesce(i.place::varchar, i.user_id))
    then md5('NULL')::uuid
    else coalesce(i.id, p.id, md5(i.place::varchar)::uuid, n.key) end as key
from identified i
left join place_ids p on p.place = case when i.id is null then i.place end
left join near n on n.position = i.position;
