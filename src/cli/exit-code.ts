/** What the program ends with; `hawser --help` tells them. */
export const ExitCode = {
  OK: 0,
  /** The connection was refused, or lost, or there was no server. */
  FAILED: 1,
  /** The command was called in a way that makes no sense. */
  USAGE: 2,
  /** The server closed with a code other than 1000, 1001 and 1005. */
  CLOSED_WITH_ERROR: 3,
} as const;
