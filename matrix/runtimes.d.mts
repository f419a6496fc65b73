export interface Runtime {
  name: string;
  title: string;
  kind: 'node' | 'bun' | 'deno';
  package: string;
  version: string;
  args: string[];
}

export const RUNTIMES: readonly Runtime[];
export const REFERENCE: string;
export function installRuntime(runtime: Runtime, cache: string): Promise<string[]>;
