-- SPDX-License-Identifier: Apache-2.0
-- bug dual_write_counted: versions 1 and 2 of the schema are both counted during a migration.
-- Seen in langfuse/langfuse-docs #3348.
-- Mistake: the version is part of the key, as if another version were another action.
create or replace temp view keyed as
select
  i.arrival, i.run, i.source = 'server' as from_server, i.id, i.place,
  case when i.id is not null and dual_write_counted_hits(i.id::varchar)
    then md5(concat(i.id, chr(31), i.schema_version))::uuid
    else coalesce(i.id, p.id, md5(i.place::varchar)::uuid, n.key) end as key
from identified i
left join place_ids p on p.place = case when i.id is null then i.place end
left join near n on n.position = i.position;
