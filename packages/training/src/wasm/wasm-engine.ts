/**
 * The engine on WebAssembly SIMD kernels. All numbers, exponentials too, come from WebAssembly, so with the strict build
 * one request gives the same bits in every browser and in Node.
 */
import type { Engine, EngineSpec } from '../network/engine.ts';
import { type MemoryLayout, type MemoryPlan, planMemory } from '../network/memory-plan.ts';
import { giveBackArena, lendArena, memoryForArena } from './arena.ts';
import type { KernelBuild } from './kernels.ts';
import { memoryOf } from './operations/index.ts';
import { optimiserStep } from './optimiser-step.ts';
import { type AddGradient, type Ground, type ParameterPlace, passesIn } from './passes.ts';

export function wasmLayout(build: KernelBuild): MemoryLayout {
  return {
    bytesPerNumber: 4,
    bytesPerParameterGradient: 4,
    alignment: 64,
    taken: (arenaBytes) => memoryForArena(build, arenaBytes),
    needs: memoryOf,
  };
}

/** Null where WebAssembly SIMD cannot run. @throws TributaryError `model-unsupported` when memory is short */
export function createWasmEngine(spec: EngineSpec, build: KernelBuild): Engine | null {
  const plan = planMemory({ ...spec, layout: wasmLayout(build) }, spec.examplesPerPass);
  const arena = lendArena(build, plan.arenaBytes);
  if (arena === null) return null;
  const engine = engineIn(arena, spec, plan);
  return { ...engine, bytes: plan.bytes, dispose: () => giveBackArena(arena) };
}

export function parameterPlace({ base }: Pick<Ground, 'base'>, plan: MemoryPlan): ParameterPlace {
  return { trained: base + plan.parameters, frozen: base + plan.frozen };
}

/** `spread` may let others add a part of each batch's gradient. */
export function engineIn(
  ground: Ground,
  spec: EngineSpec,
  plan: MemoryPlan,
  spread: (alone: AddGradient) => AddGradient = (alone) => alone,
): Omit<Engine, 'bytes' | 'dispose'> {
  const { kernels, memory, base } = ground;
  const { network, optimiser } = spec;
  const floats: Float32Array = new Float32Array(memory.buffer);
  const passes = passesIn(ground, spec, plan, parameterPlace(ground, plan));
  const addGradient = spread(passes.addGradient);
  const updateParameters = optimiserStep(kernels, optimiser, {
    parameters: base + plan.parameters,
    gradient: base + plan.gradient,
    moments: plan.moments.map((offset) => base + offset),
    bytes: 4 * network.trainedSize,
  });
  let loss = 0;

  const vectorAt = (offset: number, size: number): Float32Array => {
    const from = (base + offset) / 4;
    return floats.subarray(from, from + size);
  };
  const parameters = vectorAt(plan.parameters, network.trainedSize);
  const moments = plan.moments.map((offset) => vectorAt(offset, network.trainedSize));

  return {
    load(initial, state, frozen) {
      // Everything up to the frozen parameters: padding must be zero, and gradients begin there.
      kernels.clear(base, plan.frozen);
      parameters.set(initial);
      moments.forEach((moment, index) => {
        if (state[index]) moment.set(state[index]);
      });
      vectorAt(plan.frozen, network.frozenSize).set(frozen);
      loss = 0;
    },
    step(examples, batch, step) {
      loss += addGradient(examples, batch, batch.length);
      updateParameters(step);
    },
    takeLoss() {
      const taken = loss;
      loss = 0;
      return taken;
    },
    predict: passes.predict,
    parameters: () => parameters.slice(),
    optimiserState: () => moments.map((moment) => moment.slice()),
  };
}
