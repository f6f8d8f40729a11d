/** `bench NAME`: runs one of the repository's benchmarks. They are not part of the product, so they load by path. */
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { parseArgs } from 'node:util';
import { type Command, print, printJson, say, UsageError } from './command.ts';

type Row = Readonly<Record<string, string | number | boolean | null>>;
type Setting = (typeof SETTINGS)[number];
type Options = Readonly<Partial<Record<Setting, string>>> & { readonly quick: boolean };
interface Entry {
  readonly summary: string;
  readonly settings?: readonly Setting[];
  load(): Promise<{ run(options: Options): Row[] | Promise<Row[]> }>;
}
interface Registry {
  readonly BENCHMARKS: Readonly<Record<string, Entry>>;
}

/** What some benchmarks take besides. */
const SETTINGS = ['data', 'seeds', 'only', 'results'] as const;

/** Four folders up, from `src/commands` as from `dist/commands`. */
const REGISTRY = new URL('../../../../benchmarks/dist/index.js', import.meta.url);

export const bench: Command = {
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        data: { type: 'string' },
        seeds: { type: 'string' },
        only: { type: 'string' },
        results: { type: 'string' },
      },
    });
    const { quick, json, help, ...given } = values;
    const { BENCHMARKS } = await loadRegistry();
    if (help) {
      print(helpOn(BENCHMARKS));
      return 0;
    }
    const [name = '', ...others] = positionals;
    if (others.length > 0) throw new UsageError('name one benchmark');
    if (!Object.hasOwn(BENCHMARKS, name)) {
      say(`${name === '' ? 'Name a benchmark.' : `There is no benchmark ${name}.`}\n\n${helpOn(BENCHMARKS)}`);
      return 2;
    }
    const { settings = [], load } = BENCHMARKS[name]!;
    const unknown = SETTINGS.find((setting) => given[setting] !== undefined && !settings.includes(setting));
    if (unknown) throw new UsageError(`${name} takes no --${unknown}`);
    const benchmark = await load();
    say(`Measuring ${name}${quick ? ' (quick)' : ''} ...`);
    const report = { machine: describeMachine(), rows: await benchmark.run({ quick, ...given }) };
    if (json) printJson(report);
    else print(formatReport(report));
    return 0;
  },
};

async function loadRegistry(): Promise<Registry> {
  try {
    return (await import(REGISTRY.href)) as Registry;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error('the benchmarks are not built here; in the repository, run `npm run build` first', {
      cause: error,
    });
  }
}

function helpOn(benchmarks: Registry['BENCHMARKS']): string {
  const width = Math.max(...Object.keys(benchmarks).map((name) => name.length));
  const list = Object.entries(benchmarks).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  const taking = (setting: Setting) =>
    Object.keys(benchmarks)
      .filter((name) => benchmarks[name]!.settings?.includes(setting))
      .join(', ');
  return `Usage: tributary bench NAME [--quick] [--json]

${list.join('\n')}

  --quick         a look in a few seconds instead of figures to publish
  --json          prints { machine, rows } and nothing else on stdout
  --data DIR      folder of data files, such as MNIST's; generated data without it (${taking('data')})
  --seeds N       how many seeds are run (${taking('seeds')})
  --only TEXT     only rows whose name contains this (${taking('only')})
  --results FILE  keeps what is finished, so that the same call goes on from there (${taking('results')})`;
}

interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
}

function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
  };
}

function formatReport({ machine, rows }: { machine: Machine; rows: readonly Row[] }): string {
  const { processor, cores, memoryBytes, system, node } = machine;
  const about = `${processor}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB, ${system}, Node ${node}`;
  // Rows that name their measure have a table of their own.
  const tables = [rows.filter((row) => !('measure' in row)), rows.filter((row) => 'measure' in row)];
  return [about, ...tables.filter((some) => some.length > 0).map(tableOf)].join('\n\n');
}

function tableOf(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => columns.map((column) => String(row[column] ?? '-')));
  const widths = columns.map((column, i) => Math.max(column.length, ...cells.map((line) => line[i]!.length)));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, i) => text.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  return [line(columns), ...cells.map(line)].join('\n');
}
