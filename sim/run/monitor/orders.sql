-- SPDX-License-Identifier: Apache-2.0
-- The orders whose amounts differ most.
select order_id as "order", event_name as "event", strftime(server_ts, '%Y-%m-%d %H:%M') as "server time",
  coalesce(server_currency, client_currency) as "currency", client_revenue::varchar as "client",
  server_revenue::varchar as "server", (client_revenue - server_revenue)::varchar as "client - server",
  false as alert
from joined
where client_revenue <> server_revenue and part is not null
order by abs(client_revenue - server_revenue) desc, order_id
limit 10
