export function stage(root: string, pages: readonly string[], target: string): void;
