import '@mantine/core/styles.css';
import './theme.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/client.ts';
import { followEvents } from './api/live.ts';
import { Shell } from './shell/shell.tsx';
import { SpeechProvider } from './shell/speech.tsx';
import { loadSpeech, preferredLanguage } from './text/language.ts';
import { theme, variables } from './theme.ts';

const TRIES = 3;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // Live events say when something changed; this is for what was missed all the same.
      staleTime: 30_000,
      refetchOnWindowFocus: true,
      retry: (failures, error) => failures < TRIES && error instanceof ApiError && error.problem.retryable,
    },
  },
});

const root = document.getElementById('root');
if (root === null) throw new TypeError('expected an element #root in index.html, got none');
// Before anything is drawn, so that nobody sees the page in another language first.
const speech = await loadSpeech(preferredLanguage());
followEvents(client);
createRoot(root).render(
  <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
    <QueryClientProvider client={client}>
      <SpeechProvider first={speech}>
        <Shell />
      </SpeechProvider>
    </QueryClientProvider>
  </MantineProvider>,
);
