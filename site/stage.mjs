import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

const LINK = /!?\[((?:[^\]\\]|\\.|\[[^\]]*\])*)\]\(([^)\s]+)\)/g;
const HEADING = /^#+ .*$/gm;

/**
 * Copies pages to where the site is made from, with the files that they link to. A link to a folder, which a site can't
 * show, becomes its text.
 *
 * @param pages - Paths below `root`.
 * @throws {Error} A page links to what there is not, or to what is outside of `root`.
 */
export function stage(root, pages, target) {
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8').replace(LINK, (link, label, url) => {
      if (/^(?:[a-z]+:|#)/.test(url)) return link;
      const path = posix.normalize(posix.join(posix.dirname(page), url.replace(/#.*/, '')));
      if (path.startsWith('..')) throw new Error(`${page}: ${url} is outside`);
      const stats = statSync(join(root, path), { throwIfNoEntry: false });
      if (stats === undefined) throw new Error(`${page}: there is no ${url}`);
      if (stats.isDirectory()) return label;
      if (!pages.includes(path)) copy(join(root, path), join(target, path));
      return link;
    });
    // In its lists of headings the generator loses what is code in them.
    write(
      join(target, page),
      text.replace(HEADING, (heading) => heading.replaceAll('`', '')),
    );
  }
}

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
