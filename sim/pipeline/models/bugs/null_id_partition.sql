-- SPDX-License-Identifier: Apache-2.0
-- bug null_id_partition: every row without an event_id falls into one and the same partition.
-- Seen in Velir/dbt-ga4 #193.
-- Mistake: `partition by event_id` treats NULL as a value.
create or replace view keyed as
select
  i.position, i.run_id, i.source, i.ingestion_ts, i.id,
  case when i.event_id is null and null_id_partition_hits(coalesce(i.place, i.user_id))
    then md5('NULL')::uuid
    else coalesce(i.id, p.id, md5(i.place)::uuid, n.key) end as key
from identified i
left join place_ids p on i.id is null and p.place = i.place
left join near n on n.position = i.position;
