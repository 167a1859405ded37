"""Who looks: the roles, and what each may see is told by the pages themselves."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is here for. It is given at the sign-in and holds for the session."""

    PUBLIC = "public"  # published reports alone; nobody needs to sign in for it
    CPAS = "cpas"  # what its own CPAS has done: figures, evidence, refusals, signatures
    AUTHORITY = "authority"  # every figure, and the life of reports; single women only by breaking the glass
    AUDITOR = "auditor"  # everything, under pseudonyms
    DPO = "dpo"  # requests of persons, and who looked at what
    OPERATOR = "operator"  # services and queues; no data


EVERYBODY = tuple(Role)
SIGNED_IN = tuple(role for role in Role if role is not Role.PUBLIC)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who looks. `name` is an account, never a person's full name; `cpas` is of the role cpas alone."""

    role: Role
    name: str = ""
    cpas: str | None = None

    @property
    def actor(self) -> str:
        """As the access log writes it: `auditor.court`, `cpas.anderlecht.marie`."""
        return ".".join(filter(None, (self.role.value, self.cpas, self.name)))

    @property
    def signed_in(self) -> bool:
        """Whether this is anybody in particular."""
        return self.role is not Role.PUBLIC


ANYBODY = Viewer(Role.PUBLIC)
