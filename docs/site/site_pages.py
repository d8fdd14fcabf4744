"""Pages of the repository as pages of the site.

The Markdown files stay what a reader of the repository sees. What the site adds stands here:

- a link to a file that is a page of the site leads to that page, and has the page's title for its
  words where these are the file's name;
- `<!-- site: page FILE -->` in the first line makes the page that file;
- `<!-- site: FILE, to "## Heading" -->` is the beginning of a file, without its title;
- `<!-- site: docstrings NAME ... -->` are the docstrings of names of the package, `NAME.*` those
  of all names that a module offers, and `<!-- site: class NAME METHOD ... -->` those of a class
  and some of its methods;
- `<!-- site: commands -->` is the help of the command line;
- `<!-- site: examples -->` are the scripts of `examples/`;
- the lists of links of `index.md` and `decisions/index.md` are the navigation.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
from pathlib import Path

import click
from pygments.lexers.python import PythonLexer
from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
HOMES = {  # files and folders outside of docs/, and the page that each is
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "examples": "examples.md",
}
LISTS = ("index", "decisions/index")  # pages whose links are the navigation
LINK = re.compile(r"(\]\()([^)#:\s]+)((?:#[^)\s]*)?\))")
WHOLE = re.compile(r"<!-- site: page (\S+) -->\n")
BY_FILE = re.compile(
    r"\[[\w/.-]+\.md\](\([^)\s]+\.md[^)\s]*\))"
)  # a link whose words are the file's name
MARK = re.compile(r"^<!-- site: (.+?) -->\n", re.MULTILINE)
_NOT_CALLED = "   :exclude-members: __init__, __new__\n"  # classes that symdiff makes objects of
COMMENT = re.compile(r"^ *<!--.*?-->\n", re.MULTILINE | re.DOTALL)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("source-read", _read)
    app.connect("build-finished", _copy_what_stands_beside_pages)
    app.add_lexer("symdiff", PythonLexer)  # the grammar's programs have Python's form
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _read(_app: Sphinx, page: str, source: list[str]) -> None:
    """Make the text of a file in the repository that of its page."""
    if (DOCS / page).with_suffix(".ipynb").exists():
        return
    home = (DOCS / page).parent
    if whole := WHOLE.match(source[0]):
        text = _text_of(home / whole[1], home)
    else:
        text = _with_links(source[0], home, home)
    if page in LISTS:
        text += _navigation(source[0])
    source[0] = COMMENT.sub("", MARK.sub(lambda found: _made(found[1], home), text))


def _made(asked: str, home: Path) -> str:
    """What the site shows in the place of a mark."""
    kind, _, names = asked.partition(" ")
    if kind == "docstrings":
        return "".join(_docstrings(each) for name in names.split() for each in _offered(name))
    if kind == "class":
        return _of_class(*names.split())
    if kind == "commands":
        return _commands()
    if kind == "examples":
        return "".join(map(_example, sorted((ROOT / "examples").glob("*.py"))))
    file, _, end = asked.partition(", to ")
    text = _text_of(home / file, home)
    return text[: text.index(f"\n{end.strip(chr(34))}\n")].partition("\n")[2]


def _text_of(path: Path, home: Path) -> str:
    """The text of another file, its links leading from `home`."""
    return _with_links(path.read_text("utf-8"), path.parent, home)


def _with_links(text: str, before: Path, after: Path) -> str:
    """A text with its links leading from another folder, to pages where there are such."""

    def moved(found: re.Match[str]) -> str:
        target = Path(os.path.normpath(before / found[2]))
        outside = str(target.relative_to(ROOT))
        target = DOCS / HOMES[outside] if outside in HOMES else target
        return found[1] + os.path.relpath(target, after) + found[3]

    return BY_FILE.sub(r"[]\1", LINK.sub(moved, text))


def _navigation(text: str) -> str:
    """A hidden table of contents for each section with a list of links."""
    parts = []
    for section in re.split(r"^## ", text, flags=re.MULTILINE):
        title = section.partition("\n")[0] if section is not text else ""
        pages = re.findall(r"^- \[[^\]]*\]\(([^)#]+)\)", section, re.MULTILINE)
        if pages:
            caption = "" if title.startswith("#") or not title else f":caption: {title}\n"
            listed = "\n".join(re.sub(r"\.(md|ipynb)$", "", page) for page in pages)
            parts.append(f"\n```{{toctree}}\n:hidden:\n{caption}\n{listed}\n```\n")
    return "".join(parts)


def _offered(name: str) -> list[str]:
    """A name itself, or those that a module offers."""
    import symdiff

    module, star, _ = name.partition(".*")
    return [f"{module}.{each}" for each in getattr(symdiff, module).__all__] if star else [name]


def _docstrings(name: str) -> str:
    """The directive of Sphinx that shows a name's docstring."""
    import symdiff

    kind, hidden = "autofunction", ""
    if isinstance(vars(symdiff).get(name), type):
        kind, hidden = "autoexception", _NOT_CALLED
    return f"```{{eval-rst}}\n.. {kind}:: symdiff.{name}\n{hidden}```\n\n"


def _of_class(name: str, *methods: str) -> str:
    """The directives of Sphinx that show a class, and what is named of it, in this order."""
    import symdiff

    parts = [f"```{{eval-rst}}\n.. autoclass:: symdiff.{name}\n{_NOT_CALLED}\n"]
    for method in methods:
        is_method = callable(getattr(getattr(symdiff, name), method))
        kind = "automethod" if is_method else "autoproperty"
        parts.append(f"   .. {kind}:: symdiff.{name}.{method}\n")
    return "".join(parts) + "```\n\n"


def _commands() -> str:
    """Each command as a section, with the help that it prints."""
    from symdiff.commands import group

    parts = []
    for name in sorted(group.commands):
        context = click.Context(group.commands[name], info_name=f"symdiff {name}")
        context.max_content_width = 90
        parts.append(f"## {name}\n\n```text\n{context.get_help()}\n```\n\n")
    return "".join(parts)


def _example(path: Path) -> str:
    """A script as a section, under the first line of its docstring."""
    text = path.read_text("utf-8")
    title, _, body = (ast.get_docstring(ast.parse(text)) or "").partition("\n")
    code = text.split('"""', 2)[2].strip()
    return f"## {path.name}\n\n{title}\n{body}\n\n```python\n{code}\n```\n\n"


def _copy_what_stands_beside_pages(app: Sphinx, failure: Exception | None) -> None:
    """Put the page that runs the compiler, where it is assembled, in place of its description."""
    if failure or app.builder.format != "html" or not (DOCS / "try" / "runtime").exists():
        return
    shutil.copytree(
        DOCS / "try",
        Path(app.outdir) / "try",
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("*.md", "python", "build.py", "compile.mjs"),
    )
