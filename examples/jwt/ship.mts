/** What the hub and its clients say to each other. */
export type Ship = {
  client: { whoami: () => Visitor };
  server: { bell: (data: { stroke: number }) => void };
};

/** Who it is, what they may, and for how long: all that a token says. */
export type Visitor = {
  readonly user: string;
  /** The rooms that they may join. */
  readonly rooms: readonly string[];
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
};
