"""Does the data help: export for trainers, and benchmarks of models before and after training."""

import sys

from graph.own_packages import require_own_packages

require_own_packages("evals" if sys.argv[:1] == ["-m"] else "")  # so it reads while a command of this package is found
