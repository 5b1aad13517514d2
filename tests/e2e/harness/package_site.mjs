// A web site of somebody who uses the package, at an origin of its own: its pages, and the package as it is built.

import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const packageFolder = fileURLToPath(new URL('../../../web-client/', import.meta.url));
const types = { '.js': 'text/javascript', '.html': 'text/html; charset=utf-8' };

/** What a bundler would do: names of the package to addresses. */
const importMap = `<script type="importmap">${JSON.stringify({
  imports: { 'parley-client': '/package/index.js', 'parley-client/element': '/package/element.js' },
})}</script>`;

export const readme = () => readFileSync(join(packageFolder, 'README.md'), 'utf8');

/** Builds the package, with its types. */
export async function buildPackage() {
  await promisify(execFile)('npm', ['run', '--silent', 'build:lib'], { cwd: packageFolder });
}

/** Makes the reference in `folder`; a warning is an error. */
export async function makeReference(folder) {
  await promisify(execFile)('npx', ['typedoc', '--treatWarningsAsErrors', '--out', folder], { cwd: packageFolder });
}

/** Serves `pages`, HTML by path, on a port of 127.0.0.1 (a secure context) and returns its origin. */
export async function packageSite(stage, pages) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, 'http://site').pathname);
    const file = join(packageFolder, path.replace('/package/', 'dist-lib/'));
    const found = pages[path] !== undefined ? importMap + pages[path] : path.startsWith('/package/') && existsSync(file) ? readFileSync(file) : undefined;
    response.statusCode = found === undefined ? 404 : 200;
    response.setHeader('content-type', types[extname(path)] ?? types['.html']);
    response.end(found ?? 'not here');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  stage.defer('the site', async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}
