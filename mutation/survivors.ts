/** A change of the source that no test noticed. */
export interface Survivor {
  /** The line that was changed, or the first of several. */
  readonly code: string;
  /** What it became. */
  readonly becomes: string;
}

/** Why tests need not notice a change. */
export interface Explained extends Survivor {
  readonly because: string;
}

/** What the runs found, by file. */
export type Results = Readonly<Record<string, { readonly survivors: readonly Survivor[] }>>;

/** Explanations, by file. They name the code and not its line, which moves. */
export type Explanations = Readonly<Record<string, readonly Explained[]>>;

/** What of a mutant is read in Stryker's report. */
export interface Mutant {
  readonly status: string;
  readonly replacement: string;
  readonly location: { readonly start: Position; readonly end: Position };
}

interface Position {
  /** From 1 on, as the column. */
  readonly line: number;
  readonly column: number;
}

/** A test failed, or did not end. What no test runs at all counts as unnoticed. */
const NOTICED: ReadonlySet<string> = new Set(['Killed', 'Timeout', 'RuntimeError']);

/** Tells what became of the mutants of one file: how many were noticed, and which were not. */
export function outcomeOf(source: string, all: readonly Mutant[]) {
  const lines = source.split('\n');
  const mutants = all.filter(({ status }) => status !== 'Ignored');
  const survivors = mutants
    .filter(({ status }) => !NOTICED.has(status))
    .map((mutant) => shown(mutant, lines));
  const noticed = mutants.length - survivors.length;
  const score = mutants.length === 0 ? 100 : Math.round((noticed / mutants.length) * 1000) / 10;
  return { mutants: mutants.length, noticed, score, survivors };
}

/** Lists the survivors that nothing explains, and the explanations of what does not survive, as `file: code → becomes`. */
export function compare(results: Results, explanations: Explanations) {
  const survivors = listed(results, ({ survivors }) => survivors);
  const explained = listed(explanations, (entries) => entries);
  return { unexplained: without(survivors, explained), outdated: without(explained, survivors) };
}

function shown({ location: { start, end }, replacement }: Mutant, lines: readonly string[]): Survivor {
  const first = lines[start.line - 1]!;
  const before = first.slice(0, start.column - 1);
  const after = lines[end.line - 1]!.slice(end.column - 1);
  return { code: first.trim(), becomes: `${before}${replacement}${after}`.trim() };
}

function listed<T>(files: Readonly<Record<string, T>>, of: (file: T) => readonly Survivor[]): string[] {
  return Object.entries(files).flatMap(([name, file]) =>
    of(file).map(({ code, becomes }) => `${name}: ${code} → ${becomes}`),
  );
}

/** What `all` has more often than `others`: the same code may be there twice. */
function without(all: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return all.filter((entry) => {
    const at = left.indexOf(entry);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}
