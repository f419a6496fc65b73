import { HubError } from '../wire/index.ts';

/** What zod, valibot, arktype and others are alike in (standardschema.dev, version 1), as far as a hub needs it. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}

/** The type of what a schema lets through. */
export type OutputOf<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['output'];

/**
 * Checks data by a schema.
 *
 * @returns What the schema makes of the data.
 * @throws {HubError} INVALID_DATA, with the issues as details.
 */
export async function validate<Output>(
  schema: StandardSchema<unknown, Output>,
  data: unknown,
): Promise<Output> {
  const result = await schema['~standard'].validate(data);
  if (result.issues === undefined) return result.value;
  throw new HubError('INVALID_DATA', undefined, result.issues.map(describe));
}

/** Of an issue its words and its place, and none of the schema's own objects: it goes to the peer. */
function describe({ message, path = [] }: SchemaIssue): { message: string; path: string[] } {
  return { message, path: path.map((step) => String(typeof step === 'object' ? step.key : step)) };
}
