"""Assemble what the page runs on: Pyodide by npm, the compiler and its packages by pip.

    python docs/try/build.py [FOLDER]

puts `runtime/` into the folder, by default this one, where `python -m http.server` then serves the
page. With another folder the page goes there too.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYODIDE = "pyodide@314.0.7"
RUNTIME = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)
WHEELS = ("jinja2==3.1.6", "markupsafe==3.0.3", "mpmath==1.3.0")  # of which the Python is taken
PAGE = ("index.html", "page.css", "page.js", "worker.js")


def main() -> None:
    """Assemble the folder that the command names."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    assemble(folder)
    size = sum(path.stat().st_size for path in (folder / "runtime").iterdir())
    sys.stdout.write(f"{folder}: {size / 2**20:.1f} MB\n")


def assemble(folder: Path) -> None:
    """Put all that the page needs into a folder.

    Raises:
        CalledProcessError: where npm, pip or node fails.
    """
    runtime = folder / "runtime"
    runtime.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        downloads = Path(scratch)
        _run(downloads, "npm", "pack", "--silent", PYODIDE)
        pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps")
        _run(downloads, *pip, "--only-binary", ":all:", *WHEELS)
        (archive,) = downloads.glob("pyodide-*.tgz")
        with tarfile.open(archive) as packed:
            for name in RUNTIME:
                member = packed.extractfile(f"package/{name}")
                assert member is not None
                (runtime / name).write_bytes(member.read())
        with zipfile.ZipFile(runtime / "packages.zip", "w", zipfile.ZIP_DEFLATED) as whole:
            for name, content in _packages(downloads):
                whole.writestr(name, content)
        _run(HERE, "node", "compile.mjs", str(runtime.resolve()))
    for name in PAGE if folder.resolve() != HERE else ():
        shutil.copyfile(HERE / name, folder / name)


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True)


def _packages(downloads: Path) -> Iterator[tuple[str, bytes]]:
    """The files of the packages, by name."""
    for wheel in sorted(downloads.glob("*.whl")):
        with zipfile.ZipFile(wheel) as packed:
            for name in packed.namelist():
                if name.endswith(".py") and "/tests/" not in name:
                    yield name, packed.read(name)
    for path in sorted((ROOT / "symdiff").rglob("*.py")):
        yield str(path.relative_to(ROOT)), path.read_bytes()
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.is_file():
            yield f"symdiff/{path.relative_to(ROOT)}", path.read_bytes()
    for path in sorted((HERE / "python").rglob("*.py")):
        yield str(path.relative_to(HERE / "python")), path.read_bytes()


if __name__ == "__main__":
    main()
