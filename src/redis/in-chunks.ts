/** So many commands are under way at a time where there is one for each of many things. */
const CHUNK = 500;

/** Does the same for many, some at a time: what else is said to Redis meanwhile does not wait for all of them. */
export async function inChunks<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < items.length; i += CHUNK) await Promise.all(items.slice(i, i + CHUNK).map(work));
}
