"""Intake as a service: what it records, by which rules, and what it adds."""

from miriam_contracts.catalogue import families_of
from miriam_intake import domain, enrolment, erasure, persons, retirement
from miriam_platform.definition import Domain, ServiceDefinition

DEFINITION = ServiceDefinition(
    name="intake",
    families=families_of("intake"),
    domain=Domain(domain.decide, domain.evolve, domain.initial),
    migrations="miriam_intake.migrations",
    enrich={
        "participation.enrolled": enrolment.enrolled,
        "participation.corrected": enrolment.corrected,
        "person.erased": erasure.erased,
        "edition.retired": retirement.edition_retired,
    },
    extra_keys=(persons.KEY,),
    taken_back=erasure.name_again,
    retired=retirement.retired,
    wiped=retirement.wiped,
    erase_again=erasure.erase_again,
)
