export function findHaproxy(options?: { install?: boolean; env?: NodeJS.ProcessEnv }): {
  executablePath?: string;
  reason?: string;
};
