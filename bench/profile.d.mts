export function topFunctions(file: string): string[];
