import './trusted-types.ts';
import './zod-without-eval.ts';
import '@mantine/core/styles/baseline.css';
import '@mantine/core/styles/default-css-variables.css';
import '@mantine/core/styles/global.css';
import './appearance/components.css';
import './appearance/page.css';
import { MantineProvider } from '@mantine/core';
import { createRoot } from 'react-dom/client';
import { App, pageOf } from './app.tsx';
import { FaultBoundary } from './appearance/fault-boundary.tsx';
import { theme, themeVariables } from './appearance/theme.ts';
import { speak, spokenLanguage } from './messages/index.ts';
import { type Language, preferredLanguage } from './messages/language.ts';

// Before anything is drawn; a language that cannot be loaded must not keep anybody out.
const more = { landing: wordsOfLanding, join: wordsOfParticipant, admin: wordsOfDashboard }[
  pageOf(location.pathname)
];
await speak(preferredLanguage(), more).catch(() => speak('en', more));
document.documentElement.lang = spokenLanguage();

createRoot(document.getElementById('root')!).render(
  <MantineProvider theme={theme} cssVariablesResolver={themeVariables} defaultColorScheme="auto">
    <FaultBoundary>
      <App />
    </FaultBoundary>
  </MantineProvider>,
);

async function wordsOfDashboard(language: Language) {
  const { admin } = await (language === 'en'
    ? import('./messages/en/admin.ts')
    : import('./messages/de/admin.ts'));
  return admin;
}

async function wordsOfParticipant(language: Language) {
  const { participant } = await (language === 'en'
    ? import('./messages/en/participant.ts')
    : import('./messages/de/participant.ts'));
  return participant;
}

async function wordsOfLanding(language: Language) {
  return language === 'en' ? import('./messages/en/landing.ts') : import('./messages/de/landing.ts');
}
