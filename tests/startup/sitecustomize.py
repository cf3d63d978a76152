"""What Python does first in each process that tests start: it will look for garbage seldom.

At its own rate a quarter of the time in which TensorFlow is imported goes into looking. Whoever
starts a process puts this folder on its path: see `processes.path_of`.
"""

import gc

gc.set_threshold(1_000_000)
