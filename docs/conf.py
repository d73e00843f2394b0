"""The documentation site: these Markdown files, read by Sphinx as GitHub reads them."""

from __future__ import annotations

project = "hivegate"
author = "The hivegate developers"
project_copyright = "the hivegate developers"

extensions = ["myst_parser"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
exclude_patterns = ["README.md"]  # index.rst includes it
nitpicky = True

myst_heading_anchors = 4  # GitHub's own anchors, so that a link works in both
myst_links_external_new_tab = False

html_theme = "furo"  # its own files, and no font, script or picture from elsewhere
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_title = "hivegate"
html_copy_source = False
html_show_search_summary = False  # it would be fetched, which no browser does from the disk
html_show_sphinx = False
html_last_updated_fmt = None
