"""Programs that XLA compiled for tests, which are kept on this machine for the next ones.

Compiling is half of what tests that train cost. A program that is read is the one that was
compiled: it finds the same bits. Where XLA_FLAGS is given, none is kept.
"""

import shutil
from importlib import metadata
from pathlib import Path

from bnreport import machine
from bnreport.pages.cache import key_of
from bnreport.records.provenance import ROOT

FOLDER = ROOT / ".local" / "compiled"
# Bytes of more programs than all tests have: what lies there are those of earlier code.
MOST = 10**9
# Fusions that LLVM compiles at once, not those that MLIR emits first: a third less.
_PLAINLY = "--xla_cpu_use_fusion_emitters=false"
# Programs that are not optimized find the same numbers, but for rounding, and cost half to compile.
QUICK = f"--xla_backend_optimization_level=0 {_PLAINLY}"
# Where no number that they find is looked at, LLVM leaves out more.
PLAIN = f"{QUICK} --xla_llvm_disable_expensive_passes=true"
# As those of users are.
USUAL = ""


def environment(flags: str, folder: Path = FOLDER) -> dict[str, str]:
    """The variables of a process whose programs are compiled so, or read if they were.

    Args:
        flags: those of XLA.
        folder: where programs are kept.
    """
    # TensorFlow knows a program again by what it computes alone.
    made = key_of(flags, metadata.version("tensorflow"), machine.processor())
    kept = folder / "tensorflow" / made[:16]
    # It parts its flags at spaces, and knows no quotes.
    tensorflow = "" if " " in str(kept) else f"--tf_xla_persistent_cache_directory={kept}"
    return {
        "XLA_FLAGS": flags,
        "TF_XLA_FLAGS": tensorflow,
        "JAX_COMPILATION_CACHE_DIR": str(folder / "jax"),
        # However small they are.
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


def tidy(folder: Path = FOLDER, most: int = MOST) -> None:
    """Begin anew where more is kept than all tests compile."""
    if sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) > most:
        shutil.rmtree(folder, ignore_errors=True)
