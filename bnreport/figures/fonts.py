"""Say which fonts text is measured with."""

import hashlib
from functools import lru_cache
from pathlib import Path

from matplotlib.font_manager import FontProperties, findfont


@lru_cache(maxsize=1)
def fonts_digest() -> str:
    """The SHA-256 of the font files that text is measured with: another machine may have others."""
    fonts = (
        FontProperties(family=family, weight=weight)
        for family in ("sans-serif", "monospace")
        for weight in ("normal", "bold")
    )
    return hashlib.sha256(b"".join(Path(findfont(font)).read_bytes() for font in fonts)).hexdigest()
