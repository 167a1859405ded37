"""Sessions as a service: what it records, and by which rules."""

from miriam_contracts.catalogue import families_of
from miriam_platform.definition import Domain, ServiceDefinition
from miriam_sessions import domain

DEFINITION = ServiceDefinition(
    name="sessions",
    families=families_of("sessions"),
    domain=Domain(domain.decide, domain.evolve, domain.initial),
    migrations="miriam_sessions.migrations",
)
