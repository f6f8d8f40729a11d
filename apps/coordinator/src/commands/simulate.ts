/** `simulate SCENARIO.json`: a seeded run with virtual participants through the real machines, in virtual time. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { TributaryError } from '@tributary/fl-core';
import { parseScenario, type Scenario, type SimulationResult, simulate } from '@tributary/simulation';
import { createDenseTrainer } from '@tributary/training/dense';
import { loadScenarioData } from '../data-files/scenario-dataset.ts';
import { nativeSha256 } from '../native-sha256.ts';

const HELP = `simulate SCENARIO.json [options]

Runs a federated run with virtual participants through the real state machines and frames, in virtual time.
The same seed gives the same model, bit for bit.

  --data DIR    folder of the scenario's data files (MNIST, CSV); generated data needs none
  --seed SEED   another seed than the scenario's
  --rounds N    at most this many committed rounds
  --json        one JSON object on stdout and nothing else; progress still goes to stderr
  --help
`;

/** @returns the process's exit code: 0 done, 1 failed, 2 called wrongly */
export async function simulateCommand(args: readonly string[]): Promise<0 | 1 | 2> {
  const call = readCall(args);
  if ('exitCode' in call) {
    (call.exitCode === 0 ? process.stdout : process.stderr).write(call.text);
    return call.exitCode;
  }
  try {
    const started = performance.now();
    const scenario = await readScenario(call);
    const result = await runScenario(scenario, call.data);
    const report = { ...result, wallSeconds: (performance.now() - started) / 1000 };
    process.stdout.write(call.json ? `${JSON.stringify(report)}\n` : formatReport(report));
    return 0;
  } catch (error) {
    if (!(error instanceof TributaryError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

interface Call {
  readonly file: string;
  readonly data: string | undefined;
  readonly seed: string | undefined;
  readonly rounds: number | undefined;
  readonly json: boolean;
}

function readCall(args: readonly string[]): Call | { exitCode: 0 | 2; text: string } {
  const wrong = (message: string) => ({ exitCode: 2 as const, text: `${message}\n\n${HELP}` });
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        data: { type: 'string' },
        seed: { type: 'string' },
        rounds: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { exitCode: 0, text: HELP };
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) return wrong('Name one scenario file.');
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
    if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
      return wrong(`--rounds is ${values.rounds}, expected a whole number above 0.`);
    }
    return { file, data: values.data, seed: values.seed, rounds, json: values.json };
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
}

async function readScenario(call: Call): Promise<Scenario> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(call.file, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new TributaryError('manifest-invalid', `${call.file} ${reason}.`, { cause });
  }
  const scenario = parseScenario(document);
  return parseScenario({
    ...scenario,
    ...(call.seed === undefined ? {} : { seed: call.seed }),
    ...(call.rounds === undefined ? {} : { maximumRounds: call.rounds }),
  });
}

async function runScenario(scenario: Scenario, folder: string | undefined): Promise<SimulationResult> {
  const progress = progressLine();
  progress.show(`${scenario.name}: preparing data`);
  try {
    const dataset = await loadScenarioData(scenario, { folder, warn: (message) => progress.keep(message) });
    const trainer = createDenseTrainer();
    const started = performance.now();
    progress.show(`${scenario.name}: first round`);
    return await simulate(scenario, {
      trainer,
      dataset,
      sha256: nativeSha256,
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

function formatReport(report: SimulationResult & { wallSeconds: number }): string {
  const target = report.targetAccuracy === null ? 'no target' : `${percent(report.targetAccuracy)}`;
  const rows: [string, string][] = [
    ['scenario', report.name],
    ['seed', report.seed],
    ['rounds', `${report.rounds} committed, ${report.abandonedRounds} abandoned`],
    ['rounds to target', `${report.roundsToTarget ?? 'not reached'} (${target})`],
    ['final accuracy', report.finalAccuracy === null ? 'not measured' : percent(report.finalAccuracy)],
    ['dropouts', String(report.dropouts)],
    ['bytes up', megabytes(report.bytesUp)],
    ['bytes down', megabytes(report.bytesDown)],
    ['virtual time', `${report.virtualSeconds.toFixed(1)} s`],
    ['real time', `${report.wallSeconds.toFixed(1)} s`],
    ['model hash', report.modelHash],
  ];
  const table = rows.map(([name, value]) => `${name.padEnd(18)}${value}\n`).join('');
  return `${curve(report)}${table}`;
}

/** Accuracy by round, in at most twenty lines. */
function curve(report: SimulationResult): string {
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

const percent = (fraction: number) => `${(100 * fraction).toFixed(2)} %`;
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
