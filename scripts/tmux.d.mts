export function findTmux(options?: { install?: boolean; env?: NodeJS.ProcessEnv }): {
  executablePath?: string;
  reason?: string;
};
