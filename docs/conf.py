"""The site: these pages as HTML, by Sphinx. CONTRIBUTING.md has the command that builds it."""

import sys
from pathlib import Path

from symdiff.version import __version__

sys.path.insert(0, str(Path(__file__).parent / "site"))

project = "symdiff"
author = copyright = "The symdiff developers"
release = version = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "site_pages",
    "site_math",
]
exclude_patterns = ["**/.ipynb_checkpoints"]
root_doc = "index"
default_role = "code"  # docstrings have names between single backticks

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # notebooks hold their results; tests/test_notebooks.py runs them
suppress_warnings = ["mystnb.unknown_mime_type"]  # a picture is there as a text of Graphviz too
html_math_renderer = "mathml"

autodoc_mock_imports = ["jax", "torch"]  # of which docstrings need nothing
autodoc_class_signature = "separated"
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the signature has them
napoleon_use_rtype = False
napoleon_use_ivar = True
python_maximum_signature_line_length = 80

html_theme = "furo"
html_title = f"symdiff {__version__}"
html_static_path = ["site/static"]
html_css_files = ["symdiff.css"]
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"top_of_page_buttons": []}
pygments_style = "friendly"
pygments_dark_style = "monokai"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
