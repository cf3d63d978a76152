"""The locks and the scripts keep their rules."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCKS = {
    "site": PROJECT["dependencies"],
    "check": PROJECT["dependencies"] + EXTRAS["cluster"] + EXTRAS["test"],
    "train": PROJECT["dependencies"] + EXTRAS["train"],
    "test": [
        *PROJECT["dependencies"],
        *(line for extra in ("train", "jax", "cluster", "test") for line in EXTRAS[extra]),
    ],
    "setup": PYPROJECT["dependency-groups"]["setup"] + PYPROJECT["build-system"]["requires"],
    "torch": PYPROJECT["dependency-groups"]["torch"],
    "builders": PYPROJECT["dependency-groups"]["builders"],
    "audit": PYPROJECT["dependency-groups"]["audit"],
}
SCRIPTS = [*sorted((ROOT / "scripts").iterdir()), ROOT / ".ci" / "run"]

each_lock = pytest.mark.parametrize("name", LOCKS)
each_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)


def lock_text(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text()


def pins(name: str) -> dict[str, str]:
    entries = re.findall(r"^([\w.-]+)==([^\s;]+)", lock_text(name), flags=re.MULTILINE)
    return {canonicalize_name(package): version for package, version in entries}


@each_lock
def test_every_package_of_a_lock_is_pinned_and_hashed(name: str) -> None:
    logical_lines = lock_text(name).replace("\\\n", " ").splitlines()
    assert logical_lines
    for line in logical_lines:
        assert re.fullmatch(r"[\w.-]+==\S+( ; [^#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+", line), line


@each_lock
def test_a_lock_covers_what_pyproject_asks_for(name: str) -> None:
    locked = pins(name)
    for requirement in map(Requirement, LOCKS[name]):
        version = locked.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement} is not in the lock: run scripts/lock"
        assert requirement.specifier.contains(version), f"{requirement} is locked at {version}"


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [("site", "check"), ("check", "test"), ("site", "train"), ("train", "test")],
)
def test_a_larger_lock_only_adds_packages(smaller: str, larger: str) -> None:
    assert pins(smaller).items() <= pins(larger).items()


@pytest.mark.parametrize("name", ["site", "check"])
def test_what_builds_or_checks_installs_nothing_that_trains(name: str) -> None:
    assert not {"jax", "jaxlib", "keras", "tensorflow", "torch"} & pins(name).keys()


@pytest.mark.parametrize("name", [name for name in LOCKS if name != "torch"])
def test_a_lock_holds_no_torch_and_no_graphics_card_libraries(name: str) -> None:
    assert not [p for p in pins(name) if re.match(r"nvidia-|torch|triton|jax-cuda", p)]


@pytest.mark.parametrize(
    "path",
    [*sorted((ROOT / "requirements").iterdir()), *SCRIPTS, ROOT / "pyproject.toml"],
    ids=lambda path: path.name,
)
def test_nothing_that_installs_names_an_address(path: Path) -> None:
    assert "://" not in path.read_text()


@each_script
def test_a_script_can_be_run_and_parses(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n", script], check=True)


def test_set_up_refuses_a_word_that_it_does_not_know() -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "setup", "everything"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Expected site, check, train or test. Received: everything." in done.stderr


SETUP = (ROOT / "scripts" / "setup").read_text(encoding="utf-8")


def test_set_up_keeps_where_to_fetch_from_and_drops_what_changes_what_is_installed() -> None:
    kept = {
        *("PIP_CERT", "PIP_DEFAULT_TIMEOUT", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_PROXY"),
        *("PIP_INDEX_URL", "PIP_NO_INDEX", "PIP_TRUSTED_HOST", "PIP_CACHE_DIR", "PIP_CONFIG_FILE"),
        *("UV_DEFAULT_INDEX", "UV_HTTP_TIMEOUT", "UV_OFFLINE", "UV_CACHE_DIR", "UV_LINK_MODE"),
    }
    dropped = {
        *("PIP_CONSTRAINT", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON"),
        *("PIP_NO_DEPS", "PIP_NO_BINARY", "PIP_ONLY_BINARY", "PIP_PRE", "PIP_DRY_RUN", "PIP_SRC"),
        *("PIP_REQUIREMENT", "PIP_BUILD_CONSTRAINT", "PIP_PLATFORM", "PIP_REQUIRE_VIRTUALENV"),
        *("UV_CONSTRAINT", "UV_OVERRIDE", "UV_BUILD_CONSTRAINT", "UV_PYTHON", "UV_SYSTEM_PYTHON"),
        *("UV_EXCLUDE_NEWER", "UV_PRERELEASE", "UV_RESOLUTION", "PYTHONPATH", "PYTHONHOME"),
    }
    part = SETUP[SETUP.index("fetching=") : SETUP.index("# A .venv that was moved")]
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{part}\ncompgen -e"],
        env={"PATH": os.environ["PATH"]} | dict.fromkeys(kept | dropped, "a"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) & (kept | dropped) == kept


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder in which set-up finds nothing ready, and a Python that is too old."""
    root = tmp_path / "a folder"
    shutil.copytree(ROOT / "scripts", root / "scripts")
    shutil.copytree(ROOT / "requirements", root / "requirements")
    shutil.copy(ROOT / "pyproject.toml", root)
    old = root / "my python"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.10.0\n', encoding="utf-8")
    old.chmod(0o755)
    return root


@pytest.mark.parametrize(
    ("python", "received"),
    [
        ("python3.99", "python3.99, which is not found."),
        ("{root}/my python", "{root}/my python, which is Python 3.10.0."),
    ],
)
def test_set_up_says_why_a_python_will_not_do(checkout: Path, python: str, received: str) -> None:
    done = subprocess.run(
        [checkout / "scripts" / "setup", "site"],
        env=os.environ | {"PYTHON": python.format(root=checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"Received: {received.format(root=checkout)} " in done.stderr


def test_set_up_empties_no_environment_that_a_link_leads_to(checkout: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "pyvenv.cfg").touch()
    (checkout / ".venv").symlink_to(shared)
    done = subprocess.run(
        [checkout / "scripts" / "setup", "site"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"Received: a link to {shared}. Remove the link: rm .venv" in done.stderr
    assert (shared / "pyvenv.cfg").exists()


@pytest.fixture
def bare_python(checkout: Path) -> Path:
    """A Python that has no packages and says that no GPU is there."""
    path = checkout / "bare"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -IS "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("", "Expected a name for the machine, such as h100. Received: nothing."),
        ("--other", "Expected a name for the machine, such as h100. Received: --other."),
        ("H/100", "Expected a name of small letters, digits and dashes. Received: H/100."),
        ("--pack", "Expected the Python of the machine, such as 3.12. Received: nothing."),
        ("--pack numpy", "Expected the Python of the machine, such as 3.12. Received: numpy."),
        ("h100", "scripts/gpu-record --pack {version} click "),
    ],
)
def test_recording_on_a_gpu_says_what_it_lacks(
    checkout: Path, bare_python: Path, arguments: str, told: str
) -> None:
    done = subprocess.run(
        [checkout / "scripts" / "gpu-record", *arguments.split()],
        env=os.environ | {"PYTHON": str(bare_python)},
        capture_output=True,
        text=True,
        check=False,
    )
    version = "{}.{}".format(*sys.version_info)
    assert done.returncode == 1
    assert told.format(version=version) in done.stderr


def test_what_a_gpu_machine_lacks_is_what_training_with_jax_needs(
    checkout: Path, bare_python: Path
) -> None:
    done = subprocess.run(
        [checkout / "scripts" / "gpu-record", "--missing"],
        env=os.environ | {"PYTHON": str(bare_python)},
        capture_output=True,
        text=True,
        check=True,
    )
    lacking = set(done.stdout.split())
    assert {"keras", "numpy", "pydantic", "scipy"} <= lacking
    assert not {"jax", "tensorflow", "mkdocs-material"} & lacking


@pytest.mark.parametrize(
    ("finished", "status", "told"),
    [
        ("performance rates", 0, "runs recorded: 2, in results/replicas/h100/."),
        ("rates", 0, "runs recorded: 1, in results/replicas/h100/."),
        ("", 1, "nothing finished in its time."),
    ],
)
def test_recording_on_a_gpu_ends_with_the_sums_and_says_whether_anything_finished(
    checkout: Path, finished: str, status: int, told: str
) -> None:
    """A call that was cut short leaves an empty file, and a line of it in the sums."""
    path = checkout / "python"
    path.write_text(
        f"""#!/bin/sh
[ "$1" = -m ] || exit 0
echo "$3" >>calls
[ "$3" = run ] || exit 0
mkdir -p results/replicas/$6
: >"results/replicas/$6/$4.jsonl"
case " {finished} " in *" $4 "*) echo '{{}}' >"results/replicas/$6/$4.jsonl" ;; esac
""",
        encoding="utf-8",
    )
    path.chmod(0o755)
    done = subprocess.run(
        [checkout / "scripts" / "gpu-record", "h100"],
        env=os.environ | {"PYTHON": str(path), "DRY": "1", "MINUTES": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert told in done.stderr
    assert ("Bring that folder back" in done.stderr) == (status == 0)
    assert (checkout / "calls").read_text().split()[-1] == "checksums"
    kept = {each.stem for each in checkout.glob("results/replicas/h100/*")}
    assert kept == {*finished.split()}
    assert (checkout / "results/replicas/h100").exists() == bool(finished)


def test_a_python_starts_where_the_locale_does_not_know_the_letters_of_the_way(
    tmp_path: Path,
) -> None:
    root = tmp_path / "Ü büro & Co (1)"
    root.mkdir()
    (root / "found.py").write_text("", encoding="utf-8")
    venv.create(root / ".venv", symlinks=True)
    (packages,) = (root / ".venv").glob("lib/python*/site-packages")
    (line,) = re.findall(r"printf '(.*)\\n' >\"\$link\"", SETUP)
    (packages / "_bnreport.pth").write_text(f"{line}\n", encoding="utf-8")
    subprocess.run(
        [root / ".venv" / "bin" / "python", "-c", "import found"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        check=True,
    )


def test_continuous_integration_ends_in_the_test_script_without_input() -> None:
    last = (ROOT / ".ci" / "run").read_text().splitlines()[-1]
    assert last == 'exec scripts/test "$@" </dev/null'


@pytest.mark.parametrize(
    ("arguments", "ci", "checked", "expected"),
    [
        ("", "", True, "not browser"),
        ("", "true", True, ""),
        ("-k records", "", True, "not browser -k records"),
        ("--fast", "", True, "not browser and not train and not slow"),
        ("--fast", "true", True, "not browser and not train and not slow"),
        ("--browser -x", "", True, " -x"),
        ("--no-check --fast -x", "", False, "not browser and not train and not slow -x"),
        ("--no-check -m train", "true", False, " -m train"),
    ],
)
def test_the_test_script_checks_and_then_runs_the_tests_that_are_asked_for(
    tmp_path: Path, arguments: str, ci: str, checked: bool, expected: str
) -> None:
    stubs = {
        "scripts/setup": "",
        "scripts/check": "echo checked",
        ".venv/bin/pytest": 'shift 5; echo "$*"',
    }
    for name, body in stubs.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        path.chmod(0o755)
    shutil.copy(ROOT / "scripts" / "test", tmp_path / "scripts")
    done = subprocess.run(
        [tmp_path / "scripts" / "test", *arguments.split()],
        env={"PATH": os.environ["PATH"], "CI": ci},
        capture_output=True,
        text=True,
        check=True,
    )
    said = [line for line in done.stdout.splitlines() if not line.startswith("== ")]
    assert said == (["checked"] if checked else []) + [expected]


def test_git_asks_scripts_of_ours_before_a_commit_and_downloads_nothing() -> None:
    repos = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repo["repo"] for repo in repos] == ["local"]
    for hook in repos[0]["hooks"]:
        assert hook["language"] == "system"
        assert ROOT / hook["entry"] in SCRIPTS


def test_a_container_for_development_has_the_python_that_publishes() -> None:
    container = (ROOT / ".devcontainer" / "devcontainer.json").read_text()
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    (version,) = (
        step["with"]["python-version"]
        for step in workflow["jobs"]["build"]["steps"]
        if "python-version" in step.get("with", {})
    )
    assert f'"image": "python:{version}-' in container
    assert "scripts/setup test" in container


def test_updates_are_proposed_for_actions_and_for_packages() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"github-actions", "pip"}


def test_the_citation_names_the_version_and_licence_of_the_package() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert (citation["version"], citation["license"]) == (PROJECT["version"], PROJECT["license"])
    assert citation["authors"] == PROJECT["authors"]


def test_the_guide_for_contributors_names_only_scripts_that_exist() -> None:
    named = set(re.findall(r"scripts/(\w+)", (ROOT / "CONTRIBUTING.md").read_text()))
    assert named
    assert named <= {script.name for script in SCRIPTS}
