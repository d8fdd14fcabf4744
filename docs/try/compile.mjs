// Compiles the modules of runtime/packages.zip by the Python that will run them, which reads the
// result several times as fast as their source. Called by build.py with the folder.

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const runtime = `${process.argv[2]}/`;
const { loadPyodide } = await import(pathToFileURL(`${runtime}pyodide.mjs`).href);
const python = await loadPyodide({ indexURL: runtime });
const path = `${runtime}packages.zip`;
python.unpackArchive(new Uint8Array(readFileSync(path)), "zip", { extractDir: "/packages" });
python.runPython(`
import compileall, pathlib, shutil, py_compile
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
assert compileall.compile_dir("/packages", quiet=1, legacy=True, invalidation_mode=mode)
for path in pathlib.Path("/packages").rglob("*.py"):
    path.unlink()
shutil.make_archive("/packages", "zip", "/packages")
`);
writeFileSync(path, python.FS.readFile("/packages.zip"));
