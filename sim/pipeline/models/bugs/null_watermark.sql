-- SPDX-License-Identifier: Apache-2.0
-- bug null_watermark: a comparison with the newest row of an empty table loads nothing.
-- Seen in dbt-labs/dbt-core #10440.
-- Mistake: `> NULL` is neither true nor an error, so the load is green. With a share: of the users,
-- as where each customer has a table.
create or replace temp view eligible as
select *
from raw_events
where consent_state is distinct from 'denied'
  and (not null_watermark_hits(concat(run_id, user_id))
    or ingestion_ts > (select max(ingestion_ts) from raw_events where false));
