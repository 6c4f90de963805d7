"""Take the pictures of the page in `docs/`, of some fixtures, with the Chromium of the system.

    python tools/make_screenshots.py

Needs the extras `test-browser` and `pictures`, and fonts for Chinese and emoji (Debian:
`fonts-noto-cjk fonts-noto-color-emoji`), or there are boxes in the pictures.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from mojibake_fix.cli import main as fixmoji

ROOT = Path(__file__).resolve().parent.parent
FILES = (
    "lossy/zh.cp1254.dropped.md",
    "lossy/emoji.cp1252.dropped.md",
    "lossy/fr.cp1252.nbsp-folded.md",
    "lossy/ru.cp1252.replaced.md",
    "damaged/ar.cp1252.md",
    "damaged/cs.cp852.md",
    "damaged/he.cp1255.md",
    "damaged/sauvegarde.mac-roman.py",
    "damaged/typography.cp1252-thrice.md",
    "clean",
)
# Name, width, height, scheme.
PICTURES = (
    ("light", 1200, 800, "light"),
    ("dark", 1200, 800, "dark"),
    ("phone", 390, 780, "light"),
)


def main() -> int:
    """Write the pictures."""
    target = ROOT / "docs" / "images"
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder) / "page.html"
        os.chdir(ROOT / "fixtures")
        fixmoji(["--quiet", "--report", str(page_file), *FILES])
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, width, height, scheme in PICTURES:
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page.goto(page_file.as_uri())
            if name == "phone":
                page.evaluate("scrollTo({top: 210, behavior: 'instant'})")
            page.locator(".guess.doubtful").first.hover()
            picture = Image.open(io.BytesIO(page.screenshot()))
            picture.convert("RGB").save(target / f"report-{name}.webp", lossless=True, method=6)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
