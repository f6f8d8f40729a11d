/**
 * What a code costs in accuracy and in rounds, and what it sends: runs of the simulator with the same seed, hence the same data,
 * the same cohorts and the same first model, with the code and without it. `npm run bench compression-accuracy`; see README.md.
 */
import { parameterCount, parameterShapes } from '@tributary/fl-core';
import { parseScenario, type ScenarioInput } from '@tributary/simulation';
import type { BenchmarkOptions, BenchmarkRow } from '../benchmark.ts';
import { figure } from '../fastest.ts';
import { CODES, type Code, type Limits } from './codes.ts';
import type { RunFigures, RunRequest } from './one-run.ts';
import { type PairedCosts, pairedCosts } from './pairs.ts';
import { type AllRuns, type NamedRun, runAll } from './run-all.ts';
import { LEARNING_TASKS, type LearningTask } from './tasks.ts';

const SEEDS = 5;
/** Without a folder of data; easier than MNIST, so its figures say less. */
const GENERATED: ScenarioInput['dataset'] = {
  kind: 'generated-digits',
  examples: 60_000,
  validationExamples: 2000,
};

interface Case {
  readonly task: LearningTask;
  readonly code: Code;
  /** By seed. */
  readonly requests: readonly RunRequest[];
}

export async function run(options: BenchmarkOptions): Promise<BenchmarkRow[]> {
  const cases = casesOf(options);
  const wanted = cases.filter((one) => nameOf(one).includes(options.only ?? ''));
  const needed = cases.filter((one) => wanted.some((other) => other === one || isComparedWith(other, one)));
  // Seed by seed, so that a run that is broken off has whole pairs.
  const runs = (needed[0]?.requests ?? []).flatMap((_, seed) =>
    needed.map((one): NamedRun => ({ name: `${nameOf(one)} ${seed + 1}`, request: one.requests[seed]! })),
  );
  const made = await runAll(runs, options);
  return wanted.map((one) => rowOf(one, needed.find((other) => isComparedWith(one, other))!, made));
}

const nameOf = ({ task, code }: Case): string => `${task.name}/${code.name}`;

const isComparedWith = (one: Case, other: Case): boolean =>
  one.task === other.task && one.code.comparedWith === other.code.name;

function casesOf({ quick, data, seeds = quick ? '1' : `${SEEDS}` }: BenchmarkOptions): Case[] {
  const count = Number(seeds);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`--seeds ${seeds}: expected a whole number above 0`);
  return LEARNING_TASKS.flatMap((whole) => {
    const task = quick ? { ...whole, rounds: Math.max(whole.window, Math.round(whole.rounds / 5)) } : whole;
    return CODES.filter(({ tasks }) => tasks.includes(task.name)).map((code) => ({
      task,
      code,
      requests: Array.from({ length: count }, (_, seed) => requestOf(task, code, { data, seed })),
    }));
  });
}

function requestOf(
  task: LearningTask,
  code: Code,
  { data, seed }: { readonly data: string | undefined; readonly seed: number },
): RunRequest {
  const base = task.scenario();
  const scenario: ScenarioInput = {
    ...base,
    seed: `${base.seed}/${seed}`,
    ...(data === undefined && { dataset: GENERATED }),
    task: { ...base.task, ...code.plan },
    maximumRounds: task.rounds,
    stopAtTarget: false,
  };
  return { scenario, data, validationExamples: task.validationExamples };
}

function rowOf(of: Case, other: Case, made: AllRuns): BenchmarkRow {
  const { task, code } = of;
  const runs = of.requests.map(made.of);
  const costs = pairedCosts(runs, other.requests.map(made.of), task);
  const { bytesPerParameterUp, bytesPerParameterDown } = bytesOf(of, runs);
  return {
    task: task.name,
    family: code.family,
    codec: code.name,
    masked: code.plan.secureAggregation?.mode === 'sa-1',
    bytesPerParameterUp: figure(bytesPerParameterUp),
    bytesPerParameterDown: figure(bytesPerParameterDown),
    target: task.targetAccuracy,
    roundsToTarget: finite(costs.roundsToTarget),
    comparedWith: code.comparedWith,
    roundsRatio: finite(costs.roundsRatio),
    finalAccuracy: figure(costs.finalAccuracy),
    accuracyLost: Number(costs.accuracyLost.toFixed(5)),
    pairsThatLost: costs.pairsThatLost,
    pairs: runs.length,
    rounds: task.rounds,
    abandonedRounds: runs.reduce((sum, { abandonedRounds }) => sum + abandonedRounds, 0),
    data: parseScenario(of.requests[0]!.scenario).dataset.kind,
    limit: limitText(code.limits),
    meetsLimit:
      Object.keys(code.limits).length === 0
        ? null
        : meets(code.limits, {
            ...costs,
            bytesPerParameterUp,
            bytesPerParameterDown,
            pairs: runs.length,
          }),
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? figure(value) : null);

/** For each update that was accepted, and for each device that was invited. Parameters of the model, not of the code. */
function bytesOf(
  { requests }: Case,
  runs: readonly RunFigures[],
): Pick<Costs, 'bytesPerParameterUp' | 'bytesPerParameterDown'> {
  const parameters = parameterCount(parameterShapes(parseScenario(requests[0]!.scenario).task.model));
  const total = (pick: (run: RunFigures) => number) => runs.reduce((sum, one) => sum + pick(one), 0);
  return {
    bytesPerParameterUp: total((one) => one.bytesUp) / total((one) => one.acceptedUpdates) / parameters,
    bytesPerParameterDown: total((one) => one.bytesDown) / total((one) => one.invitations) / parameters,
  };
}

interface Costs extends PairedCosts {
  readonly bytesPerParameterUp: number;
  readonly bytesPerParameterDown: number;
  readonly pairs: number;
}

const UNMEASURABLE = 0.001;

function meets(limits: Limits, costs: Costs): boolean {
  const { bytesPerParameterUp, bytesPerParameterDown, roundsRatio, accuracyLost, isWorse } = limits;
  const isBelow = (value: number, limit: number | undefined) => limit === undefined || value <= limit;
  return (
    isBelow(costs.bytesPerParameterUp, bytesPerParameterUp) &&
    isBelow(costs.bytesPerParameterDown, bytesPerParameterDown) &&
    isBelow(costs.roundsRatio, roundsRatio) &&
    (accuracyLost === 'not-measurable'
      ? costs.accuracyLost <= UNMEASURABLE || costs.pairsThatLost < costs.pairs
      : isBelow(costs.accuracyLost, accuracyLost)) &&
    (!isWorse || costs.pairsThatLost === costs.pairs)
  );
}

function limitText(limits: Limits): string | null {
  const { bytesPerParameterUp: up, bytesPerParameterDown: down, roundsRatio, accuracyLost, isWorse } = limits;
  const texts = [
    ...(up === undefined ? [] : [`up ${up}`]),
    ...(down === undefined ? [] : [`down ${down}`]),
    ...(roundsRatio === undefined ? [] : [`rounds x ${roundsRatio}`]),
    ...(accuracyLost === undefined ? [] : [`lost ${accuracyLost}`]),
    ...(isWorse ? ['worse in every pair'] : []),
  ];
  return texts.length === 0 ? null : texts.join(', ');
}
