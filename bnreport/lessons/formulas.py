"""Every formula that a page displays, in LaTeX by name.

`tests/latex` reads these very texts. `tests/lessons/test_formulas.py` computes both sides of each
and compares them with numbers that come from elsewhere. Then it changes every token in turn, and no
changed formula may hold. Write a formula in the LaTeX that the reader knows, or teach it more.
"""

from collections.abc import Mapping

FORMULAS: Mapping[str, str] = {
    "forward.mean": r"\mu = \frac{1}{N} \sum_{i=1}^{N} x_i",
    "forward.variance": r"\sigma^2 = \frac{1}{N} \sum_{i=1}^{N} (x_i - \mu)^2",
    "forward.normalized": r"\hat{x}_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \varepsilon}}",
    "forward.output": r"y_i = \gamma \hat{x}_i + \beta",
    "forward.identity": r"""\gamma = \sqrt{\sigma^2 + \varepsilon}, \quad \beta = \mu
        \quad \Rightarrow \quad y_i = x_i""",
    "by-hand.pair": r"""\hat{x}_{1,2} = \pm \frac{d}{\sqrt{d^2 + \varepsilon}},
        \quad d = \frac{|x_1 - x_2|}{2}""",
    "by-hand.bound": r"|\hat{x}_i| < \sqrt{N - 1}",
    "backward.input": r"""\begin{aligned}
        \frac{\partial L}{\partial x_i} = \frac{\gamma}{\sqrt{\sigma^2 + \varepsilon}}
        &\Bigl( g_i - \frac{1}{N} \sum_j g_j \\
        &- \hat{x}_i \, \frac{1}{N} \sum_j g_j \hat{x}_j \Bigr) \end{aligned}""",
    "backward.gamma": r"\frac{\partial L}{\partial \gamma} = \sum_i g_i \hat{x}_i",
    "backward.beta": r"\frac{\partial L}{\partial \beta} = \sum_i g_i",
    "backward.jacobian": r"""\frac{\partial y}{\partial x} =
        \frac{\gamma}{\sqrt{\sigma^2 + \varepsilon}}
        \Bigl( I - \frac{1}{N} \mathbf{1} \mathbf{1}^\top
        - \frac{1}{N} \hat{x} \hat{x}^\top \Bigr)""",
    "backward.lost": r"""\begin{aligned}
        \sum_i \frac{\partial L}{\partial x_i} &= 0 \\
        \sum_i \hat{x}_i \frac{\partial L}{\partial x_i} &= 0 \quad (\varepsilon = 0)
        \end{aligned}""",
    "backward.left": r"""1 - \frac{1}{N} \sum_i \hat{x}_i^2
        = \frac{\varepsilon}{\sigma^2 + \varepsilon}""",
    "backward.length": r"""\begin{aligned}
        &\sum_i \Bigl( \frac{\partial L}{\partial x_i} \Bigr)^2 = \frac{\gamma^2}{\sigma^2}
        \Bigl( \sum_i g_i^2 \\
        &\quad - \frac{1}{N} \bigl( \sum_i g_i \bigr)^2
        - \frac{1}{N} \bigl( \sum_i g_i \hat{x}_i \bigr)^2 \Bigr) \end{aligned}""",
    "folding.scale": r"""\begin{aligned} s &= \frac{\gamma}{\sqrt{v + \varepsilon}} \\
        \mathrm{BN}(x) &= s\,x + (\beta - s\,m) \end{aligned}""",
    "folding.previous": r"""\begin{aligned} W' &= W \operatorname{diag}(s) \\
        b' &= s\,(b - m) + \beta \end{aligned}""",
    "folding.relu": r"\max(0, s\,x) = s \max(0, x) \quad (s > 0)",
    "folding.next": r"""\begin{aligned} W' &= \operatorname{diag}(s)\,W \\
        b' &= b + (\beta - s\,m)\,W \end{aligned}""",
    "axes.mean": r"\mu_S = \frac{1}{|S|} \sum_{k \in S} x_k",
    "axes.variance": r"\sigma_S^2 = \frac{1}{|S|} \sum_{k \in S} (x_k - \mu_S)^2",
    "axes.normalized": r"\hat{x}_k = \frac{x_k - \mu_S}{\sqrt{\sigma_S^2 + \varepsilon}}",
    "axes.rms": r"\hat{x}_k = \frac{x_k}{\sqrt{\frac{1}{|S|} \sum_{j \in S} x_j^2 + \varepsilon}}",
    "axes.channel": (
        r"\mu_c = \frac{1}{N H W} \sum_{n=1}^{N} \sum_{h=1}^{H} \sum_{w=1}^{W} x_{nhwc}"
    ),
    "batches.mean": r"\frac{\operatorname{sd}(\mu_B)}{\sigma} = \frac{1}{\sqrt{N}}",
    "batches.bias": r"\operatorname{E}(\sigma_B^2) = \frac{N - 1}{N}\, \sigma^2",
    "batches.variance": (
        r"\frac{\operatorname{sd}(\sigma_B^2)}{\operatorname{E}(\sigma_B^2)} "
        r"= \sqrt{\frac{2}{N - 1}}"
    ),
    "batches.worth": r"N_{\text{worth}} = \frac{N}{1 + (N - 1)\,\rho}",
    "batches.pooled": (
        r"\sigma^2 = \frac{1}{K} \sum_{k=1}^{K} \sigma_k^2 "
        r"+ \frac{1}{K} \sum_{k=1}^{K} (\mu_k - \mu)^2"
    ),
    "batches.renorm": r"""\begin{aligned}
        \hat{x}_i &= \frac{x_i - \mu_B}{\sigma_B}\, r + d \\
        r &= \frac{\sigma_B}{\sigma}, \quad d = \frac{\mu_B - \mu}{\sigma} \end{aligned}""",
    "choosing.weight": r"w = g\, \frac{v}{\lVert v \rVert}",
    "choosing.standardized": (
        r"\begin{aligned} \hat{w}_j &= \frac{w_j - \mu_w}{\sigma_w} \\ "
        r"\mu_w &= \frac{1}{n} \sum_{j=1}^{n} w_j \\ "
        r"\sigma_w^2 &= \frac{1}{n} \sum_{j=1}^{n} (w_j - \mu_w)^2 \end{aligned}"
    ),
    "choosing.tanh": r"y = \gamma \tanh(\alpha x) + \beta",
    "scale.invariance": r"""\mathrm{BN}(\alpha w^\top x) = \mathrm{BN}(w^\top x)
        \quad (\alpha > 0)""",
    "scale.gradient": r"\nabla L(\alpha w) = \frac{1}{\alpha} \nabla L(w)",
    "scale.orthogonal": r"w^\top \nabla L(w) = 0",
    "scale.growth": r"""\lVert w_{t+1} \rVert^2 = \lVert w_t \rVert^2
        + \eta^2 \lVert \nabla L(w_t) \rVert^2""",
    "scale.effective": r"""\frac{w_{t+1}}{\lVert w_t \rVert} = \hat{w}_t
        - \frac{\eta}{\lVert w_t \rVert^2} \nabla L(\hat{w}_t),
        \quad \hat{w}_t = \frac{w_t}{\lVert w_t \rVert}""",
    "scale.recursion": r"""\lVert w_{t+1} \rVert^2 = (1 - \eta \lambda)^2 \lVert w_t \rVert^2
        + \frac{\eta^2 g^2}{\lVert w_t \rVert^2}""",
    "scale.settled": r"""\lVert w \rVert^4 = \frac{\eta^2 g^2}{1 - (1 - \eta \lambda)^2}
        \approx \frac{\eta g^2}{2 \lambda}""",
    "scale.turn": r"\frac{\eta g}{\lVert w \rVert^2} \approx \sqrt{2 \eta \lambda}",
    "interplay.dropout": r"""\begin{aligned} \operatorname{Var}_{\text{training}}
        &= \frac{\sigma^2 + \mu^2}{p} - \mu^2 \\
        \operatorname{Var}_{\text{training}}
        &\ge \sigma^2 = \operatorname{Var}_{\text{inference}} \end{aligned}""",
    "interplay.clip": r"g \leftarrow g \cdot \min\left(1, \frac{c}{\lVert g \rVert}\right)",
    "interplay.adaptive-clip": r"g_i \leftarrow g_i \cdot "
    r"\min\left(1, \lambda \frac{\lVert w_i \rVert}{\lVert g_i \rVert}\right)",
    "interplay.turn": r"""\begin{aligned}
        \text{turn under SGD} &\approx \eta \frac{\lVert g(w) \rVert}{\lVert w \rVert}
        \propto \frac{1}{\lVert w \rVert^2} \\
        \text{under Adam} &\approx \frac{\lVert \text{step} \rVert}{\lVert w \rVert}
        \propto \frac{1}{\lVert w \rVert} \end{aligned}""",
    "interplay.share": r"\frac{1}{l + 1}",
    "inference.mean": r"m_k = \alpha\, m_{k-1} + (1 - \alpha)\, \mu_k",
    "inference.variance": r"v_k = \alpha\, v_{k-1} + (1 - \alpha)\, \sigma_k^2",
    "inference.output": r"y = \gamma\, \frac{x - m}{\sqrt{v + \varepsilon}} + \beta",
    "inference.unrolled": (r"m_k = \alpha^k m_0 + (1 - \alpha) \sum_{j=1}^{k} \alpha^{k-j} \mu_j"),
    "inference.unbiased": r"\frac{1}{N - 1} \sum_{i=1}^{N} (x_i - \mu)^2 = "
    r"\frac{N}{N - 1}\, \sigma^2",
    "settings.bias": r"\mathrm{BN}(Wx + b) = \mathrm{BN}(Wx)",
    "settings.relu": r"\operatorname{ReLU}(\gamma z) = \gamma \operatorname{ReLU}(z) "
    r"\qquad (\gamma > 0)",
    "settings.absorbed": r"""W \operatorname{ReLU}(\gamma \hat{x} + \beta)
        = (\gamma W) \operatorname{ReLU}\Bigl(\hat{x} + \frac{\beta}{\gamma}\Bigr)""",
    "settings.epsilon": r"\operatorname{sd}(\hat{x}) = "
    r"\frac{\sigma}{\sqrt{\sigma^2 + \varepsilon}}",
    "settings.momentum": r"\alpha_{\text{Keras}} = 1 - \alpha_{\text{PyTorch}}",
    "settings.least": r"\alpha^k \le p \iff \alpha \le p^{1/k}",
    "methods.distance": (r"z_j = \frac{y_j - m_j}{s_j \sqrt{1 + 1/n}}, \qquad T = \max_j |z_j|"),
    "methods.rank": r"p = \frac{1 + \#\{i : T_i \ge T\}}{n + 1}",
    "methods.images": r"""\widehat{\operatorname{Var}}(\bar d) =
        \frac{\mathrm{MS}_{\text{seeds}} + \mathrm{MS}_{\text{images}}
        - \mathrm{MS}_{\text{rest}}}{n\,m}""",
    "collapse.cosine": r"""c' = \frac{1}{\pi}
        \left(\sqrt{1 - c^2} + (\pi - \arccos(c))\,c\right)""",
    "identities.output": (
        r"\mathrm{BN}(u) = \gamma\,\frac{u - \mu_B}{\sqrt{\sigma_B^2 + \varepsilon}} + \beta"
    ),
    "identities.bias": r"""\mathrm{BN}(Wx + b) = \mathrm{BN}(Wx), \qquad
        \frac{\partial L}{\partial b} = 0""",
    "identities.line": r"""\mathrm{BN}(u) = s\,u + (\beta - s\,m), \qquad
        s = \frac{\gamma}{\sqrt{v + \varepsilon}}""",
    "identities.before": r"W' = \operatorname{diag}(s)\,W, \qquad b' = s\,(b - m) + \beta",
    "identities.after": r"W' = W\,\operatorname{diag}(s), \qquad b' = b + W(\beta - s\,m)",
    "identities.scale": r"""\begin{aligned}
        \mathrm{BN}(c\,w^\top x) &= \mathrm{BN}(w^\top x) \qquad (\varepsilon = 0) \\
        \nabla L(c\,w) &= \frac{1}{c} \nabla L(w) \qquad (\varepsilon = 0) \\
        w^\top \nabla L(w) &= 0 \qquad (\varepsilon = 0) \end{aligned}""",
    "identities.mean": r"\mu_B = \frac{1}{N} \sum_{j=1}^{N} u_j",
    "identities.alone": r"u - \mu_B = 0, \quad \mathrm{BN}(u) = \beta \qquad (N = 1)",
}
