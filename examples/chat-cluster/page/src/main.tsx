import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import '../../../look/ground.css';
import '../../../look/talk.css';
import './styles/base.css';
import './styles/chat.css';
import './styles/log.css';
import './styles/forced-colors.css';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
