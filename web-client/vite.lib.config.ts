import { defineConfig } from "vite";

// The SDK alone, as one ES module without dependencies: dist-lib/parley.js, with types beside it.
export default defineConfig({
  build: {
    outDir: "dist-lib",
    emptyOutDir: true,
    target: "es2022",
    minify: false,
    sourcemap: true,
    lib: { entry: "src/index.ts", formats: ["es"], fileName: () => "parley.js" },
  },
});
