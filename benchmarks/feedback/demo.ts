/** The demo as `npm start` runs it, in a folder that is forgotten. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../apps/coordinator/dist/main.js', import.meta.url));

export interface Demo {
  readonly joinUrl: string;
  readonly dashboardUrl: string;
  stop(): Promise<void>;
}

export async function startDemo(): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-feedback-'));
  const args = [MAIN, 'serve', '--demo', '--json', '--port', '0', '--data', folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    if (printed.trim().endsWith('}')) break;
  }
  return {
    ...(JSON.parse(printed) as { joinUrl: string; dashboardUrl: string }),
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
