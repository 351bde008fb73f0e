-- SPDX-License-Identifier: Apache-2.0
-- Which share of one side's actions finds its row of the other side by event_id.
with counts as (
  select event_name, part, count(*) filter (server > 0) as server,
    count(*) filter (server > 0 and client > 0) as paired, count(*) filter (client > 0) as client,
    count(*) filter (not has_id) as without
  from pairs semi join both_sides using (event_name)
  where part is not null
  group by all
)
select event_name as "event", part as "part", server::bigint as "server actions",
  printf('%.2f %%', 100.0 * paired / server) as "with a client row",
  client::bigint as "client actions", printf('%.2f %%', 100.0 * paired / client) as "with a server row",
  without::bigint as "rows without id",
  coalesce(paired < getvariable('slo_joined') * server or paired < getvariable('slo_joined') * client,
    false) as alert
from counts
order by event_name, part desc
