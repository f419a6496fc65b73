import { NODES, type NodeName } from '../../../shared/chat.mts';
import type { Connection } from '../state/use-connection.ts';

export interface ConnectionPanelProps {
  readonly connection: Connection;
  /** Messages that the hub has not confirmed. */
  readonly waiting: number;
  readonly chosen: NodeName | undefined;
  onChoose(node: NodeName | undefined): void;
  onReconnect(): void;
}

export function ConnectionPanel({
  connection,
  waiting,
  chosen,
  onChoose,
  onReconnect,
}: ConnectionPanelProps) {
  const { status, latencyMs } = connection;
  const isConnected = status === 'connected';
  return (
    <section className="connection" aria-labelledby="connection-title">
      <h2 id="connection-title">Connection</h2>
      <div className="status-row">
        <p className="status" role="status" data-status={status}>
          <span>
            {describe(connection)}
            {!isConnected && waiting > 0 && (
              <span className="kept">
                {waiting} {waiting === 1 ? 'message' : 'messages'} kept
              </span>
            )}
          </span>
        </p>
        {isConnected
          ? latencyMs !== undefined && (
              <span className="latency" title="There and back">
                <span className="unseen">There and back in </span>
                {latencyMs < 1 ? '< 1' : Math.round(latencyMs)} ms
              </span>
            )
          : status !== 'connecting' && (
              <button className="quiet" type="button" onClick={onReconnect}>
                Try now
              </button>
            )}
      </div>
      <fieldset className="nodes">
        <legend>Node</legend>
        {([undefined, ...NODES] as const).map((node) => (
          <label key={node ?? 'any'}>
            <input type="radio" name="node" checked={chosen === node} onChange={() => onChoose(node)} />
            <span>{node === undefined ? 'Any' : node.toUpperCase()}</span>
          </label>
        ))}
      </fieldset>
      <a className="figures-link" href="/figures" target="_blank" rel="noreferrer">
        Figures of the nodes
      </a>
    </section>
  );
}

function describe({ status, isOnline, node, attempt }: Connection): string {
  switch (status) {
    case 'connected':
      return node === undefined ? 'Connected' : `On node ${node.toUpperCase()}`;
    case 'connecting':
      return 'Connecting …';
    case 'reconnecting':
      if (!isOnline) return 'Offline';
      return attempt > 1 ? `Try ${attempt} …` : 'Reconnecting …';
    default:
      return 'Not connected';
  }
}
