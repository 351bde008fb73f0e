-- SPDX-License-Identifier: Apache-2.0
-- bug null_merge_key: rows without an id are added again by every run of the merge.
-- Seen in dbt-labs/dbt-adapters #159.
-- Mistake: `on target.event_id = source.event_id` never holds for NULL, so what was merged yesterday is
-- inserted again today. Two runs.
create or replace temp view keyed as
select
  i.arrival, i.run, i.source = 'server' as from_server, i.id, i.place,
  case when merge_run is not null then md5(concat(i.position, ' ', merge_run))::uuid
    else coalesce(i.id, p.id, md5(i.place::varchar)::uuid, n.key) end as key
from (
  select *,
    unnest(case when event_id is null
      and null_merge_key_hits(coalesce(place::varchar, user_id)) then [1, 2] else [null] end)
      as merge_run
  from identified
) i
left join place_ids p on p.place = case when i.id is null then i.place end
left join near n on n.position = i.position;
