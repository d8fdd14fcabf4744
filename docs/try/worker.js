// The compiler in a thread of its own: the page stays quick, and what takes too long can be ended.

import { loadPyodide } from "./runtime/pyodide.mjs";

const compiler = start();

async function start() {
  const here = new URL("./runtime/", self.location.href).href;
  const [python, packages] = await Promise.all([
    loadPyodide({ indexURL: here }),
    fetch(`${here}packages.zip`).then((found) => found.arrayBuffer()),
  ]);
  self.postMessage({ stage: "Reading the compiler" });
  python.unpackArchive(packages, "zip", { extractDir: "/packages" });
  python.runPython("import sys; sys.path.insert(0, '/packages')");
  return python.pyimport("compiler");
}

compiler.then(
  () => self.postMessage({ stage: "" }),
  (error) => self.postMessage({ failure: String(error) }),
);

self.onmessage = async ({ data: asked }) => {
  const python = await compiler;
  try {
    const request = JSON.stringify(asked);
    const code = JSON.parse(python.compiled(request));
    self.postMessage({ code });
    if (!code.error) {
      self.postMessage({ steps: JSON.parse(python.explained(request)) });
    }
  } catch (error) {
    self.postMessage({ code: { error: `a fault of symdiff's: ${error}` } });
  }
};
