-- SPDX-License-Identifier: Apache-2.0
-- What each side recorded of it.
select e.* exclude (event_name, user_id, device_id, session_id, sequence_id, page, faults_skipped)
  replace (since(captured_at) as captured_at, since(client_ts) as client_ts,
           since(server_ts) as server_ts)
from sample join emissions e using (action_id)
order by e.action_id, e.captured_at, e.source, e.copy
