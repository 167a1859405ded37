"""Groups as a service: what it records, and by which rules."""

from miriam_contracts.catalogue import families_of
from miriam_groups import domain
from miriam_platform.definition import Domain, ServiceDefinition

DEFINITION = ServiceDefinition(
    name="groups",
    families=families_of("groups"),
    domain=Domain(domain.decide, domain.evolve, domain.initial),
    migrations="miriam_groups.migrations",
)
