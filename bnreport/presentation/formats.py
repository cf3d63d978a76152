"""Numbers as text: a true minus, thin spaces, as many digits as asked."""

import math
from collections.abc import Sequence

from bnreport.statistics.intervals import Interval

THIN = "\u2009"
# As thin, at which no line breaks; pages have it, figures need it not.
NARROW = "\u202f"
MINUS = "\u2212"
# Smaller numbers are written with a power of ten, larger ones without decimals.
_PLAIN, _TENS = 1e-3, 9.95

_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def ten_to(power: int) -> str:
    """A power of ten: "10⁻³"."""
    return f"10{str(power).translate(_SUPERSCRIPTS)}"


def number(value: float, decimals: int, signed: bool = False) -> str:
    """The number with that many decimals, as "1,213"; "not finite" becomes a word."""
    if not math.isfinite(value):
        return "none" if math.isnan(value) else ("∞" if value > 0 else f"{MINUS}∞")
    text = f"{abs(value):,.{decimals}f}"
    below = value < 0 and round(value, decimals) != 0
    return (MINUS if below else "+" if signed else "") + text


def plain(value: float) -> str:
    """A number as short as it can be said: "1,000", "0.25", "10⁻⁷", "2.4 × 10⁻⁷"; never "1e-07"."""
    if not value or not math.isfinite(value) or 1e-4 <= abs(value) < 1e7:
        return f"{value:,.10g}".replace("-", MINUS)
    digits, power = f"{abs(value):.6e}".split("e")
    front = digits.rstrip("0").rstrip(".")
    small = ten_to(int(power))
    sign = MINUS if value < 0 else ""
    return sign + (small if front == "1" else f"{front}{THIN}×{THIN}{small}")


def placed(value: float) -> str:
    """A place on an axis: as it was chosen, or in four digits where it was worked out."""
    whole = float(value).is_integer() or abs(value) >= 1000
    return plain(value if whole else float(f"{value:.4g}"))


def counted(count: int, noun: str) -> str:
    """A number of things: "1 epoch", "3 epochs"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def joined(words: Sequence[str], last: str) -> str:
    """Words in a row, with that word before the last of them: "a", "a or b", "a, b or c"."""
    *front, end = words
    return f"{', '.join(front)} {last} {end}" if front else end


def quantity(value: float, decimals: int, unit: str, signed: bool = False) -> str:
    """The number and its unit behind a thin space; a percent sign stands at its number."""
    return f"{number(value, decimals, signed)}{'' if unit == '%' else THIN}{unit}"


def between(low: float, high: float, decimals: int, signed: bool = False) -> str:
    """An interval in brackets."""
    return f"[{number(low, decimals, signed)}, {number(high, decimals, signed)}]"


def with_interval(interval: Interval, decimals: int, unit: str = "", signed: bool = False) -> str:
    """The point, the unit and the interval, as "+1.8 pp [+1.5, +2.1]"."""
    point = number(interval.point, decimals, signed)
    unit = f"{THIN}{unit}" if unit else ""
    return f"{point}{unit} {between(interval.low, interval.high, decimals, signed)}"


def interval_name(*levels: float) -> str:
    """The name of an interval by its level: "95% interval"; of several that of what they do."""
    names = {f"{100 * level:.4g}% interval" for level in levels}
    return names.pop() if len(names) == 1 else "interval that decides"


def p_value(p: float) -> str:
    """A p value as papers print it: ".031", "< .001"."""
    if p < 0.001:
        return f"<{THIN}.001"
    return f"{p:.3f}".removeprefix("0")


def duration(seconds: float) -> str:
    """A span of time for a person: "4.2 s", "3 min 20 s", "1 h 05 min"."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def span(seconds: float) -> str:
    """The same on a page, where no line breaks it: "3 min 20 s"."""
    return duration(seconds).replace(" ", "\u00a0")


def rough(value: float) -> str:
    """A positive number by its size: "0.96", "88", or "3 × 10⁻¹³" where plain digits get long."""
    if _PLAIN <= value < 1 / _PLAIN:
        return f"{value:#.2g}".rstrip(".")
    digit, power = f"{value:.0e}".split("e")
    return f"{digit}\u00a0×\u00a0{ten_to(int(power))}"


def scientific(error: float) -> str:
    """An error in two digits: "0", "0.0016" or "5.0 × 10⁻⁶"."""
    if not error or error >= _TENS:
        return f"{error:,.0f}"
    if error >= _PLAIN:
        return f"{error:#.2g}"
    digits, power = f"{error:.1e}".split("e")
    return f"{digits} × {ten_to(int(power))}"
