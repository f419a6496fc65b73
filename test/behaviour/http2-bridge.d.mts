export interface Bridge {
  readonly port: number;
  close(): void;
}

export function startFrontBridge(targetPort: number): Promise<Bridge>;
export function startBackBridge(targetPort: number): Promise<Bridge>;
