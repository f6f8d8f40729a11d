import { onlineManager } from '@tanstack/react-query';
import { afterEach, expect, it } from 'vitest';
import { createQueries } from '../src/api/queries.ts';

afterEach(() => onlineManager.setOnline(true));

it('asks a coordinator on this machine although the browser says that it is offline', async () => {
  onlineManager.setOnline(false);
  const asked = createQueries().fetchQuery({ queryKey: ['join'], queryFn: async () => 'an answer' });
  // Otherwise it would wait for as long as the test may last.
  expect(await asked).toBe('an answer');
});
