"""Draw the pictures of the README from a result that is kept here: ``python -m tests.pictures``.

The result is of a project of three benchmarks, whose branch turns a set into a list and a loop into a join. The picture
of the terminal is text; those of the comment and the page need Chromium.
"""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

import msgspec
from markdown_it import MarkdownIt
from playwright.sync_api import sync_playwright
from rich import _export_format
from rich.console import Console
from rich.text import Text
from tests.chromium import find_chromium

from hivegate.flows.workspace import load_profiles, load_result
from hivegate.report.bundle import Bundle
from hivegate.report.comment import render_comment
from hivegate.report.html import render_html
from hivegate.report.terminal import render_terminal

KEPT = Path(__file__).parent / "cli" / "textkit"
PICTURES = Path(__file__).parents[1] / "docs" / "_static"
_OTHERS = re.compile(r"@font-face \{\{.*?\}\}|<!--.*?-->", re.DOTALL)  # fonts of another host: it asks for nothing
_LIKE_GITHUB = """
body { font: 15px/1.5 "Segoe UI", Helvetica, Arial, sans-serif; width: 740px; margin: 20px; color: #1f2328 }
h2 { border-bottom: 1px solid #d1d9e0; margin-top: 0 } a { color: #0969da } table { border-collapse: collapse }
td, th { border: 1px solid #d1d9e0; padding: 5px 13px } code, pre { background: #f6f8fa; border-radius: 6px }
code { padding: .2em .4em; font: 85% monospace } pre { padding: 14px; font: 85% monospace }
"""


def bundle() -> Bundle:
    """Read the result and what profiles said of it."""
    return Bundle(
        results=(load_result(KEPT / "compare.json"),),
        profiles=load_profiles(KEPT / "profiles.json"),
        profiles_at="profiles",
        artifacts="https://github.com/OWNER/textkit/actions/runs/1",
        source_at="https://github.com/OWNER/textkit/blob/feature",
    )


def terminal() -> str:
    """Draw what ``hivegate compare`` prints, 80 columns wide."""
    console = Console(
        file=io.StringIO(), record=True, width=80, force_terminal=True, color_system="standard", no_color=False
    )
    console.print(Text.from_ansi("$ hivegate compare\n" + render_terminal(bundle().results[0], color=True)))
    form = _OTHERS.sub("", _export_format.CONSOLE_SVG_FORMAT)
    return console.export_svg(title="textkit, branch feature", code_format=form, unique_id="hivegate")


def main() -> None:
    """Write all three."""
    (PICTURES / "terminal.svg").write_text(terminal(), encoding="utf-8")
    shown = bundle()
    text = MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(render_comment(shown))
    pages = {
        "comment.png": f"<!doctype html><meta charset=utf-8><style>{_LIKE_GITHUB}</style>{text}",
        "page.png": render_html(msgspec.structs.replace(shown, source_at=None)),
    }
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for name, page in pages.items():
            file = Path(folder) / f"{name}.html"
            file.write_text(page, encoding="utf-8")
            small = name == "comment.png"
            tab = browser.new_page(viewport={"width": 780, "height": 300} if small else {"width": 1200, "height": 1480})
            tab.goto(file.as_uri())
            tab.screenshot(path=PICTURES / name, full_page=small)
        browser.close()


if __name__ == "__main__":
    main()
