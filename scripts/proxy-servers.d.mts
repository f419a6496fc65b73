export function findProxyServer(
  name: 'tinyproxy' | 'squid' | 'microsocks',
  options?: { install?: boolean; env?: NodeJS.ProcessEnv },
): { executablePath?: string; reason?: string };
