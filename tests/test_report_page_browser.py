"""The page in a browser: what people do with it, and what helps those who see or point otherwise.

Needs the extra `test-browser` and a Chromium, of the system or of Playwright's own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mojibake_fix._spans import Guess
from mojibake_fix.cli import main
from mojibake_fix.report import Counts, Outcome
from mojibake_fix.report.page import PageReport
from reports import damaged, repaired

playwright = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
WIDE = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        system = shutil.which("chromium") or shutil.which("google-chrome")
        if system is None and not os.path.exists(started.chromium.executable_path):
            pytest.skip("there is no Chromium")
        sandbox = [] if os.name != "posix" or os.geteuid() else ["--no-sandbox"]
        with started.chromium.launch(executable_path=system, args=sandbox) as launched:
            yield launched


@pytest.fixture(scope="module")
def fixtures_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("page") / "page.html"
    paths = [FIXTURES / "lossy", FIXTURES / "damaged" / "ar.cp1252.md"]
    assert main(["-q", "--report", str(target), *map(str, paths)]) == 1
    return target


@pytest.fixture
def show(browser: Any) -> Iterator[Open]:
    """Return what opens a page; in the end nothing may have been complained of, or fetched."""
    complaints: list[str] = []
    fetched: list[str] = []
    own: set[str] = set()
    contexts = []

    def shown(path: Path, **options: Any) -> Any:
        context = browser.new_context(**{"viewport": WIDE, "color_scheme": "light"} | options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: fetched.append(request.url))
        page.goto(path.as_uri())
        own.add(path.as_uri())
        return page

    yield shown
    for context in contexts:
        context.close()
    assert complaints == []
    assert set(fetched) == own


def seen(page: Any, selector: str) -> int:
    """Return how many such elements are not hidden."""
    count: int = page.locator(f"{selector}:visible").count()
    return count


def written(path: Path, *outcomes: Outcome) -> Path:
    report, counts = PageReport(str(path), "look"), Counts()
    for outcome in outcomes:
        counts.add(outcome)
        report.add(outcome)
    report.finish(counts)
    return path


def guessed(path: str) -> Outcome:
    result = repaired("wie schÃ¶n", ("Ã¶", "ö"))
    span = result.spans[0]._replace(confidence=0.6, guesses=(Guess(0, 0.6, (("õ", 0.4),)),))
    return Outcome(path, "damaged", repair=replace(result, spans=(span,)))


def test_files_are_filtered_by_name(show: Open, fixtures_page: Path) -> None:
    page = show(fixtures_page)
    assert seen(page, "section[data-path]") == 8
    total = page.locator("#shown").inner_text()
    page.locator("#query").fill("LOSSY/ru")
    assert seen(page, "section[data-path]") == seen(page, ".files a") == 1
    assert page.locator("h2:visible").inner_text().endswith("ru.cp1252.replaced.md")
    rows = page.locator(".row:visible").count()
    assert page.locator("#shown").inner_text() == f"{rows} of {total}"
    assert seen(page, ".folder") == 1
    page.locator("#query").fill("no such file")
    assert seen(page, "section[data-path]") == 0
    page.get_by_role("button", name="Show all findings").click()
    assert page.locator("#shown").inner_text() == total
    assert page.evaluate("document.activeElement.id") == "query"


def test_findings_are_filtered_by_confidence(show: Open, fixtures_page: Path) -> None:
    page = show(fixtures_page)
    counts = {}
    for level in ("sure", "likely", "doubtful", "left"):
        counts[level] = page.locator(f".row.{level}").count()
        assert counts[level] > 0
        label = page.locator(f".levels label.{level}")
        assert label.inner_text().split() == [level, f"{counts[level]:,}"]
    for level in ("sure", "likely", "left"):
        page.locator(f".levels label.{level}").click()
    assert seen(page, ".row") == seen(page, ".row.doubtful") == counts["doubtful"]
    assert seen(page, "section[data-path]") < 8


def test_findings_are_filtered_by_channel(show: Open, fixtures_page: Path) -> None:
    page = show(fixtures_page)
    options = page.locator("#channel option").all_inner_texts()
    name = next(option for option in options if option.startswith("UTF-8 read as Latin-1"))
    page.locator("#channel").select_option(label=name)
    rows = page.locator(".row:visible").count()
    assert name.endswith(f"({rows})")
    assert 0 < seen(page, "section[data-path]") < 8


def test_keyboard_reaches_everything(show: Open, fixtures_page: Path) -> None:
    page = show(fixtures_page)

    def focused(expression: str) -> Any:
        return page.evaluate(f"document.activeElement.{expression}")

    page.keyboard.press("Tab")
    assert focused("className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    for name in ("theme", "query", "channel"):
        page.keyboard.press("Tab")
        assert focused("id") == name
    page.keyboard.press("Tab")
    assert focused("value") == "sure"
    page.keyboard.press("Space")
    assert seen(page, ".row.sure") == 0
    page.keyboard.press("Space")
    page.locator(".files a").first.focus()
    page.keyboard.press("ArrowDown")
    assert focused("hash") == "#f1"
    page.locator("#f0 .row").first.focus()
    first = focused("innerText")
    page.keyboard.press("ArrowDown")
    assert focused("classList.contains('row')")
    assert focused("innerText") != first
    page.keyboard.press("ArrowUp")
    assert focused("innerText") == first
    assert page.locator('.row[tabindex="0"]').count() == 1


@pytest.mark.parametrize("way", ["hover", "focus", "tap"])
def test_guess_shows_what_else_it_may_be(show: Open, fixtures_page: Path, way: str) -> None:
    page = show(fixtures_page, has_touch=True)
    guess = page.locator("section[data-path*=zh] .guess.doubtful").first
    guess.scroll_into_view_if_needed()
    # The event of scrolling comes a frame later, and hides what it tells.
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    getattr(guess, way)()
    tip = page.get_by_role("tooltip")
    playwright.expect(tip).to_be_visible()
    lines = tip.locator("li").all_inner_texts()
    assert lines[0].split()[0] == guess.inner_text()
    assert len(lines) > 1
    assert all(line.endswith("%") for line in lines)
    assert guess.get_attribute("aria-describedby") == tip.get_attribute("id")
    assert guess.get_attribute("title") is None
    page.keyboard.press("Escape")
    playwright.expect(tip).to_be_hidden()
    assert guess.get_attribute("aria-describedby") is None


@pytest.mark.parametrize("viewport", [WIDE, PHONE])
def test_what_else_it_may_be_stays_inside_the_window(
    show: Open, fixtures_page: Path, viewport: dict[str, int]
) -> None:
    page = show(fixtures_page, viewport=viewport)
    for guess in page.locator(".guess.doubtful").all()[:12]:
        guess.focus()
        box = page.get_by_role("tooltip").bounding_box()
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= viewport["width"]
        assert box["y"] + box["height"] <= viewport["height"]


@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_light_and_dark_follow_the_system_and_can_be_changed(
    show: Open, fixtures_page: Path, scheme: str, other: str
) -> None:
    page = show(fixtures_page, color_scheme=scheme)

    def brightness() -> int:
        color = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in color.strip("rgb()").split(","))

    at_first = brightness()
    assert (at_first > 380) is (scheme == "light")
    page.get_by_role("button", name=f"{other} mode").click()
    assert (brightness() > 380) is (other == "light")
    page.reload()
    assert (brightness() > 380) is (other == "light")


def test_phone_needs_no_scrolling_sideways(show: Open, fixtures_page: Path) -> None:
    page = show(fixtures_page, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert seen(page, ".files a") == 0
    page.locator(".files summary").click()
    assert seen(page, ".files a") == 8
    for cell in page.locator("#f0 .text").all()[:6]:
        assert cell.bounding_box()["width"] > PHONE["width"] * 0.8


def test_writing_from_right_to_left_begins_at_the_right(show: Open, fixtures_page: Path) -> None:
    page = show(fixtures_page)
    row = page.locator("section[data-path*='ar.cp1252'] .row").first
    directions = [
        cell.evaluate("cell => getComputedStyle(cell).direction")
        for cell in row.locator(".text").all()
    ]
    assert directions == ["ltr", "rtl"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE])
def test_page_is_accessible(
    browser: Any, fixtures_page: Path, scheme: str, viewport: dict[str, int]
) -> None:
    """By the rules of axe-core: contrast, names, roles, order of headings and more."""
    context = browser.new_context(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(fixtures_page.as_uri())
    page.locator("section[data-path*=zh] .guess.doubtful").first.focus()
    results = axe.Axe().run(page)
    context.close()
    assert results.violations_count == 0, results.generate_report()


def test_markup_of_files_does_nothing(show: Open, tmp_path: Path) -> None:
    evil = "</script><img src=x onerror=alert(1)><script>alert(1)</script>"
    outcome = damaged(f"Ã¶{evil}", (f"Ã¶{evil}", f"ö{evil}"), path=evil)
    page = show(written(tmp_path / "page.html", outcome))
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    assert evil in page.locator(".before").inner_text()
    assert page.locator("img").count() == 0


def test_page_can_be_read_without_its_script(show: Open, tmp_path: Path) -> None:
    page = show(written(tmp_path / "page.html", guessed("a.md")), java_script_enabled=False)
    assert seen(page, ".row") == 1
    assert seen(page, ".filters") == seen(page, "#theme") == 0
    assert page.locator(".guess").get_attribute("title") == "ö 60%, or õ 40%"


def test_5000_spans_are_filtered_while_one_types(show: Open, tmp_path: Path) -> None:
    text = "".join(f"Zeile {number} mit KÃ¶ln\n" for number in range(50))
    outcomes = [
        damaged(text, *[("Ã¶", "ö")] * 50, path=f"{number // 10}/{number}.md")
        for number in range(100)
    ]
    page = show(written(tmp_path / "page.html", *outcomes))
    assert page.locator("#shown").inner_text() == "5,000 findings"
    took = page.evaluate(
        """() => {
            const query = document.querySelector("#query");
            const start = performance.now();
            for (query.value of ["7", "77", "77.md", ""]) {
              query.form.dispatchEvent(new Event("input", { bubbles: true }));
              document.body.offsetHeight;
            }
            return performance.now() - start;
        }"""
    )
    assert took < 4000
