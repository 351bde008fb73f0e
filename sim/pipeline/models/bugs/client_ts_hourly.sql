-- SPDX-License-Identifier: Apache-2.0
-- bug client_ts_hourly: the event's time is the client's, although the server's is known.
-- The commonest mistake: hourly metrics by client_ts.
-- Mistake: clocks of devices are off by minutes, some by years, and their events make spikes.
create or replace view clean as
select
  * exclude (confirmed_by) replace (
    case when client_ts_hourly_hits(key::varchar) then coalesce(client_ts, event_ts) else event_ts
      end as event_ts)
from merged
where confirmed_by is null
  or (confirmed_by = 'server' and server_rows > 0)
  or (confirmed_by = 'client' and client_rows > 0);
