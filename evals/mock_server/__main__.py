"""`python -m evals.mock_server`: see `evals.mock_server.server`."""

import sys

from evals.mock_server.server import main

if __name__ == "__main__":
    sys.exit(main())
