-- SPDX-License-Identifier: Apache-2.0
-- bug renamed_property: a release renamed a property, and the model reads the new name only.
-- Seen in open-telemetry/opentelemetry-collector-contrib #47906.
-- Mistake: no coalesce over old and new name: the first property of the contract is null.
create or replace view clean as
select
  * exclude (confirmed_by) replace (
    case when renamed_property_hits(key::varchar) then json_merge_patch(properties,
      json_object(coalesce((select min(field) from contract_fields f
        where f.event_name = merged.event_name
          and f.field not in ('revenue', 'tax', 'currency')), ''), null))::varchar
      else properties end as properties)
from merged
where confirmed_by is null
  or (confirmed_by = 'server' and server_rows > 0)
  or (confirmed_by = 'client' and client_rows > 0);
