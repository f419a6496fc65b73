export function findPrometheus(
  name: 'prometheus' | 'promtool',
  options?: { install?: boolean; env?: NodeJS.ProcessEnv },
): { executablePath?: string; reason?: string };
