"""The formulas of the explainer, in LaTeX by name; a test computes each of them."""

from collections.abc import Mapping

FORMULAS: Mapping[str, str] = {
    "forward.mean": r"\mu = \frac{1}{N} \sum_{i=1}^{N} x_i",
    "forward.variance": r"\sigma^2 = \frac{1}{N} \sum_{i=1}^{N} (x_i - \mu)^2",
    "forward.normalized": r"\hat{x}_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \varepsilon}}",
    "forward.output": r"y_i = \gamma \hat{x}_i + \beta",
}
