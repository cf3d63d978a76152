"""Draw figures as SVG, once for each palette, byte for byte the same every time.

Begin with `drawing`; what it draws are the values of `presentation.plots`. The only package that
imports matplotlib; `palettes` and `words` do without. May import `presentation` and `statistics`.
"""
