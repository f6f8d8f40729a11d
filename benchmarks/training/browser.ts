/** A real Chromium with the benchmark's page; WebGPU on its software adapter unless the machine has a GPU. */
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { openBuiltPage } from '../built-page.ts';
import type { BenchmarkPage, ProgramName } from './page/protocol.ts';
import type { CannotTrain, Program } from './program.ts';
import type { Workload } from './workload.ts';

/** Seen from `dist/training`. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--enable-unsafe-webgpu',
  // Takes the machine's own GPU when asked to: TRAINING_WEBGPU_ADAPTER=default.
  ...(process.env.TRAINING_WEBGPU_ADAPTER === 'default' ? [] : ['--use-webgpu-adapter=swiftshader']),
];

export interface BenchmarkBrowser {
  readonly version: string;
  open(program: ProgramName, workload: Workload): Promise<Program | CannotTrain>;
  readonly peaks: BenchmarkPage['peaks'];
  readonly update: BenchmarkPage['update'];
  readonly memory: BenchmarkPage['memory'];
  /** In a page that is cross-origin isolated; the others' is not, so that they all have one thread. */
  readonly threads: BenchmarkPage['threads'];
  close(): Promise<void>;
}

type WithPage = { benchmarkPage: BenchmarkPage };

export async function openBrowser(): Promise<BenchmarkBrowser> {
  const built = await openBuiltPage({
    root: ROOT,
    config: 'benchmarks/training/page/vite.config.ts',
  });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  const page = await browser.newPage();
  await page.goto(built.url);
  await page.waitForFunction(() => 'benchmarkPage' in globalThis);
  return {
    version: `Chromium ${browser.version()}`,
    async open(program, workload) {
      const opened = await page.evaluate(
        ([name, what]) => (globalThis as unknown as WithPage).benchmarkPage.open(name, what),
        [program, workload] as const,
      );
      if (typeof opened !== 'number') return opened;
      return {
        run: (steps) =>
          page.evaluate(
            ([handle, count]) => (globalThis as unknown as WithPage).benchmarkPage.run(handle, count),
            [opened, steps] as const,
          ),
        close: () =>
          page.evaluate((handle) => (globalThis as unknown as WithPage).benchmarkPage.close(handle), opened),
      };
    },
    peaks: (engine) =>
      page.evaluate((name) => (globalThis as unknown as WithPage).benchmarkPage.peaks(name), engine),
    update: (model, turns) =>
      page.evaluate(
        ([name, count]) => (globalThis as unknown as WithPage).benchmarkPage.update(name, count),
        [model, turns] as const,
      ),
    memory: (engine, model, steps) =>
      page.evaluate(
        ([name, spec, count]) => (globalThis as unknown as WithPage).benchmarkPage.memory(name, spec, count),
        [engine, model, steps] as const,
      ),
    async threads(workload, turns, epochs) {
      const isolated = await browser.newPage();
      await isolated.goto(built.isolatedUrl);
      await isolated.waitForFunction(() => 'benchmarkPage' in globalThis);
      const times = await isolated.evaluate(
        ([what, count, length]) =>
          (globalThis as unknown as WithPage).benchmarkPage.threads(what, count, length),
        [workload, turns, epochs] as const,
      );
      await isolated.close();
      return times;
    },
    async close() {
      await browser.close();
      built.close();
    },
  };
}
