"""The manifests for Kubernetes: strictly valid, and of one mind with the program."""

import http.client
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from digitapp import __version__, config
from digitapp.web.http.server import FINISH_S, LEAVE_S
from tests.served import ROOT, served, settings
from tests.test_container import last_stage

FOLDER = ROOT / "build" / "kubernetes"
MANIFESTS = sorted(set(FOLDER.glob("*.yaml")) - {FOLDER / "kustomization.yaml"})
SECRET = "secret.example.yaml"


def read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def test_the_image_is_this_versions() -> None:
    [image] = read("kustomization.yaml")["images"]
    assert image["newTag"] == __version__


@pytest.fixture
def pod() -> Any:
    return read("deployment.yaml")["spec"]["template"]["spec"]


@pytest.fixture
def container(pod: Any) -> Any:
    [only] = pod["containers"]
    return only


@pytest.fixture
def variables(container: Any) -> dict[str, str]:
    return {each["name"]: each["value"] for each in container["env"]}


@pytest.mark.parametrize("version", ["1.31", "1.34", kubernetes_validate.latest_version()])
@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_a_manifest_is_strictly_valid(path: Path, version: str) -> None:
    assert kubernetes_validate.validate(read(path.name), version, strict=True)


def test_the_validation_refuses_an_unknown_field() -> None:
    wrong = read("service.yaml")
    wrong["spec"]["prots"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.34", strict=True)


def test_all_but_the_example_is_applied() -> None:
    kustomization = read("kustomization.yaml")
    assert {*kustomization["resources"], SECRET} == {path.name for path in MANIFESTS}
    [image] = kustomization["images"]
    assert image["newTag"]


def test_everything_is_called_alike(container: Any) -> None:
    label = {"app.kubernetes.io/name": "digitapp"}
    deployment = read("deployment.yaml")["spec"]
    assert deployment["template"]["metadata"]["labels"] == label
    assert deployment["selector"]["matchLabels"] == label
    assert read("service.yaml")["spec"]["selector"] == label
    assert read("poddisruptionbudget.yaml")["spec"]["selector"]["matchLabels"] == label
    assert read("networkpolicy.yaml")["spec"]["podSelector"]["matchLabels"] == label
    scaler = read("horizontalpodautoscaler.yaml")["spec"]
    assert scaler["scaleTargetRef"]["name"] == read("deployment.yaml")["metadata"]["name"]
    [metric] = scaler["metrics"]
    assert metric["containerResource"]["container"] == container["name"]
    [image] = read("kustomization.yaml")["images"]
    assert image["name"] == container["image"]


def test_all_ports_are_the_one_that_is_served(container: Any, variables: dict[str, str]) -> None:
    [port] = container["ports"]
    assert port["containerPort"] == settings(variables)["port"]
    [served_port] = read("service.yaml")["spec"]["ports"]
    [rule] = read("networkpolicy.yaml")["spec"]["ingress"]
    probes = [container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")]
    named = [served_port["targetPort"], rule["ports"][0]["port"], *(one["port"] for one in probes)]
    assert set(named) == {port["name"]}


def test_the_token_is_where_the_program_looks_for_it(
    pod: Any, container: Any, variables: dict[str, str]
) -> None:
    file = Path(settings(variables)["token_file"])  # type: ignore[arg-type]
    [mount] = [one for one in container["volumeMounts"] if one["mountPath"] == str(file.parent)]
    assert mount["readOnly"]
    [volume] = [one for one in pod["volumes"] if one["name"] == mount["name"]]
    secret = read(SECRET)
    assert volume["secret"]["secretName"] == secret["metadata"]["name"]
    assert list(secret["stringData"]) == [file.name]


def test_the_example_s_token_is_refused() -> None:
    [token] = read(SECRET)["stringData"].values()
    with pytest.raises(config.Unfit):
        config.token(token)


def test_a_pod_may_do_little(pod: Any, container: Any) -> None:
    user, group = map(int, last_stage()["USER"].split(":"))
    may = pod["securityContext"]
    assert (may["runAsUser"], may["runAsGroup"], may["fsGroup"]) == (user, group, group)
    assert may["runAsNonRoot"]
    assert may["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["automountServiceAccountToken"] is False
    writable = {one["mountPath"] for one in container["volumeMounts"] if not one.get("readOnly")}
    assert writable == {"/tmp"}  # noqa: S108
    assert read("networkpolicy.yaml")["spec"]["egress"] == []


def test_a_pod_has_time_to_finish(pod: Any, variables: dict[str, str]) -> None:
    needed = float(variables["DIGITAPP_DRAIN_S"]) + FINISH_S + LEAVE_S
    assert pod["terminationGracePeriodSeconds"] > needed + 5
    assert read("deployment.yaml")["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_a_pod_reads_as_much_as_it_has_processors(
    container: Any, variables: dict[str, str]
) -> None:
    limits, asked = container["resources"]["limits"], container["resources"]["requests"]
    assert settings(variables)["slots"] == int(limits["cpu"])
    assert asked.keys() == limits.keys()
    replicas = read("deployment.yaml")["spec"]["replicas"]
    assert read("horizontalpodautoscaler.yaml")["spec"]["minReplicas"] == replicas
    assert read("poddisruptionbudget.yaml")["spec"]["minAvailable"] < replicas


def test_probes_and_the_service_are_answered(
    container: Any, variables: dict[str, str], tmp_path: Path
) -> None:
    """The node asks by the pod's address, other pods by the Service's names; others get a 403."""
    names = variables["DIGITAPP_ALLOW_HOST"].split(",")
    assert read("service.yaml")["metadata"]["name"] in names
    kinds = [name for name in container if name.endswith("Probe")]
    assert len(kinds) == 3
    with served(tmp_path, variables) as port:
        for kind in kinds:
            path = container[kind]["httpGet"]["path"]
            assert {status(port, path, host) for host in ("10.1.2.3:8000", *names)} == {200}
            assert status(port, path, "other.default.svc") == 403
        assert status(port, "/api/model", names[0]) == 401


def status(port: int, path: str, host: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status
    finally:
        connection.close()
