-- SPDX-License-Identifier: Apache-2.0
-- What the clean table has of it.
select r.* exclude (money, event_name, happened_at)
  replace (since(client_ts) as client_ts, since(server_ts) as server_ts,
           since(event_ts) as event_ts, since(ingestion_ts) as ingestion_ts)
from sample join raw_rows r using (action_id)
order by r.action_id, r.number
