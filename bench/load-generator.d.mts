export function buildLoadGenerator(folder: string): { program: string; tls: boolean };
