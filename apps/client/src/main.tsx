import './trusted-types.ts';
import './zod-without-eval.ts';
import '@mantine/core/styles/baseline.css';
import '@mantine/core/styles/default-css-variables.css';
import '@mantine/core/styles/global.css';
import './appearance/components.css';
import './appearance/page.css';
import { MantineProvider } from '@mantine/core';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { FaultBoundary } from './appearance/fault-boundary.tsx';
import { theme } from './appearance/theme.ts';
import { speak } from './messages/index.ts';
import { preferredLanguage } from './messages/language.ts';

// Before anything is drawn; a language that cannot be loaded must not keep anybody out.
await speak(preferredLanguage()).catch(() => {});

createRoot(document.getElementById('root')!).render(
  <MantineProvider theme={theme} defaultColorScheme="auto">
    <FaultBoundary>
      <App />
    </FaultBoundary>
  </MantineProvider>,
);
