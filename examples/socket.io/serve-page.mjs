import { readFileSync } from 'node:fs';

const HEADERS = {
  'Content-Security-Policy': "default-src 'self'",
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
};
const FILES = new Map(
  [
    ['/', 'index.html', 'text/html; charset=utf-8'],
    ['/rooms.mjs', 'rooms.mjs', 'text/javascript; charset=utf-8'],
    ['/style.css', 'style.css', 'text/css; charset=utf-8'],
  ].map(([path, file, type]) => [
    path,
    { type, body: readFileSync(new URL(`page/${file}`, import.meta.url)) },
  ]),
);

/** Answers the requests that are not for Socket.IO: the page, and 404. */
export function servePage(request, response) {
  const file = FILES.get(request.url.split('?')[0]);
  if (file === undefined || request.method !== 'GET') {
    response.writeHead(404, { ...HEADERS, 'Content-Type': 'text/plain' }).end('Not found');
    return;
  }
  response.writeHead(200, { ...HEADERS, 'Content-Type': file.type }).end(file.body);
}
