export function findRedisServer(options?: { install?: boolean; env?: NodeJS.ProcessEnv }): {
  executablePath?: string;
  reason?: string;
};
