export function findNginx(options?: { install?: boolean; env?: NodeJS.ProcessEnv }): {
  executablePath?: string;
  reason?: string;
};
