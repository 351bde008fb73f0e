-- SPDX-License-Identifier: Apache-2.0
-- bug consent_overdrop: whoever refused once is dropped whole, also what was sent with consent.
-- Seen in PostHog/posthog-js #4314.
-- Mistake: consent is joined by user, not taken from the event.
create or replace temp view eligible as
select *
from raw_events
where consent_state is distinct from 'denied'
  and not (consent_overdrop_hits(concat(run_id, user_id))
    and user_id in (select user_id from raw_events where consent_state = 'denied'));
