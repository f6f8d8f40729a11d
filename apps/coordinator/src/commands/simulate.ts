/** `simulate SCENARIO.json`: a seeded run with virtual participants through the real machines, in virtual time. */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { baseModelOf, blobHashOf, TributaryError } from '@tributary/fl-core';
import {
  parseScenario,
  type Scenario,
  type SimulationResult,
  simulate as simulateRun,
} from '@tributary/simulation';
import { createEngineTrainer, threadEngines } from '@tributary/training/local';
import { loadScenarioData } from '../data-files/scenario-dataset.ts';
import { nativeSha256 } from '../native-sha256.ts';
import { openNodeCrypto } from '../secure-sum/node-crypto.ts';
import { type Command, print, printJson, UsageError } from './command.ts';

export const simulate: Command = {
  help: `Usage: tributary simulate SCENARIO.json [OPTIONS]

Runs a federated run with virtual participants through the real state machines and frames, in virtual time.
The same seed gives the same model, bit for bit.

  --data DIR    folder of the scenario's data files (MNIST, CSV); generated data needs none
  --base FILE   the model that the scenario adapts, as a frame: in place of the one whose hash it names
  --save FILE   writes the final model as a frame
  --seed SEED   another seed than the scenario's
  --rounds N    at most this many committed rounds
  --json        prints one JSON object and nothing else on stdout; progress still goes to stderr`,

  async run(args) {
    const call = readCall(args);
    const started = performance.now();
    const baseModel = call.base === undefined ? undefined : await readFile(call.base);
    const scenario = await readScenario(call, baseModel);
    const { model, ...result } = await runScenario(scenario, { folder: call.data, baseModel });
    if (call.save !== undefined) await writeFile(call.save, model);
    const report = { ...result, wallSeconds: (performance.now() - started) / 1000 };
    if (call.json) printJson(report);
    else print(formatReport(report));
    return 0;
  },
};

interface Call {
  readonly file: string;
  readonly data: string | undefined;
  readonly base: string | undefined;
  readonly save: string | undefined;
  readonly seed: string | undefined;
  readonly rounds: number | undefined;
  readonly json: boolean;
}

function readCall(args: readonly string[]): Call {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      base: { type: 'string' },
      save: { type: 'string' },
      seed: { type: 'string' },
      rounds: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new UsageError('name one scenario file');
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new UsageError(`--rounds ${values.rounds}: expected a whole number above 0`);
  }
  const { data, base, save, seed, json } = values;
  return { file, data, base, save, seed, rounds, json };
}

async function readScenario(call: Call, baseModel: Uint8Array | undefined): Promise<Scenario> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(call.file, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new TributaryError('manifest-invalid', `${call.file} ${reason}.`, { cause });
  }
  const scenario = parseScenario(document);
  if (baseModel === undefined && baseModelOf(scenario.task.model) !== null) {
    throw new TributaryError(
      'data-missing',
      'This scenario adapts a model. Name its frame with --base FILE.',
    );
  }
  return parseScenario({
    ...scenario,
    ...(call.seed === undefined ? {} : { seed: call.seed }),
    ...(call.rounds === undefined ? {} : { maximumRounds: call.rounds }),
    ...(baseModel === undefined ? {} : { task: onBase(scenario.task, baseModel) }),
  });
}

function onBase(task: Scenario['task'], baseModel: Uint8Array): Scenario['task'] {
  const { model } = task;
  if (model.kind !== 'char-transformer' || !model.adaptation) {
    throw new UsageError('--base is for a scenario whose model has an adaptation');
  }
  const adaptation = { ...model.adaptation, baseModel: blobHashOf(baseModel, nativeSha256) };
  return { ...task, model: { ...model, adaptation } };
}

async function runScenario(
  scenario: Scenario,
  { folder, baseModel }: { folder: string | undefined; baseModel: Uint8Array | undefined },
): Promise<SimulationResult> {
  const progress = progressLine();
  progress.show(`${scenario.name}: preparing data`);
  try {
    const dataset = await loadScenarioData(scenario, { folder, warn: (message) => progress.keep(message) });
    const trainer = createEngineTrainer(threadEngines());
    const started = performance.now();
    progress.show(`${scenario.name}: first round`);
    return await simulateRun(scenario, {
      trainer,
      dataset,
      ...(baseModel && { baseModel }),
      sha256: nativeSha256,
      crypto: openNodeCrypto(),
      onRound: (round) => {
        const seconds = ((performance.now() - started) / 1000).toFixed(1);
        const outcome =
          round.outcome === 'abandoned' ? 'abandoned' : `${round.survivors} of ${round.invited} reported`;
        const accuracy = round.accuracy === null ? '' : `, accuracy ${percent(round.accuracy)}`;
        progress.show(
          `round ${round.roundNumber} (${round.committedRounds} of at most ${scenario.maximumRounds} committed)` +
            `: ${outcome}${accuracy}, ${seconds} s`,
        );
      },
    });
  } finally {
    progress.end();
  }
}

/** One line on stderr that is written over; on anything but a terminal, a line for each text. */
function progressLine() {
  const { stderr } = process;
  let isOpen = false;
  const end = () => {
    if (isOpen) stderr.write('\n');
    isOpen = false;
  };
  return {
    show(text: string) {
      if (!stderr.isTTY) {
        stderr.write(`${text}\n`);
        return;
      }
      stderr.write(`\r\u001b[2K${text.slice(0, (stderr.columns ?? 120) - 1)}`);
      isOpen = true;
    },
    keep(text: string) {
      end();
      stderr.write(`${text}\n`);
    },
    end,
  };
}

function formatReport(report: Omit<SimulationResult, 'model'> & { wallSeconds: number }): string {
  const target = report.targetAccuracy === null ? 'no target' : `${percent(report.targetAccuracy)}`;
  const rows: [string, string][] = [
    ['scenario', report.name],
    ['seed', report.seed],
    ['rounds', `${report.rounds} committed, ${report.abandonedRounds} abandoned`],
    ['rounds to target', `${report.roundsToTarget ?? 'not reached'} (${target})`],
    ['final accuracy', report.finalAccuracy === null ? 'not measured' : percent(report.finalAccuracy)],
    ['dropouts', String(report.dropouts)],
    ['bytes up', `${megabytes(report.bytesUp)}, ${each(report.bytesPerParameterUp)} for each update`],
    ['bytes down', `${megabytes(report.bytesDown)}, ${each(report.bytesPerParameterDown)} for each model`],
    ['virtual time', `${report.virtualSeconds.toFixed(1)} s`],
    ['real time', `${report.wallSeconds.toFixed(1)} s`],
    ['model hash', report.modelHash],
  ];
  const table = rows.map(([name, value]) => `${name.padEnd(18)}${value}`).join('\n');
  return `${curve(report)}${table}`;
}

/** Accuracy by round, in at most twenty lines. */
function curve(report: Pick<SimulationResult, 'accuracy'>): string {
  const stride = Math.ceil(report.accuracy.length / 20);
  const lines = report.accuracy.flatMap((accuracy, index) => {
    const round = index + 1;
    const isShown = round % stride === 0 || round === report.accuracy.length;
    if (accuracy === null || !isShown) return [];
    return [
      `${String(round).padStart(6)}  ${percent(accuracy).padStart(8)}  ${'#'.repeat(Math.round(accuracy * 50))}\n`,
    ];
  });
  return lines.length === 0 ? '' : ` round  accuracy\n${lines.join('')}\n`;
}

const each = (bytesPerParameter: number) => `${bytesPerParameter.toFixed(3)} per parameter`;
const percent = (fraction: number) => `${(100 * fraction).toFixed(2)} %`;
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
