import { findNginx } from '../../../scripts/nginx.mjs';
import { findRedisServer } from '../../../scripts/redis-server.mjs';

export interface Requirements {
  readonly nginx: string;
  readonly redisServer: string;
}

/** Finds the programs that are not from npm. @throws {Error} What is missing, and how to get it. */
export function findRequirements(env: NodeJS.ProcessEnv = process.env): Requirements {
  const nginx = findNginx({ env });
  const redisServer = findRedisServer({ env });
  const reasons = [nginx.reason, redisServer.reason].filter((reason) => reason !== undefined);
  if (reasons.length > 0) {
    throw new Error([...reasons, 'On Debian and Ubuntu: sudo apt-get install nginx redis-server'].join('\n'));
  }
  return { nginx: nginx.executablePath!, redisServer: redisServer.executablePath! };
}
