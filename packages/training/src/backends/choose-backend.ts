/** The best backend that can train this model here, with the reason against each better one. */
import { type BackendName, type BackendReport, type ModelSpec, TributaryError } from '@tributary/fl-core';
import { requireDense } from '../dense/require-dense.ts';
import { type BackendOptions, openBackend, type TfjsBackendName } from './open-backend.ts';
import { createSelfTest, type SelfTest } from './self-test.ts';

export interface BackendChoice extends BackendOptions {
  /** Takes this backend or fails; a software adapter is then taken too. */
  readonly prefer?: BackendName;
}

/**
 * WebGPU, WebGL, WASM, CPU. For dense models the plain trainer stands before WASM, being many times faster
 * (docs/decisions/0005-dense-trainer.md); it is never passed over.
 * @throws TributaryError `backend-unavailable` when the preferred backend cannot train this model
 */
export async function chooseBackend(model: ModelSpec, choice: BackendChoice = {}): Promise<BackendReport> {
  if (choice.prefer !== undefined) return takePreferred(model, choice.prefer, choice);
  const passedOver: { name: BackendName; reason: string }[] = [];
  const selfTest = createSelfTest(model);
  for (const name of candidatesFor(model)) {
    const tried = await tryBackend(name, choice, selfTest);
    if (tried.usable) return { name, adapter: tried.adapter, passedOver };
    passedOver.push({ name, reason: tried.reason });
  }
  throw new TributaryError('backend-unavailable', describe(passedOver));
}

function candidatesFor(model: ModelSpec): readonly BackendName[] {
  const dense = model.kind === 'softmax-regression' || model.kind === 'mlp';
  return dense ? ['webgpu', 'webgl', 'plain'] : ['webgpu', 'webgl', 'wasm', 'cpu'];
}

async function takePreferred(
  model: ModelSpec,
  name: BackendName,
  choice: BackendChoice,
): Promise<BackendReport> {
  if (name === 'plain') requireDense(model);
  const tried = await tryBackend(name, { ...choice, allowSoftwareAdapter: true }, createSelfTest(model));
  if (tried.usable) return { name, adapter: tried.adapter, passedOver: [] };
  throw new TributaryError('backend-unavailable', describe([{ name, reason: tried.reason }]));
}

type Tried = { usable: true; adapter: string } | { usable: false; reason: string };

async function tryBackend(name: BackendName, options: BackendOptions, selfTest: SelfTest): Promise<Tried> {
  if (name === 'plain') return { usable: true, adapter: '' };
  const opened = await openBackend(name, options);
  if (!opened.usable || name === 'cpu') return opened;
  await openBackend('cpu', {});
  const tested = await selfTest.run(name satisfies TfjsBackendName);
  return tested.passed ? opened : { usable: false, reason: tested.reason };
}

function describe(passedOver: readonly { name: BackendName; reason: string }[]): string {
  return passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
}
