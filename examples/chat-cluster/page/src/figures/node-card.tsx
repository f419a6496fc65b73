import type { NodeName } from '../../../shared/chat.mts';
import type { Figures } from '../../../shared/figures.mts';
import { useFigures } from './use-figures.ts';

export interface NodeCardProps {
  readonly node: NodeName;
}

export function NodeCard({ node }: NodeCardProps) {
  const figures = useFigures(node);
  const titleId = `node-${node}`;
  return (
    <section className="node-card" aria-labelledby={titleId} data-state={stateOf(figures)}>
      <h2 id={titleId}>Node {node.toUpperCase()}</h2>
      <p className="state">{describe(figures)}</p>
      {figures && (
        <dl>
          {rows(figures).map(([name, value, isBad]) => (
            <div key={name} data-bad={isBad}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function stateOf(figures: Figures | null | undefined): 'up' | 'gone' | 'unknown' {
  if (figures === undefined) return 'unknown';
  return figures === null ? 'gone' : 'up';
}

function describe(figures: Figures | null | undefined): string {
  if (figures === undefined) return 'Asking …';
  return figures === null ? 'Gone' : `Up for ${duration(figures.upSeconds)}`;
}

function rows(figures: Figures): Array<[name: string, value: string, isBad?: boolean]> {
  const { connections, rooms, said, refused, failures, latencyMs, loopDelayMs, memoryBytes, pid, cluster } =
    figures;
  return [
    ['Connections', NUMBER.format(connections)],
    ['Rooms with somebody in them', NUMBER.format(rooms)],
    ['Messages said', NUMBER.format(said)],
    ['Refused', NUMBER.format(refused)],
    ['Failures', NUMBER.format(failures), failures > 0],
    ['Redis', cluster.isReachable ? 'In reach' : 'Out of reach', !cluster.isReachable],
    ['Lag between nodes', milliseconds(cluster.lagMs)],
    ['Lost between nodes', NUMBER.format(cluster.lost), cluster.lost > 0],
    ['Latency of clients', milliseconds(latencyMs)],
    ['Event loop delay, p99', milliseconds(loopDelayMs)],
    ['Memory', `${NUMBER.format(memoryBytes / 2 ** 20)} MiB`],
    ['Process', String(pid)],
  ];
}

function milliseconds(ms: number | null): string {
  if (ms === null) return 'not known yet';
  return `${ms < 10 ? ms.toFixed(1) : NUMBER.format(ms)} ms`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const NUMBER = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
