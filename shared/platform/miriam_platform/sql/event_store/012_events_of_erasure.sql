-- The few events by which data are destroyed, and those by which it is known whose: found without reading the rest.
create index if not exists events_of_erasure on event_store.event (type, sequence)
  where type in (
    'miriam.person.erased.v1', 'miriam.person.linked.v1', 'miriam.person.unlinked.v1', 'miriam.person.retracted.v1',
    'miriam.person.corrected.v1', 'miriam.key.destroyed.v1', 'miriam.edition.retired.v1',
    'miriam.project.approved.v1', 'miriam.project.corrected.v1', 'miriam.project.retracted.v1'
  );
