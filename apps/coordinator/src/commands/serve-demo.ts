/** The run of `serve --demo`: made at the first start, found again at every later one. */
import type { TaskManifest } from '@tributary/fl-core';
import type { InviteTerms } from '../admission/invites.ts';
import type { Coordinator, CoordinatorOptions } from '../app.ts';
import { demoManifest, demoValidationSet, startDemo } from '../demo/index.ts';
import { ticketIn } from '../http/join.ts';
import type { RunSupervisor } from '../run/run-supervisor.ts';
import { isNew } from '../run/steer-run.ts';
import { say } from './command.ts';

/** Known once it has been measured, some seconds after the first start. */
let soloAccuracy: number | null = null;

export const DEMO_OPTIONS: Pick<CoordinatorOptions, 'validationSets' | 'soloAccuracy' | 'onMeasured'> = {
  onMeasured: (_runId, { roundNumber, accuracy }) => {
    // Often while it learns fast, seldom later: a terminal is not a dashboard.
    if (roundNumber > 5 && roundNumber % 10 !== 0) return;
    say(
      `Round ${roundNumber}: the shared model reads ${(accuracy * 100).toFixed(1)} % of digits it never saw.`,
    );
  },
  validationSets: async (_runId, manifest) => (isDemo(manifest) ? demoValidationSet() : null),
  soloAccuracy: (run) => (isDemo(run.manifest) ? soloAccuracy : null),
};

/** Virtual participants are let in for as long as anybody leaves the demo running. */
const VIRTUAL_PARTICIPANTS: InviteTerms = {
  label: 'virtual participants',
  validHours: 24 * 365,
  maximumDevices: null,
};
const VISITORS: InviteTerms = { label: 'demo', validHours: 24 * 7, maximumDevices: null };

export async function serveDemo(
  coordinator: Coordinator,
  dataFolder: string,
): Promise<{ joinUrl: string; close(): Promise<void> }> {
  const run = openDemoRun(coordinator) ?? (await coordinator.createRun(demoManifest()));
  if (isNew(run.state)) await coordinator.steer(run, 'launch');
  const demo = await startDemo({
    coordinatorUrl: await coordinator.urlWithin(),
    ticket: ticketIn((await coordinator.standingInvite(run, VIRTUAL_PARTICIPANTS)).joinUrl),
    dataDir: dataFolder,
    onSoloAccuracy: (accuracy) => {
      soloAccuracy = accuracy;
      say(`The best participant alone reaches ${(accuracy * 100).toFixed(1)} % on the same digits.`);
    },
    onFault: (message) => say(`The demo's participants have a problem: ${message}`),
  });
  const { joinUrl } = await coordinator.standingInvite(run, VISITORS);
  return { joinUrl, close: demo.close };
}

/** One that has not ended; a completed demo is followed by a new one, so that there is always something to join. */
function openDemoRun({ runs }: Coordinator): RunSupervisor | undefined {
  return runs
    .all()
    .findLast(
      (run) => isDemo(run.manifest) && run.state.status !== 'completed' && run.state.status !== 'stopped',
    );
}

function isDemo(manifest: TaskManifest): boolean {
  return manifest.seed === demoManifest().seed;
}
