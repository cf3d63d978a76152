"""The commands for clusters parse, and each option is one that its program has."""

import ast
import re
import subprocess

import pytest
from distributed.cli.dask_scheduler import main as scheduler
from distributed.cli.dask_worker import main as worker

from tests.synthetic import DOCS

PAGE = (DOCS / "run.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
PROGRAMS = [
    program
    for block in BLOCKS
    for program in re.findall(r"<<'END'\n(.*?)^END$", block, flags=re.MULTILINE | re.DOTALL)
]
# What these take, by the sources of their versions 0.9.0 and 2026.3.0, read on 29 November 2026:
# https://github.com/dask/dask-jobqueue/blob/main/dask_jobqueue/core.py (Job, JobQueueCluster),
# https://github.com/dask/dask-jobqueue/blob/main/dask_jobqueue/slurm.py (SLURMJob) and
# https://github.com/dask/dask-kubernetes/blob/main/dask_kubernetes/operator/kubecluster/kubecluster.py
OPTIONS = {
    "SLURMCluster": set(
        "n_workers scheduler_options security interface protocol silence_logs asynchronous name "
        "cores memory processes nanny death_timeout local_directory worker_command "
        "worker_extra_args job_extra_directives job_script_prologue job_directives_skip "
        "log_directory shebang python job_name queue account walltime job_cpu job_mem".split()
    ),
    "KubeCluster": set(
        "name namespace image n_workers resources env worker_command port_forward_cluster_ip "
        "create_mode shutdown_on_close idle_timeout resource_timeout scheduler_service_type "
        "custom_cluster_spec scheduler_forward_port jupyter loop asynchronous quiet".split()
    ),
}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0][:40])
def test_every_command_of_the_page_parses(block: str) -> None:
    done = subprocess.run(["bash", "-n"], input=block, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_a_here_document_without_an_end_is_noticed() -> None:
    block = next(block for block in BLOCKS if "<<'END'" in block).replace("\nEND\n", "\n")
    done = subprocess.run(["bash", "-n"], input=block, text=True, capture_output=True, check=False)
    assert done.stderr


def calls(program: str) -> dict[str, set[str]]:
    """The options that a program gives each cluster."""
    return {
        call.func.id: {keyword.arg or "" for keyword in call.keywords}
        for call in ast.walk(ast.parse(program))
        if isinstance(call, ast.Call)
        if isinstance(call.func, ast.Name)
        if call.func.id in OPTIONS
    }


def test_clusters_get_options_that_they_take() -> None:
    given = {name: options for program in PROGRAMS for name, options in calls(program).items()}
    assert given.keys() == OPTIONS.keys()
    for name, options in given.items():
        assert options
        assert options <= OPTIONS[name], options - OPTIONS[name]
    # Each worker has one thread, as everywhere.
    (slurm,) = [program for program in PROGRAMS if "SLURMCluster" in program]
    (cores,) = re.findall(r"cores=(\d+)", slurm)
    assert f"processes={cores}," in slurm


def test_dask_has_every_option_that_the_page_gives_it() -> None:
    known = {
        kind: {name for option in command.params for name in option.opts}
        for kind, command in (("scheduler", scheduler), ("worker", worker))
    }
    used = re.findall(r"\bdask (scheduler|worker)\b([^\n]*)", "\n".join(BLOCKS))
    used += [("worker", " ".join(re.findall(r'"(--[a-z]+)"', program))) for program in PROGRAMS]
    assert {kind for kind, _ in used} == {"scheduler", "worker"}
    for kind, words in used:
        options = set(re.findall(r"--[a-z][\w-]*", words))
        assert options <= known[kind], options - known[kind]
