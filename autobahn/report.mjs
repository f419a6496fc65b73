// Writes one page over the reports of all jobs.
import { writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { byCase, isGood } from './results.mjs';

const STYLE = `
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { border-bottom: 1px solid #d5dbe1; padding: .25rem .75rem; text-align: left; }
  th { position: sticky; top: 0; background: #fff; }
  .bad { background: #ffe2e0; font-weight: 600; }
`;

/** Writes `file`: a table of every case in every role, each linked to the suite's own report of it. */
export function writeReport(file, title, results) {
  const roles = Object.keys(results).sort();
  const ids = [...new Set(roles.flatMap((role) => Object.keys(results[role])))].sort(byCase);
  const rows = ids.map((id) => {
    const cells = roles.map((role) => cell(dirname(file), results[role][id]));
    return `<tr><th scope="row">${id}</th>${cells.join('')}</tr>`;
  });
  const heads = roles.map((role) => `<th scope="col">${role}</th>`);
  writeFileSync(
    file,
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style>
<h1>${title}</h1><table><thead><tr><th scope="col">Case</th>${heads.join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></html>\n`,
  );
}

function cell(directory, result) {
  if (result === undefined) return '<td>–</td>';
  const words = `${result.behavior}, close ${result.behaviorClose}`;
  const link =
    result.report === undefined ? words : `<a href="${relative(directory, result.report)}">${words}</a>`;
  return `<td class="${isGood(result) ? 'good' : 'bad'}">${link}</td>`;
}
