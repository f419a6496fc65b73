import type { Scenario } from './scenarios.mjs';

export const ACCEPT: string;
export const RESPONSE: string;
export function request(port: number, deflate: boolean): string;
export function firstByteOf(scenario: Scenario): number;
export function payloadsOf(scenario: Scenario, index: number): Buffer[];
export function turnsOf(scenario: Scenario, raw: boolean): Buffer;
export function clientTurn(scenario: Scenario): { turns: Buffer; turnBytes: number; answer: Buffer };
