/** A command was called in a way that makes no sense; the message says what would. */
export class UsageError extends Error {}
