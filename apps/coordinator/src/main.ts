#!/usr/bin/env node
/** The command line: `tributary COMMAND`. Commands are loaded when named, so that help is instant. */
import { type Command, print, say, UsageError } from './commands/command.ts';

const COMMANDS: Record<string, { summary: string; load: () => Promise<Command> }> = {
  serve: {
    summary: 'coordinator, page and dashboard on one port; --demo adds a run and participants',
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  runs: {
    summary: 'list, create, steer and roll back runs; make join links, and take them back',
    load: async () => (await import('./commands/runs.ts')).runs,
  },
  export: {
    summary: 'save a model of a run to a file',
    load: async () => (await import('./commands/export.ts')).exportCommand,
  },
  token: {
    summary: 'make, list and revoke operator tokens',
    load: async () => (await import('./commands/token.ts')).token,
  },
  doctor: {
    summary: 'check machine, browser, port and data folder; says what to do',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  simulate: {
    summary: 'run a scenario with virtual participants under virtual time',
    load: async () => (await import('./commands/simulate.ts')).simulate,
  },
  bench: {
    summary: 'run a benchmark, as table or JSON',
    load: async () => (await import('./commands/bench.ts')).bench,
  },
};

process.exitCode = await main(process.argv.slice(2));

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    print(overview());
    return name === undefined ? 2 : 0;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!entry) {
    say(`There is no command \`${name}\`.\n\n${overview()}`);
    return 2;
  }
  try {
    const command = await entry.load();
    if (command.help !== undefined && (args.includes('--help') || args.includes('-h'))) {
      print(command.help);
      return 0;
    }
    return await command.run(args);
  } catch (error) {
    return explain(error, name);
  }
}

function explain(error: unknown, name: string): number {
  const message = error instanceof Error ? error.message : String(error);
  say(`tributary ${name}: ${message}`);
  if (!isUsageError(error)) return 1;
  say(`See \`tributary ${name} --help\`.`);
  return 2;
}

/** Ours, or what `parseArgs` says about unknown options. */
function isUsageError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS');
}

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Tributary: federated learning in the browser.

Usage: tributary COMMAND [OPTIONS]

${lines.join('\n')}

Each command has --help. Exit codes: 0 done, 1 failed, 2 used wrongly.`;
}
