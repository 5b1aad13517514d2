/// <reference types="vitest/config" />
import { defineConfig } from "vite";

// The page: app/ becomes dist/, which the parley executable serves at /. During development, `npm run dev` passes
// signaling on to a parley that runs beside it.
export default defineConfig({
  root: "app",
  base: "/",
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    // The server's content security policy allows no data: scripts and no inline ones, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/signal": { target: "http://127.0.0.1:8080", ws: true },
      "/api": "http://127.0.0.1:8080",
    },
  },
  test: { root: ".", include: ["tests/**/*.test.ts"], environment: "node", poolOptions: { forks: { execArgv: ["--expose-gc"] } } },
});
