import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { FiguresPage } from './figures-page.tsx';
import '../../../../look/ground.css';
import '../styles/base.css';
import '../styles/figures.css';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <FiguresPage />
  </StrictMode>,
);
