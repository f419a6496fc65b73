export function findChromium(options?: { install?: boolean; env?: NodeJS.ProcessEnv }): {
  executablePath?: string;
  reason?: string;
};

export function chromiumLaunchOptions(executablePath: string): {
  executablePath: string;
  headless: true;
  args: string[];
};
