-- SPDX-License-Identifier: Apache-2.0
-- bug eventual_dedupe: copies of the last six hours stand side by side until a merge in the background.
-- Seen in PostHog/posthog.com #17419.
-- Mistake: the table is read without waiting for the merge, and without asking for merged rows.
create or replace temp view keyed as
select
  i.arrival, i.run, i.source = 'server' as from_server, i.id, i.place,
  case when i.ingestion_ts > max(i.ingestion_ts) over (partition by i.run) - interval 6 hours
      and eventual_dedupe_hits(coalesce(i.id::varchar, i.place::varchar, i.user_id))
    then md5(i.position::varchar)::uuid
    else coalesce(i.id, p.id, md5(i.place::varchar)::uuid, n.key) end as key
from identified i
left join place_ids p on p.place = case when i.id is null then i.place end
left join near n on n.position = i.position;
