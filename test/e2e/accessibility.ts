import axe from 'axe-core';
import type { Page } from 'playwright-core';

const GRAVE = ['serious', 'critical'];

/** Lists what axe-core finds serious or critical on a page as it is now: the rule, and where. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Not as a script of the page: its Content-Security-Policy allows none but its own.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => GRAVE.includes(String(impact)))
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}
