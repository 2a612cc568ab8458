"""`python -m evals.mock_server.quirks`: see `evals.mock_server.quirks.trial`."""

from evals.mock_server.quirks.trial import main

if __name__ == "__main__":
    main()
