export interface Scenario {
  id: string;
  title: string;
  kind: 'echo' | 'broadcast' | 'handshake' | 'client' | 'memory';
  payload?: ['binary' | 'text' | 'json', number];
  connections: number;
  messages?: number;
  atATime?: number;
  variety?: number;
  deflate?: boolean;
  tls?: boolean;
  target?: number;
}

export const SCENARIOS: Scenario[];
export function unitOf(scenario: Scenario): string;
export function needsOf(scenario: Scenario): string[];
