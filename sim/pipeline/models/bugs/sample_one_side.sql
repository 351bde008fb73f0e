-- SPDX-License-Identifier: Apache-2.0
-- bug sample_one_side: every other user is sampled out on the server's side only.
-- Seen as the commonest sampling mistake: each side rolls its own dice.
-- Mistake: the sample is drawn where the server's rows are loaded, and nowhere else.
create or replace temp view eligible as
select *
from raw_events
where consent_state is distinct from 'denied'
  and not (source = 'server' and md5_number_lower(user_id) % 2 = 0
    and sample_one_side_hits(concat(run_id, user_id)));
