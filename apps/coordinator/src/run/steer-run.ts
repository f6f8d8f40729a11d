/** What an operator may do to a run, refused where it makes no sense. */
import { type RunState, TributaryError } from '@tributary/fl-core';
import type { RunSupervisor } from './run-supervisor.ts';

export const STEERING = ['launch', 'pause', 'resume', 'stop'] as const;
export type Steering = (typeof STEERING)[number];

/** @throws TributaryError `conflict` */
export async function steerRun(run: RunSupervisor, verb: Steering): Promise<void> {
  const fault = whyNot(run.state, verb);
  if (fault) throw new TributaryError('conflict', fault);
  const type = (
    {
      launch: 'resumeRequested',
      resume: 'resumeRequested',
      pause: 'pauseRequested',
      stop: 'stopRequested',
    } as const
  )[verb];
  const refusal = await run.feed({ type });
  if (refusal) throw new TributaryError(refusal.code, refusal.message);
}

/** Never launched. Pausing before anybody was invited gives the number of the first round back, so that alone says nothing. */
export const isNew = ({ status, wasLaunched, roundNumber }: RunState): boolean =>
  status === 'paused' && !wasLaunched && roundNumber === 0;

function whyNot(state: RunState, verb: Steering): string | null {
  if (state.status === 'completed' || state.status === 'stopped')
    return `the run has ended (${state.status})`;
  switch (verb) {
    case 'launch':
      return isNew(state) ? null : 'the run was launched before; resume it instead';
    case 'resume':
      if (isNew(state)) return 'the run was never launched; launch it instead';
      return state.status === 'running' ? 'the run is running' : null;
    case 'pause':
      return state.status === 'running' ? null : `the run is ${state.status}`;
    case 'stop':
      return null;
  }
}
