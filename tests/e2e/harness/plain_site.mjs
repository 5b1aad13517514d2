// An empty page of the test's own, at an origin other than the server's: what runs in it uses none of Parley's page or SDK.

import { createServer } from 'node:http';

/** Serves an empty page on a port of 127.0.0.1 (a secure context, so it may use the camera) and returns its address. */
export async function plainSite(stage) {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>A page of the test</title><body></body>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  stage.defer('the plain site', async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}/`;
}
