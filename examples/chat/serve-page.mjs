import { readFileSync } from 'node:fs';

const FILES = new Map([
  ['/', file('page/index.html', 'text/html; charset=utf-8')],
  ['/ground.css', file('../look/ground.css', 'text/css; charset=utf-8')],
  ['/talk.css', file('../look/talk.css', 'text/css; charset=utf-8')],
  ['/style.css', file('page/style.css', 'text/css; charset=utf-8')],
  ['/room.css', file('page/room.css', 'text/css; charset=utf-8')],
  ['/chat.mjs', file('page/chat.mjs', 'text/javascript; charset=utf-8')],
  ['/view.mjs', file('page/view.mjs', 'text/javascript; charset=utf-8')],
  ['/connection.mjs', file('page/connection.mjs', 'text/javascript; charset=utf-8')],
  ['/icon.svg', file('page/icon.svg', 'image/svg+xml')],
]);

const HEADERS = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
};

/** Answers a request for the page with one of a few files known beforehand: no path is ever opened. */
export function servePage(req, res) {
  const found = FILES.get(req.url.split('?', 1)[0]);
  if (found === undefined) {
    answer(res, 404, {}, 'Not found\n');
  } else if (req.method !== 'GET' && req.method !== 'HEAD') {
    answer(res, 405, { Allow: 'GET, HEAD' }, 'Method not allowed\n');
  } else {
    answer(res, 200, { 'Content-Type': found.type }, found.content);
  }
}

function answer(res, status, headers, body) {
  res.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    ...HEADERS,
    ...headers,
  });
  res.end(body);
}

function file(name, type) {
  return { type, content: readFileSync(new URL(name, import.meta.url)) };
}
