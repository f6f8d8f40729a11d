/**
 * The coordinator as built in `dist/`, in a process of its own that a test can look into: it tells its parent its
 * address, answers questions about its state and its heap, and reports what nobody caught on the way to its death.
 */
import { memoryUsage } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { startCoordinator } from '../../dist/app.js';

// A monitor sees the error and changes nothing: the process still ends of it, as it would in production.
process.on('uncaughtExceptionMonitor', (error, origin) => {
  process.send?.({ uncaught: `${origin}: ${error?.stack ?? error}` });
});

const coordinator = await startCoordinator(JSON.parse(process.argv[2] ?? '{}'));

const answers = {
  state: ({ runId }) => coordinator.runs.get(runId).state,
  runs: () => coordinator.runs.all().map((run) => run.runId),
  connections: () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length,
  /** What stays after everything that can go has gone. */
  async heapBytes() {
    for (let time = 0; time < 3; time += 1) {
      globalThis.gc();
      await delay(50);
    }
    return memoryUsage().heapUsed;
  },
  async stop() {
    await coordinator.close();
    setImmediate(() => process.exit(0));
    return null;
  },
};

process.on('message', async ({ id, question, ...details }) => {
  try {
    process.send({ id, answer: await answers[question](details) });
  } catch (error) {
    process.send({ id, failure: String(error?.stack ?? error) });
  }
});

// A test that was itself killed leaves nothing behind.
process.on('disconnect', () => process.exit());

const { url, port, operatorToken } = coordinator;
process.send({ ready: { url, port, operatorToken } });
