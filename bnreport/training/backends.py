"""The few things that TensorFlow and JAX do differently."""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

Tensors: TypeAlias = list[Any]
Loss: TypeAlias = Callable[..., tuple[Any, Any]]


def prepare(threads: int | None) -> None:
    """Set the backend's threads and memory; call before Keras is first imported in a process.

    Args:
        threads: threads of this process, or None for the backend's own choice.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if os.environ["KERAS_BACKEND"] == "jax":
        # JAX takes three quarters of a GPU's memory at once unless told otherwise.
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
        if threads == 1:
            flags = os.environ.get("XLA_FLAGS", "")
            os.environ["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
        return
    with _quiet():
        import tensorflow as tf
    tf.get_logger().setLevel("ERROR")
    if threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)


@contextmanager
def _quiet() -> Iterator[None]:
    # TensorFlow's libraries write to standard error as they load, whatever their log level says.
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def name() -> str:
    """The backend that Keras runs on: "tensorflow" or "jax"."""
    import keras

    return str(keras.backend.backend())


def compiled(function: Callable[..., Any], xla: bool = True) -> Callable[..., Any]:
    """The function as one program, under XLA unless TensorFlow alone runs it faster.

    XLA's convolutions on a CPU take several times as long as TensorFlow's own, and so do its
    random draws for dropout; JAX has no others.
    """
    if name() == "jax":
        import jax

        return jax.jit(function)
    import tensorflow as tf

    program: Callable[..., Any] = tf.function(function, jit_compile=xla, autograph=False)
    return program


def vectorized(function: Callable[..., Any], shared: Collection[int]) -> Callable[..., Any]:
    """The function for several runs at once: every argument gains a leading axis over runs.

    Args:
        function: of one run.
        shared: positions of the arguments that all runs share.

    Raises:
        ValueError: on another backend than JAX.
    """
    if name() != "jax":
        raise ValueError(
            "Expected the JAX backend to train several runs as one program. "
            f"Received: {name()}. Set KERAS_BACKEND=jax."
        )
    import jax

    def together(*arguments: Any) -> Any:
        axes = tuple(None if i in shared else 0 for i in range(len(arguments)))
        return jax.vmap(function, in_axes=axes)(*arguments)

    return together


def value_and_gradient(function: Loss) -> Callable[..., tuple[tuple[Any, Any], Tensors]]:
    """A function that returns ((loss, extra), gradients by its first argument)."""
    if name() == "jax":
        import jax

        return jax.value_and_grad(function, has_aux=True)
    import tensorflow as tf

    def with_tape(weights: Tensors, *rest: Any) -> tuple[tuple[Any, Any], Tensors]:
        with tf.GradientTape() as tape:
            tape.watch(weights)
            loss, extra = function(weights, *rest)
        return (loss, extra), tape.gradient(loss, weights)

    return with_tape


def accelerator() -> str | None:
    """The name of the GPU that trains, or None on the CPU."""
    if name() == "jax":
        import jax

        device = jax.devices()[0]
        return None if device.platform == "cpu" else str(device.device_kind)
    import tensorflow as tf

    for gpu in tf.config.list_physical_devices("GPU"):
        details = tf.config.experimental.get_device_details(gpu)
        return str(details.get("device_name", gpu.name))
    return None


def memory() -> int | None:
    """The free bytes of the accelerator that JAX trains on; None on a CPU or with TensorFlow."""
    if name() != "jax":
        return None
    import jax

    stats = jax.local_devices()[0].memory_stats()
    if not stats or "bytes_limit" not in stats:
        return None
    return int(stats["bytes_limit"]) - int(stats.get("bytes_in_use", 0))
