"""Lead from one lesson to the next, wherever the menu shows them."""

from bnreport.lessons import COURSES, NAMES
from bnreport.lessons.lesson import page_of

HOME = "index.md"
_LESSONS = sum(map(len, COURSES.values()))
# From the first page through both courses to the page that the last lesson leads on to; all others
# follow as the menu has them. The builder reads it in bnreport/site/hooks.py.
PATH = (HOME, *map(page_of, NAMES[: _LESSONS + 1]))
