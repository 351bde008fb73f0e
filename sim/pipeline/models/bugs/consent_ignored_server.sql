-- SPDX-License-Identifier: Apache-2.0
-- bug consent_ignored_server: what the server sent is kept although consent was refused.
-- Seen in Automattic/jetpack PR #46466 and matomo-org/matomo-sdk-android #147.
-- Mistake: consent is checked for one camera only.
create or replace temp view eligible as
select *
from raw_events
where consent_state is distinct from 'denied'
  or (source = 'server' and consent_ignored_server_hits(concat(run_id, user_id)));
