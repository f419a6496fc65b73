export interface Scenario {
  id: string;
  title: string;
  kind: 'echo' | 'broadcast' | 'handshake' | 'client' | 'memory' | 'residence' | 'delay';
  /** Of `delay`: whether messages are only received, or go to all. */
  mode?: 'receive' | 'broadcast';
  payload?: ['binary' | 'text' | 'json' | 'update' | 'blank', number];
  connections: number;
  /** Of `residence`. */
  counts?: number[];
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
