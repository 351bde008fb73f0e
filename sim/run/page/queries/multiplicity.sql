-- SPDX-License-Identifier: Apache-2.0
-- How many actions have so many canonical rows, made of so many raw rows of each side.
with owned as (
  select id, sum(from_client)::bigint as client, sum(from_server)::bigint as server
  from clean
  where id is not null
  group by id
)
select t.rows, coalesce(client, 0)::bigint as client, coalesce(server, 0)::bigint as server,
  count(*) as actions,
  count(*) filter (verdict in ('ok', 'recovered', 'excused')) as passing
from truth t left join owned using (id)
group by t.rows, coalesce(client, 0), coalesce(server, 0)
order by actions desc, t.rows, client, server
limit 40
