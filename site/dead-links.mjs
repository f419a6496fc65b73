import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const TARGET = /\s(?:href|src)="([^"]*)"/g;
const ID = /\s(?:id|name)="([^"]*)"/g;

/** Finds the links of a site's pages that lead nowhere in it, as `page: link`. Those to other hosts are not followed. */
export function deadLinks(folder) {
  const pages = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.html'));
  const ids = new Map(pages.map((page) => [page, idsOf(readFileSync(join(folder, page), 'utf8'))]));
  return pages.flatMap((page) =>
    linksOf(readFileSync(join(folder, page), 'utf8'))
      .filter((link) => !leadsSomewhere(folder, page, link, ids))
      .map((link) => `${page}: ${link}`),
  );
}

function linksOf(html) {
  return [...new Set([...html.matchAll(TARGET)].map(([, link]) => link.replaceAll('&amp;', '&')))];
}

function idsOf(html) {
  return new Set([...html.matchAll(ID)].map(([, id]) => id.replaceAll('&amp;', '&')));
}

function leadsSomewhere(folder, page, link, ids) {
  if (/^(?:[a-z]+:|$)/i.test(link)) return true;
  const [path, fragment = ''] = decodeURIComponent(link).split('#');
  const named = path === '' ? join(folder, page) : join(folder, dirname(page), path);
  const file = path.endsWith('/') ? join(named, 'index.html') : named;
  if (!existsSync(file) || statSync(file).isDirectory()) return false;
  const target = relative(folder, file);
  return fragment === '' || !ids.has(target) || ids.get(target).has(fragment);
}
