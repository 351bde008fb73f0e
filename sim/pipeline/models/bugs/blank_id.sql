-- SPDX-License-Identifier: Apache-2.0
-- bug blank_id: '' and the zero UUID are taken for an id, so all of them become one action.
-- Seen in Velir/dbt-ga4 #193.
-- Mistake: no nullif, and '' has become a value.
create or replace temp view identified as
select
  *,
  case when coalesce(event_id, '?') in ('', '00000000-0000-0000-0000-000000000000')
    then case when blank_id_hits(concat(user_id, session_id, sequence_id))
      then '00000000-0000-0000-0000-000000000000'::uuid end
    else event_uuid end as id,
  coalesce(server_ts, client_ts) as instant
from eligible;
