-- SPDX-License-Identifier: Apache-2.0
-- bug id_from_last_user: an event goes to the user of the event before it.
-- Seen in segment-integrations/analytics-ios-integration-amplitude #109.
-- Mistake: the current user is a variable that is set too late: after a logout, or in a worker that
-- takes turns between users.
create or replace view clean as
select
  * exclude (confirmed_by) replace (
    case when id_from_last_user_hits(key::varchar)
      then coalesce(lag(user_id) over (partition by run order by event_ts, key), user_id)
      else user_id end as user_id)
from merged
where confirmed_by is null
  or (confirmed_by = 'server' and server_rows > 0)
  or (confirmed_by = 'client' and client_rows > 0);
