import { defineConfig } from "vite";

// The package: the SDK as one ES module without dependencies, and beside it the element and the fakes for tests, which share it.
// Types come from tsc.
export default defineConfig({
  build: {
    outDir: "dist-lib",
    emptyOutDir: true,
    target: "es2022",
    minify: false,
    sourcemap: true,
    lib: {
      entry: { index: "src/index.ts", element: "element/parley-room.ts", testing: "testing/index.ts", worker: "src/e2ee/worker.ts" },
      formats: ["es"],
      fileName: (_format, name) => `${name}.js`,
    },
    // A module for each file: whoever bundles the package takes what is used and nothing else.
    rollupOptions: { output: { preserveModules: true, preserveModulesRoot: "src" } },
  },
});
