/** A change of the source that undoes what stands against an entry of the record: its tests have to notice. */
export interface Mutation {
  readonly row: number;
  /** What it undoes. */
  readonly undoes: string;
  /** Below `src`. */
  readonly file: string;
  /** What is there, once, and what is put in its place. */
  readonly edits: readonly (readonly [search: string, replacement: string])[];
}
