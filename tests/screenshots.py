"""Make docs/report.png: the upper part of a run's report, as a browser shows it.

python -m tests.screenshots runs/offline
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import ROOT

PICTURE = ROOT / "docs" / "report.png"
SIZE = {"width": 1080, "height": 1120}


def main(run: Path) -> None:
    """Open the report and write the picture."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": SIZE["width"], "height": SIZE["height"]})
        page.goto((run / "report.html").absolute().as_uri())
        page.screenshot(path=PICTURE)
        browser.close()
    print(PICTURE)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
