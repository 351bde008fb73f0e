-- SPDX-License-Identifier: Apache-2.0
-- Amounts of the same order on both sides, by currency; exact decimals.
select event_name as "event", part as "part",
  coalesce(server_currency, client_currency, 'none') as "currency", count(*) as "orders",
  sum(client_revenue)::varchar as "client", sum(server_revenue)::varchar as "server",
  (sum(client_revenue) - sum(server_revenue))::varchar as "client - server",
  count(*) filter (client_revenue <> server_revenue) as "orders that differ",
  count(*) filter (client_currency <> server_currency) as "other currency",
  count(*) filter (client_revenue <> server_revenue or client_currency <> server_currency)
    > getvariable('slo_revenue') * count(*) as alert
from joined
where part is not null and client_revenue is not null and server_revenue is not null
group by event_name, part, "currency"
order by event_name, "currency", part desc
