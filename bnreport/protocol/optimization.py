"""Describe how weights follow their gradients: the optimizer and its schedule, as data."""

from typing import Literal

from pydantic import Field

from bnreport.protocol.frozen import Frozen, later


class Optimizer(Frozen):
    """An optimizer as Keras defines it; a number that its rule does not name is not used.

    Attributes:
        rule: plain gradient descent, with momentum, with Nesterov's, Adam, or AdamW.
        momentum: of "momentum" and "nesterov". The rate is inside the sum, as Keras has it, so that
            a falling rate lowers steps to come and not those that are summed already.
        beta_1, beta_2, epsilon: of "adam" and "adamw", with Keras' defaults.
        weight_decay: before each step every kernel shrinks by this times the rate (Loshchilov and
            Hutter 2019, arXiv 1711.05101); biases and the parameters of normalizers do not. With
            "adam" it is AdamW, and goes by that name.
    """

    rule: Literal["sgd", "momentum", "nesterov", "adam", "adamw"] = "sgd"
    momentum: float = later(0.9, ge=0, lt=1)
    beta_1: float = later(0.9, ge=0, lt=1)
    beta_2: float = later(0.999, ge=0, lt=1)
    epsilon: float = later(1e-7, gt=0)
    weight_decay: float = later(0.0, ge=0)


class Schedule(Frozen):
    """The share of the learning rate at each step of a run.

    Attributes:
        name: "constant", or "linear": down to zero over the whole run.
        warmup: over this share of the steps, at the start, the rate rises to its full height.
    """

    name: Literal["constant", "linear"] = "constant"
    warmup: float = Field(default=0.0, ge=0, lt=1)

    def share(self, step: int, steps: int) -> float:
        """The share of the rate that a step takes.

        The warm-up of w steps takes 1/w, 2/w up to 1. A linear fall begins there and would be zero
        one step after the last, so that every step does something.

        Args:
            step: 1 for the first.
            steps: how many the run has.
        """
        rising = round(self.warmup * steps)
        if step <= rising:
            return step / rising
        if self.name == "constant":
            return 1.0
        return (steps + 1 - step) / (steps - rising)


CONSTANT = Schedule()
# What all studies of the second edition use that do not ask about the schedule.
LINEAR = Schedule(name="linear", warmup=0.05)
SCHEDULES = {schedule.name: schedule for schedule in (CONSTANT, LINEAR)}
