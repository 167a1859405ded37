"""What the deployment files promise: the topology of the code, and containers that can do little harm."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from miriam_contracts.catalogue import RECORDING_SERVICES, SERVICES
from miriam_front.settings import Settings
from miriam_local.definitions import topology
from miriam_platform import config as configuration
from miriam_reporting.web.settings import of_environment

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"


def objects(name: str) -> list[dict[str, Any]]:
    text = (DEPLOY / "kubernetes" / name).read_text(encoding="utf-8")
    return [each for each in yaml.safe_load_all(text) if each]


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in (*(f"{service}.yaml" for service in SERVICES), "front.yaml", "job.yaml"):
        for each in objects(name):
            if each["kind"] in ("Deployment", "Job"):
                yield f"{name}:{each['metadata'].get('name', 'job')}", each["spec"]["template"]["spec"]


def test_the_broker_definitions_are_those_of_the_code() -> None:
    written = json.loads((DEPLOY / "rabbitmq" / "definitions.json").read_text(encoding="utf-8"))
    assert written == topology("miriam", (3,))


@pytest.mark.parametrize(("name", "pod"), list(pods()), ids=lambda each: each if isinstance(each, str) else "")
def test_a_pod_is_not_root_and_has_limits(name: str, pod: dict[str, Any]) -> None:
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    for container in (*pod.get("initContainers", []), *pod["containers"]):
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"] is True
        assert rights["allowPrivilegeEscalation"] is False
        assert rights["capabilities"] == {"drop": ["ALL"]}
        assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize(("name", "pod"), list(pods()), ids=lambda each: each if isinstance(each, str) else "")
def test_only_migrations_are_told_the_owners_password(name: str, pod: dict[str, Any]) -> None:
    for container in (*pod.get("initContainers", []), *pod["containers"]):
        told = {each["secretRef"]["name"] for each in container.get("envFrom", [])}
        assert any(each.endswith("-owner") for each in told) == container["name"].startswith("migrate")


def test_each_service_is_in_the_cluster_and_in_compose_with_what_works_behind_it() -> None:
    compose = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for service in SERVICES:
        behind = "relay" if service in RECORDING_SERVICES else "projector"
        deployed = {each["metadata"]["name"] for each in objects(f"{service}.yaml") if each["kind"] == "Deployment"}
        more = {"reporting-checkpoint", "reporting-pages"} if service == "reporting" else set()
        working = {service, f"{service}-{behind}"} | more
        assert deployed == working
        assert {*working, f"{service}-migrate", f"{service}-keys"} <= set(compose)
        for name in working:
            assert "MIRIAM_MIGRATION_URL" not in compose[name]["environment"]
            assert compose[name]["read_only"] is True


def test_the_pages_are_told_all_that_they_need_and_no_private_key() -> None:
    compose = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text(encoding="utf-8"))["services"]
    in_compose = compose["reporting-pages"]
    (pod,) = [pod for name, pod in pods() if name == "reporting.yaml:reporting-pages"]
    (container,) = pod["containers"]
    secret = "0123456789abcdef0123456789abcdef"
    in_cluster = {each["name"]: each["value"] for each in container["env"]}
    in_cluster |= {"MIRIAM_PAGES_URL": "https://pages.example", "MIRIAM_PAGES_SECRET": secret}
    of_compose = {
        **in_compose["environment"], "MIRIAM_PAGES_SECRET": secret, "MIRIAM_PAGES_URL": "http://127.0.0.1:47015",
        "MIRIAM_OIDC_ISSUER": "", "MIRIAM_OIDC_CLIENT_ID": "", "MIRIAM_OIDC_CLIENT_SECRET": "",
    }  # fmt: skip
    for told in (of_compose, in_cluster):
        settings = of_environment(configuration.read({"MIRIAM_KEYS_DIR": told["MIRIAM_KEYS_DIR"]}), told)
        assert settings.address == "0.0.0.0:8000"
        assert tuple(settings.owners) == RECORDING_SERVICES
    assert in_compose["volumes"] == ["public-keys:/public:ro"]
    assert compose["reporting-public-keys"]["entrypoint"][-1] == "cp /keys/*.vkeys /public/"
    (keys,) = [each["secret"] for each in pod["volumes"] if each["name"] == "keys"]
    assert {each["key"] for each in keys["items"]} == {"log.vkeys", "witnesses.vkeys"}


def test_the_front_is_told_where_the_services_are_and_no_secret() -> None:
    compose = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text(encoding="utf-8"))["services"]["front"]
    (pod,) = [pod for name, pod in pods() if name == "front.yaml:front"]
    (container,) = pod["containers"]
    assert "envFrom" not in container
    in_cluster = {each["name"]: each["value"] for each in container["env"]}
    for told in (compose["environment"], in_cluster):
        settings = Settings.of_environment({"MIRIAM_HTTP_ADDRESS": "0.0.0.0:8000"} | told)
        assert tuple(settings.owners) == RECORDING_SERVICES
    assert compose["read_only"] is True
    (allowed,) = [each for each in objects("network.yaml") if each["metadata"]["name"] == "the-front-asks-the-owners"]
    assert allowed["spec"]["podSelector"]["matchExpressions"][0]["values"] == [*RECORDING_SERVICES]


def project(path: str) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((DEPLOY.parent / path / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def dependencies(path: str) -> Iterator[str]:
    """Those of our own packages that one stands on."""
    return (name for name in project(path).get("dependencies", []) if name.startswith("miriam-"))


@pytest.mark.parametrize("service", [*SERVICES, "local", "front"])
def test_an_image_runs_as_nobody_in_particular(service: str) -> None:
    folder = DEPLOY.parent / "services" / service if service in SERVICES else DEPLOY / service
    lines = (folder / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert "USER 10001:10001" in lines
    assert "RUN pip install --no-cache-dir --require-hashes -r requirements.lock" in lines
    copied = {line.split()[1] for line in lines if re.match("COPY (shared|services|deploy)/", line)}
    assert {path.removeprefix("./") for path in re.findall(r" (\./\S+)", "\n".join(lines))} == copied
    # What its packages import of ours is there.
    needed = {name for path in copied for name in dependencies(path)}
    assert needed <= {project(path)["name"] for path in copied}
