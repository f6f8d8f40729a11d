import { onlineManager } from '@tanstack/react-query';
import { afterEach, expect, it } from 'vitest';
import { createQueries } from '../src/api/queries.ts';

afterEach(() => onlineManager.setOnline(true));

it('asks a coordinator on this machine although the browser says that it is offline', async () => {
  onlineManager.setOnline(false);
  const asked = createQueries().fetchQuery({ queryKey: ['join'], queryFn: async () => 'an answer' });
  const waiting = new Promise((resolve) => setTimeout(resolve, 200, 'still waiting'));
  expect(await Promise.race([asked, waiting])).toBe('an answer');
});
