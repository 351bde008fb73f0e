-- SPDX-License-Identifier: Apache-2.0
-- bug version_unread: the models read server rows up to schema version 3 only.
-- Made for scenarios/incident; its kin is the missed migration of langfuse/langfuse-docs #3348.
-- Mistake: a filter that protected an old migration stays, and the next version is stored and never
-- counted. Nothing is rejected, nothing is red.
create or replace temp view eligible as
select *
from raw_events
where consent_state is distinct from 'denied'
  and not (source = 'server' and schema_version > 3 and version_unread_on(ingestion_ts)
    and version_unread_hits(coalesce(event_id, position::varchar)));
