-- SPDX-License-Identifier: Apache-2.0
-- bug key_has_client_ts: the dedupe key contains client_ts beside the id.
-- Seen in PostHog/posthog.com #17419.
-- Mistake: the id alone says which action it is. The server knows no client_ts, so each of its rows
-- is an action of its own, and a copy whose time was corrected is one too.
create or replace temp view keyed as
select
  i.arrival, i.run, i.source = 'server' as from_server, i.id, i.place,
  case when i.id is not null and key_has_client_ts_hits(i.id::varchar)
    then md5(concat(i.id, chr(31), i.client_ts))::uuid
    else coalesce(i.id, p.id, md5(i.place::varchar)::uuid, n.key) end as key
from identified i
left join place_ids p on p.place = case when i.id is null then i.place end
left join near n on n.position = i.position;
