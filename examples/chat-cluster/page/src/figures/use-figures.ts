import { useEffect, useState } from 'react';
import type { NodeName } from '../../../shared/chat.mts';
import type { Figures } from '../../../shared/figures.mts';

const REFRESH_MS = 1_000;

/** Reads what a node tells of itself, again and again; `null` while it is gone, `undefined` before the first time. */
export function useFigures(node: NodeName): Figures | null | undefined {
  const [figures, setFigures] = useState<Figures | null>();
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = async (): Promise<void> => {
      const read = await readFigures(node, stop.signal);
      if (stop.signal.aborted) return;
      setFigures(read);
      timer = setTimeout(refresh, REFRESH_MS);
    };
    void refresh();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [node]);
  return figures;
}

async function readFigures(node: NodeName, signal: AbortSignal): Promise<Figures | null> {
  try {
    const response = await fetch(`/figures/${node}`, { signal });
    return response.ok ? ((await response.json()) as Figures) : null;
  } catch {
    return null;
  }
}
