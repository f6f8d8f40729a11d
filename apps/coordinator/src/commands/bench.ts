/** `bench NAME`: runs one of the repository's benchmarks. They are not part of the product, so they load by path. */
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { parseArgs } from 'node:util';
import { type Command, print, printJson, say, UsageError } from './command.ts';

type Row = Readonly<Record<string, string | number | boolean | null>>;
interface Registry {
  readonly BENCHMARKS: Readonly<
    Record<
      string,
      { summary: string; load(): Promise<{ run(options: { quick: boolean }): Row[] | Promise<Row[]> }> }
    >
  >;
}

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
      },
    });
    const { BENCHMARKS } = await loadRegistry();
    if (values.help) {
      print(helpOn(BENCHMARKS));
      return 0;
    }
    const [name = '', ...others] = positionals;
    if (others.length > 0) throw new UsageError('name one benchmark');
    if (!Object.hasOwn(BENCHMARKS, name)) {
      say(`${name === '' ? 'Name a benchmark.' : `There is no benchmark ${name}.`}\n\n${helpOn(BENCHMARKS)}`);
      return 2;
    }
    const benchmark = await BENCHMARKS[name]!.load();
    say(`Measuring ${name}${values.quick ? ' (quick)' : ''} ...`);
    const report = { machine: describeMachine(), rows: await benchmark.run({ quick: values.quick }) };
    if (values.json) printJson(report);
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
  return `Usage: tributary bench NAME [--quick] [--json]

${list.join('\n')}

  --quick  a look in a few seconds instead of figures to publish
  --json   prints { machine, rows } and nothing else on stdout`;
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
