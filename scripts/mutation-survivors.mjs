// npm run mutation:survivors: writes the changes that no test notices, with the reasons, into mutation/README.md.
// With --check it writes nothing, and fails when the page has another table, or when one is not explained.
import { readFileSync } from 'node:fs';
import { compare } from '../mutation/survivors.ts';
import { writeTable } from './generated-table.mjs';

const [results, explanations] = ['results', 'explanations'].map((name) =>
  JSON.parse(readFileSync(new URL(`../mutation/${name}.json`, import.meta.url), 'utf8')),
);

const { unexplained, outdated } = compare(results, explanations);
for (const survivor of unexplained) console.error(`not explained: ${survivor}`);
for (const entry of outdated) console.error(`explained, and does not survive: ${entry}`);
if (unexplained.length + outdated.length > 0) process.exitCode = 1;

await writeTable({
  page: 'mutation/README.md',
  name: 'mutation:survivors',
  source: 'mutation/explanations.json',
  headings: ['file', 'score', 'what no test notices', 'because'],
  rows: Object.entries(results).flatMap(([file, { score, survivors }]) =>
    survivors.length === 0
      ? [[file.replace('src/', ''), String(score), '', '']]
      : explanations[file].map(({ code, becomes, because }, i) => [
          i === 0 ? file.replace('src/', '') : '',
          i === 0 ? String(score) : '',
          `${asCode(code)} → ${asCode(becomes)}`,
          because,
        ]),
  ),
});

/** A span of code is between backticks, of which there are not as many in a row within. */
function asCode(text) {
  const runs = [...text.matchAll(/`+/g)].map(([run]) => run);
  let fence = '`';
  while (runs.includes(fence)) fence += '`';
  return `${fence}${text}${fence}`;
}
