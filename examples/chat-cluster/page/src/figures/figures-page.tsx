import { NODES } from '../../../shared/chat.mts';
import { NodeCard } from './node-card.tsx';

export function FiguresPage() {
  return (
    <main className="figures">
      <header>
        <img src="/icon.svg" alt="" width="32" height="32" />
        <h1>Figures</h1>
        <a href="/">To the chat</a>
      </header>
      <div className="cards">
        {NODES.map((node) => (
          <NodeCard key={node} node={node} />
        ))}
      </div>
      <p className="source">
        As JSON:{' '}
        {NODES.map((node) => (
          <a key={node} href={`/figures/${node}`}>
            /figures/{node}
          </a>
        ))}
      </p>
    </main>
  );
}
