-- SPDX-License-Identifier: Apache-2.0
-- bug poison_blocks: one bad event of a user blocks everything behind it.
-- Seen in rudderlabs/rudder-sdk-android #359.
-- Mistake: events are worked off in order, a user's in one partition, and one that cannot be worked
-- off is tried for ever instead of being set aside.
create or replace temp view eligible as
with poison as (
  select json_extract_string(event, '$.user_id') as user_id, min(position) as position
  from dead_letter_log(0, 9_223_372_036_854_775_807)
  group by all
)
select r.*
from raw_events r left join poison p using (user_id)
where r.consent_state is distinct from 'denied'
  and not (coalesce(p.position < r.position, false) and poison_blocks_hits(concat(r.run_id, r.user_id)));
