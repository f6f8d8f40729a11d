/** A process that makes the runs that it is asked for, one after the other. */
import { oneRun, type RunRequest } from './one-run.ts';

process.on('message', async (request: RunRequest) => {
  try {
    process.send!({ figures: await oneRun(request) });
  } catch (error) {
    process.send!({ error: error instanceof Error ? error.message : String(error) });
  }
});
