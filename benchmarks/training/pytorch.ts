/** PyTorch on one thread, in a process of its own that gets the same examples in files. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { CannotTrain, Program } from './program.ts';
import { examplesOf, LEARNING_RATE, modelOf, type Workload } from './workload.ts';

/** Seen from `dist/training`: the compiler copies no Python. */
const SCRIPT = fileURLToPath(new URL('../../training/pytorch.py', import.meta.url));
/** Debian's, which has `python3-torch`; another one on the PATH would not see it. */
const PYTHON = process.env.PYTORCH_PYTHON ?? '/usr/bin/python3';

export const HOW_TO_INSTALL =
  'PyTorch is not there, so no ratio to it: `apt-get install python3-torch libopenblas0`, or name a Python that has it in PYTORCH_PYTHON';

export async function openPyTorch(workload: Workload): Promise<Program | CannotTrain> {
  const examples = examplesOf(workload);
  const folder = await mkdtemp(join(tmpdir(), 'tributary-pytorch-'));
  const [inputs, labels] = [join(folder, 'inputs'), join(folder, 'labels')];
  await Promise.all([writeFile(inputs, examples.inputs), writeFile(labels, examples.labels)]);

  const child = spawn(PYTHON, [SCRIPT], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' },
  });
  const exited = once(child, 'exit').catch(() => {});
  // A Python that is not there, or dies: the line that never comes says so.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint += String(text);
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (line: string): Promise<unknown> => {
    child.stdin.write(`${line}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error(complaint.trim().split('\n').at(-1) || `${PYTHON} does not start`);
    return JSON.parse(value);
  };
  const close = async () => {
    child.stdin.end();
    await exited;
    await rm(folder, { recursive: true, force: true });
    return {};
  };

  try {
    await ask(
      JSON.stringify({
        model: workload.model,
        spec: modelOf(workload),
        batch: workload.batch,
        learningRate: LEARNING_RATE,
        inputs,
        inputShape: examples.inputShape,
        labels,
      }),
    );
  } catch (error) {
    await close();
    return { reason: (error as Error).message };
  }
  return { run: async (steps) => (await ask(String(steps))) as number, close };
}
