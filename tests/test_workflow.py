"""A commit is published when every job has passed for it; no job may do more than it must."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".github" / "workflows"
TEXT = (FOLDER / "ci.yml").read_text(encoding="utf-8")
# YAML reads the key `on` as a truth value; none of its keys is needed here.
JOBS: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["jobs"]
(PUBLISHING,) = (name for name, job in JOBS.items() if "environment" in job)
# What each job may do. A job that needs more is argued for here.
TESTING = ("check", "untrained", "training", "browser", "pytorch", "builders")
GRANTED = {name: {"contents": "read"} for name in TESTING} | {
    "build": {"contents": "read", "pages": "read"},
    "publish": {"pages": "write", "id-token": "write"},
}

# What looks at the site before it is published, and ends with status 1 where anything differs.
CHECKS = ("verify", "metrics")

each_job = pytest.mark.parametrize("name", JOBS)


def steps(name: str, action: str) -> list[dict[str, Any]]:
    """The settings of each step of a job that uses an action."""
    return [
        step.get("with", {})
        for step in JOBS[name]["steps"]
        if step.get("uses", "").startswith(f"actions/{action}@")
    ]


def commands(name: str) -> list[str]:
    return [step["run"] for step in JOBS[name]["steps"] if "run" in step]


def selections() -> dict[str, str]:
    """The jobs that run tests, each with what it asks of a test's marks."""
    found = {}
    for name in JOBS:
        for command in commands(name):
            if match := re.fullmatch(r"(?:scripts/test|\.ci/run) --no-check (.+)", command):
                found[name] = match[1].removeprefix("-m ").strip("'")
    return found


def pythons(name: str) -> list[str]:
    """The versions of Python that a job runs with."""
    (settings,) = steps(name, "setup-python")
    version = settings["python-version"]
    matrix = JOBS[name].get("strategy", {}).get("matrix", {}).get("python", [])
    return matrix if version == "${{ matrix.python }}" else [version]


def test_one_workflow_does_it_all_and_others_show_what_changes_and_what_is_weak() -> None:
    names = sorted(path.name for path in FOLDER.iterdir())
    assert names == ["audit.yml", "changes.yml", "ci.yml"]


def test_known_weaknesses_are_asked_for_every_week_by_what_may_only_read() -> None:
    text = (FOLDER / "audit.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    # YAML reads the key `on` as a truth value.
    assert len(workflow[True]["schedule"]) == 1
    assert workflow[True]["schedule"][0]["cron"].split()[2:4] == ["*", "*"]
    assert workflow["permissions"] == {}
    (job,) = workflow["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
    assert 0 < job["timeout-minutes"] <= 60
    assert set(re.findall(r"uses: (\S+)", text)) <= set(re.findall(r"uses: (\S+)", TEXT))
    assert [step["run"] for step in job["steps"] if "run" in step] == ["scripts/audit"]
    assert not re.search(r"secrets|://|cache|\|\||continue-on-error", text)
    script = (ROOT / "scripts" / "audit").read_text(encoding="utf-8")
    # Every lock is asked about, and what asks is itself pinned with hashes.
    assert "for path in requirements/*.txt" in script
    assert "--require-hashes" in script
    assert "requirements/audit.txt" in script


def test_the_site_is_built_by_two_builders_before_it_is_published() -> None:
    assert commands("builders") == ["scripts/builders"]
    script = (ROOT / "scripts" / "builders").read_text(encoding="utf-8")
    assert "set -- properdocs" in script
    assert "--require-hashes" in script
    assert "requirements/builders.txt" in script


def test_what_shows_a_change_may_only_read_and_comes_with_requests_from_forks() -> None:
    text = (FOLDER / "changes.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    # YAML reads the key `on` as a truth value. `pull_request_target` would lend a fork our rights.
    assert workflow[True] == {"pull_request": None}
    assert workflow["permissions"] == {}
    (job,) = workflow["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
    assert 0 < job["timeout-minutes"] <= 60
    assert set(re.findall(r"uses: (\S+)", text)) <= set(re.findall(r"uses: (\S+)", TEXT))
    for settings in (s["with"] for s in job["steps"] if "checkout@" in s.get("uses", "")):
        assert settings == {"fetch-depth": 0, "persist-credentials": False}
    # What somebody else wrote comes in as an environment's value, and never as a command's text.
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert not any("${{" in run for run in runs)
    assert not re.search(r"secrets|://|cache|\|\|", text)
    assert runs[-1] == '.venv/bin/bnreport diff ../base/site site >> "$GITHUB_STEP_SUMMARY"'


def test_the_site_is_published_when_every_other_job_has_passed() -> None:
    job = JOBS[PUBLISHING]
    assert set(job["needs"]) == JOBS.keys() - {PUBLISHING}
    # A word on the outcome of other jobs, such as always(), would lift the condition.
    assert job["if"] == "github.ref == 'refs/heads/main'"
    assert [name for name, job in JOBS.items() if "if" in job] == [PUBLISHING]


def test_no_failure_of_a_job_or_step_is_overlooked() -> None:
    assert "continue-on-error" not in TEXT
    assert "||" not in TEXT


@pytest.mark.parametrize("browser", [True, False])
@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("slow", [True, False])
def test_every_test_runs_whatever_its_marks(browser: bool, train: bool, slow: bool) -> None:
    marks = {"browser": browser, "train": train, "slow": slow}
    running = [name for name, asked in selections().items() if eval(asked, {}, marks)]
    assert running


@each_job
def test_what_is_published_was_built_from_records_alone(name: str) -> None:
    if steps(name, "upload-pages-artifact"):
        first, *checks = commands(name)
        assert first == "scripts/build --records"
        assert checks == [f".venv/bin/python docs/downloads/{each}.py site" for each in CHECKS]


def test_the_python_that_publishes_is_tested_and_so_are_the_oldest_and_the_newest() -> None:
    for name in {"check", *selections()} - {"browser"}:
        assert pythons(name) == ["3.11", "3.12", "3.13"]
    for name in ("browser", "build", "builders", "pytorch"):
        assert pythons(name) == ["3.12"]


def test_what_trains_is_compiled_as_users_compile_it() -> None:
    (settings,) = (s["env"] for s in JOBS["training"]["steps"] if "-m train" in s.get("run", ""))
    assert settings == {"XLA_FLAGS": ""}


def test_what_needs_pytorch_or_flax_has_a_job_that_runs_all_of_it() -> None:
    assert commands("pytorch") == ["scripts/test-torch"]
    script = (ROOT / "scripts" / "test-torch").read_text(encoding="utf-8")
    assert "requirements/torch.txt" in script
    assert "--require-hashes" in script
    named = re.findall(r"tests/\*/test_\*\w+\.py", script)
    asking = {
        path
        for path in (ROOT / "tests").rglob("test_*.py")
        if re.search(r"^(import|from) (torch|flax)\b", path.read_text("utf-8"), re.MULTILINE)
    }
    assert len(asking) > 3
    assert asking == {path for pattern in named for path in ROOT.glob(pattern)}


@pytest.mark.parametrize("skipped", ["", "@pytest.mark.skip\n", "pytest.importorskip('nothing')\n"])
def test_the_job_of_pytorch_fails_where_a_test_is_skipped(skipped: str, tmp_path: Path) -> None:
    script = (ROOT / "scripts" / "test-torch").read_text(encoding="utf-8")
    (options,) = re.findall(r"-m pytest (.*) \"\$@\"", script)
    path = tmp_path / "test_torch.py"
    path.write_text(f"import pytest\n\n\n{skipped}def test_it(): pass\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", *options.split(), path]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"CI": "true"}, capture_output=True, check=False
    )
    assert (done.returncode == 0) == (not skipped), done.stdout.decode()


@each_job
def test_the_history_is_there_for_whoever_asks_it(name: str) -> None:
    for settings in steps(name, "checkout"):
        assert settings.get("fetch-depth", 1) == (1 if name in {"check", "pytorch"} else 0)


@each_job
def test_a_checkout_leaves_no_credentials_behind(name: str) -> None:
    for settings in steps(name, "checkout"):
        assert settings["persist-credentials"] is False


def test_each_action_is_pinned_by_commit_and_says_which_version() -> None:
    actions = re.findall(r"uses: (.*)", TEXT)
    assert len(actions) == sum("uses" in step for job in JOBS.values() for step in job["steps"])
    for action in actions:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_an_action_has_one_version() -> None:
    pins = set(re.findall(r"uses: (\S+)@(\S+)", TEXT))
    assert len({action for action, _ in pins}) == len(pins)


def test_no_job_may_do_more_than_it_must() -> None:
    assert yaml.safe_load(TEXT)["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == GRANTED


@each_job
def test_a_job_ends_within_a_time(name: str) -> None:
    assert 0 < JOBS[name]["timeout-minutes"] <= 60


def test_a_publication_is_never_cut_off() -> None:
    assert yaml.safe_load(TEXT)["concurrency"] == {
        "group": "ci-${{ github.ref }}",
        "cancel-in-progress": "${{ github.ref != 'refs/heads/main' }}",
    }


def test_nothing_is_handed_on_from_a_cache() -> None:
    assert not re.search(r"\bcache:|actions/cache@", TEXT)


def test_the_workflow_names_no_address() -> None:
    assert "://" not in TEXT
