"""A fault of the finished site, and what all checks look at."""

from dataclasses import dataclass
from typing import Any

Tree = Any
Fault = tuple[str, str, str]

# A server shows this page at any depth, so only the server knows where its links lead.
ERROR_PAGE = "404.html"


@dataclass(frozen=True, order=True)
class SiteFault:
    """One fault of the site: where it is, which rule it breaks, what was found and what to do."""

    page: str
    rule: str
    received: str
    do: str

    def __str__(self) -> str:
        """Return the fault as one line."""
        return f"{self.page}: {self.rule}: {self.received}. {self.do}."
